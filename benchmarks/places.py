"""Where the recordings lie that the benchmarks measure with: beside the checkout, wherever they are started from."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""
AUDIO = ROOT.parent / "shared" / "audio"
"""Recordings that are not part of the project; may be absent."""
CALL = AUDIO / "calls" / "auto_repairs_en.flac"
"""A call of four minutes in English: what a benchmark of a whole call takes by default."""
