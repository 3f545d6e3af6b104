"""Where the demo call lies: our own recording, its turns, and nothing else. It is made by ``make demo-call``."""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "demo"


def path() -> Path:
    """The recording: FLAC, 8 kHz, left the agent, right the customer."""
    return _FOLDER / "demo_call.flac"


def turns_path() -> Path:
    """Its turns: a JSON list of channel, text, start and end in seconds, the sentiment meant, and backchannel."""
    return _FOLDER / "demo_call.json"
