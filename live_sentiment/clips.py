"""The clip that comes with Spiegel: a sentence whose text is known, to try a recogniser with before any call.

It is our own text, spoken by Debian's flite; ``docs/demo_call/make_check_clip.py`` makes it. What is tried with it is
decided elsewhere.
"""

from pathlib import Path
from typing import cast

import soundfile

from live_sentiment.transcriber import Samples

CHECK_TEXT = "Good morning. I am calling about my order. It has not arrived yet."
"""What is said in the clip; ``CHECK_LANGUAGE`` is its ISO 639-1 code."""
CHECK_LANGUAGE = "en"
CHECK_PATH = Path(__file__).resolve().parent / "sounds" / "check_en.flac"
"""FLAC, mono, 16 kHz."""


def check_clip() -> Samples:
    """The clip, about four seconds: float32 of shape (n,) at ``SAMPLE_RATE``."""
    return cast("Samples", soundfile.read(CHECK_PATH, dtype="float32")[0])
