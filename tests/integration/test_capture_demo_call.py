"""The demo call can be spoken again from its script, and comes out the same."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio_capture import demo_call

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "demo_call" / "make_demo_call.py"


@pytest.mark.skipif(shutil.which("flite") is None, reason="Debian's flite is not installed")
def test_spoken_again_it_is_the_same_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("make_demo_call", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "make_demo_call", maker)
    spec.loader.exec_module(maker)
    monkeypatch.setattr(maker, "OUT", tmp_path)
    maker.main()
    assert json.loads((tmp_path / "demo_call.json").read_text()) == json.loads(demo_call.turns_path().read_text())
    again, rate = soundfile.read(tmp_path / "demo_call.flac", dtype="int16")
    shipped, shipped_rate = soundfile.read(demo_call.path(), dtype="int16")
    assert rate == shipped_rate
    assert again.shape == shipped.shape
    assert np.abs(again.astype(int) - shipped).max() <= 8  # one step of 13 bits, should a processor round otherwise
