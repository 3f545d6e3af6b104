"""How long Whisper's windows are, and the check that decides whether a model bears short ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from live_sentiment.engine_family import Windows
from live_sentiment.transcriber import Samples
from live_sentiment.whisper.plan import Heard, Plan, Said
from live_sentiment.whisper.windows import PADDED, WindowConfig, choose

TRIMMED = WindowConfig()


@dataclass
class ScriptedReader:
    """Reads one text in a short window, another in a padded one."""

    short: Said
    padded: Said
    heard: list[bool] = field(default_factory=list)

    def hear(self, samples: Samples, window: WindowConfig) -> Heard:
        assert samples.size
        self.heard.append(window.padded)
        return Heard(window, samples.size)

    def read(self, heard: Heard, plan: Plan) -> Said:
        assert plan.language == "en"
        return self.padded if heard.features.padded else self.short


def said(text: str, *, capped: bool = False, looped: bool = False, sure: float = -0.2) -> Said:
    return Said(text, (1,), sure, 0.0, 1.0, capped=capped, looped=looped)


def chosen(short: Said, padded: Said) -> tuple[WindowConfig, str]:
    return choose(ScriptedReader(short, padded), "check", TRIMMED)


@pytest.mark.parametrize(
    ("audio", "frames"),
    [(0, 400), (10, 400), (150, 400), (151, 402), (500, 750), (1201, 1452), (2750, 3000), (2950, 3000), (4000, 3000)],
)
def test_a_window_is_the_audio_and_a_margin_within_bounds_and_even(audio: int, frames: int) -> None:
    assert TRIMMED.frames(audio) == frames
    assert PADDED.frames(audio) == 3000


def test_the_margin_and_the_shortest_window_can_be_chosen() -> None:
    config = WindowConfig(margin=1.0, shortest=2.0)
    assert (config.frames(10), config.frames(300)) == (200, 400)
    assert not config.padded
    assert PADDED.padded


@pytest.mark.parametrize(("margin", "shortest"), [(-0.1, 4.0), (2.5, -1.0), (2.5, 30.1)])
def test_impossible_windows_are_refused(margin: float, shortest: float) -> None:
    with pytest.raises(ValueError, match=r"margin .* shortest"):
        WindowConfig(margin, shortest)


def test_a_model_that_reads_the_same_words_gets_short_windows() -> None:
    window, why = chosen(said("good morning Its me"), said("Good morning, it's me."))
    assert window == TRIMMED
    assert "the same" in why


@pytest.mark.parametrize(
    ("short", "padded", "reason"),
    [
        (said("Good evening."), said("Good morning."), "otherwise"),
        (said("Good"), said("Good morning."), "otherwise"),
        (said(""), said("Good morning."), "otherwise"),
        (said(""), said(""), "nothing was read"),
        (said("!"), said("!", capped=True), "nothing was read"),
        (said("Good morning.", capped=True), said("Good morning."), "too many words"),
        (said("Good morning.", looped=True), said("Good morning."), "repeats itself"),
        (said("no " * 9), said("no " * 9), "repeats itself"),
    ],
)
def test_a_model_that_does_not_bear_short_windows_keeps_30_s(short: Said, padded: Said, reason: str) -> None:
    window, why = chosen(short, padded)
    assert window == PADDED
    assert reason in why


def test_being_unsure_in_both_is_no_difference() -> None:
    assert chosen(said("Good morning.", sure=-3.0), said("Good morning.", sure=-3.0))[0] == TRIMMED


@pytest.mark.parametrize(
    ("asked", "window", "heard"),
    [("trimmed", TRIMMED, []), ("padded", PADDED, []), ("check", TRIMMED, [False, True])],
)
def test_a_known_answer_costs_no_reading(asked: Windows, window: WindowConfig, heard: Sequence[bool]) -> None:
    reader = ScriptedReader(said("yes"), said("yes"))
    assert choose(reader, asked, TRIMMED).window == window
    assert reader.heard == heard
