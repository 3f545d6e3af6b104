"""The clip that comes with Spiegel: spoken again it is the same, and the embedded recogniser reads its text."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from live_sentiment.clips import CHECK_PATH, CHECK_TEXT, check_clip
from live_sentiment.hypothesis import key
from live_sentiment.moonshine.engine import MoonshineEngine

ROOT = Path(__file__).resolve().parents[2]


def test_the_embedded_engine_reads_the_clips_text() -> None:
    ear = MoonshineEngine.load().transcriber()
    ear.accept(check_clip())
    assert [key(word.text) for word in ear.flush().words] == [key(word) for word in CHECK_TEXT.split()]


@pytest.mark.skipif(shutil.which("flite") is None, reason="Debian's flite is not installed")
def test_spoken_again_it_is_the_same_clip(tmp_path: Path) -> None:
    again = tmp_path / "again.flac"
    script = ROOT / "docs" / "demo_call" / "make_check_clip.py"
    subprocess.run([sys.executable, script, again], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    samples, shipped = (soundfile.read(path, dtype="int16")[0].astype(int) for path in (again, CHECK_PATH))
    assert samples.shape == shipped.shape
    assert np.abs(samples - shipped).max() <= 8  # one step of 13 bits, should a processor round otherwise
