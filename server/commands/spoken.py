"""Which language a verb hears a recording in, when its user does not say. Which model hears it is chosen elsewhere."""

from typing import Literal

from server.settings import Settings

Language = Literal["auto", "en", "nl"]
DEMO_CALL: Language = "en"
"""What is spoken in the demo call."""


def spoken_in(settings: Settings, given: Language | None, *, demo_call: bool) -> Language:
    """What the user ``given`` or else the settings say; but the demo call is not heard in a language it is not in."""
    if given is None and demo_call and settings.language != DEMO_CALL:
        return "auto"
    return given or settings.language
