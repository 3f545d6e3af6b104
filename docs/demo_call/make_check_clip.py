"""Speaks the sentence of ``live_sentiment.clips`` into its FLAC: ``python docs/demo_call/make_check_clip.py [FILE]``.

Needs Debian's ``flite``. The same text always gives the same samples: the voice is deterministic, nothing is added.
"""  # noqa: INP001 - a script beside the one it borrows from, not a module anybody imports

import re
import shutil
import sys
from pathlib import Path

import numpy as np
import soundfile
from make_demo_call import synthesise, trimmed

from live_sentiment.clips import CHECK_PATH, CHECK_TEXT
from live_sentiment.events import SAMPLE_RATE

VOICE = {"voice": "slt", "stretch": 1.0}
LEVEL = -22.0
"""dBFS, root mean square."""
PAUSE_SECONDS = 0.2
EDGE_SECONDS = 0.15
"""Silence at both ends."""
STEP = 8
"""The three lowest bits of 16 stay zero, which makes the file smaller and is not heard."""


def main(path: Path = CHECK_PATH) -> None:
    """Writes the FLAC to ``path``."""
    flite = shutil.which("flite")
    if flite is None:
        sys.exit("flite is missing. Install it with: apt-get install flite")
    pause, edge = (np.zeros(round(seconds * SAMPLE_RATE)) for seconds in (PAUSE_SECONDS, EDGE_SECONDS))
    parts = [edge]
    for sentence in re.split(r"(?<=[.?!])\s+", CHECK_TEXT):
        parts += [trimmed(synthesise(flite, VOICE, sentence, SAMPLE_RATE), SAMPLE_RATE), pause]
    clip = np.concatenate([*parts[:-1], edge])
    clip *= 10 ** (LEVEL / 20) / np.sqrt(np.mean(clip**2))
    samples = (np.round(clip * 4095) * STEP).astype(np.int16)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, SAMPLE_RATE, subtype="PCM_16", format="FLAC", compression_level=1.0)
    seconds, size = samples.size / SAMPLE_RATE, path.stat().st_size / 1024
    print(f"{path}: {seconds:.1f} s, {size:.0f} KiB, peak {np.abs(clip).max():.2f}")  # noqa: T201 - says what it made


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
