"""In which language a verb hears a recording."""

import pytest

from audio_capture.demo_call import turns_path
from server.commands.spoken import DEMO_CALL, Language, spoken_in
from server.settings import Settings


@pytest.mark.parametrize("demo_call", [True, False])
@pytest.mark.parametrize("setting", ["auto", "nl", "en"])
def test_what_is_given_counts(setting: Language, *, demo_call: bool) -> None:
    assert spoken_in(Settings(language=setting), "nl", demo_call=demo_call) == "nl"


@pytest.mark.parametrize(
    ("setting", "recording", "demo_call"), [("auto", "auto", "auto"), ("en", "en", "en"), ("nl", "nl", "auto")]
)
def test_else_the_settings_do_but_not_for_a_call_in_another_language(
    setting: Language, recording: str, demo_call: str
) -> None:
    settings = Settings(language=setting)
    assert spoken_in(settings, None, demo_call=False) == recording
    assert spoken_in(settings, None, demo_call=True) == demo_call


def test_the_demo_call_is_in_that_language() -> None:
    assert (DEMO_CALL, " my order" in turns_path().read_text("utf-8")) == ("en", True)
