from collections.abc import Callable

from live_sentiment.levels import frames_in
from live_sentiment.stand_out import StandOut, StandOutConfig


def sure() -> float:
    """A second opinion: it is a voice."""
    return 0.9


def doubt(levels: list[float], probabilities: list[float], afresh: Callable[[], float] = sure) -> list[float]:
    """What remains of ``probabilities`` after 2 s of background at -40 dBFS."""
    check = StandOut(StandOutConfig(), afresh)
    for _ in range(62):
        check.accept(0.0, -40.0)
    return [check.accept(p, level) for p, level in zip(probabilities, levels, strict=True)]


def test_a_middling_voice_that_does_not_stand_out_is_doubted() -> None:
    assert doubt([-30.0] * 8, [0.8] * 8) == [0.45] * 8


def test_a_middling_voice_that_stands_out_is_believed() -> None:
    assert doubt([-20.0] * 4, [0.6] * 4) == [0.6] * 4


def test_a_certain_voice_is_believed_at_any_level() -> None:
    assert doubt([-40.0] * 2, [0.95] * 2) == [0.95] * 2


def test_a_steady_voice_is_believed_at_last() -> None:
    assert doubt([-35.0] * 16, [0.8] * 16) == [0.45] * 13 + [0.8] * 3


def test_a_steady_voice_that_is_none_when_heard_anew_is_doubted_on() -> None:
    asked: list[int] = []

    def habit() -> float:
        asked.append(1)
        return 0.2

    assert doubt([-35.0] * 60, [0.8] * 60, habit) == [0.45] * 60
    assert len(asked) == 4, "once in 14 frames: it costs something"


def test_once_believed_a_voice_is_believed_for_a_second() -> None:
    told = doubt([-40.0] * 60, [0.95] + [0.1] * 20 + [0.6] + [0.1] * 37 + [0.6])
    assert told[21] == 0.6
    assert told[-1] == 0.45


def test_before_the_background_is_known_only_a_certain_voice_is_believed() -> None:
    check = StandOut(StandOutConfig(), sure)
    assert [check.accept(p, -10.0) for p in (0.8, 0.8, 0.92)] == [0.45, 0.45, 0.92]


def test_low_probabilities_pass_unchanged() -> None:
    assert doubt([-40.0, -10.0], [0.3, 0.5]) == [0.3, 0.5]


def on_a_silent_line(levels: list[float], probabilities: list[float]) -> list[float]:
    """What remains of ``probabilities`` after 2 s of digital silence."""
    check = StandOut(StandOutConfig(), lambda: 0.2)
    for _ in range(62):
        check.accept(0.0, -100.0)
    return [check.accept(p, level) for p, level in zip(probabilities, levels, strict=True)]


def test_on_a_silent_line_a_middling_voice_must_last() -> None:
    lasting = frames_in(StandOutConfig().lasting)
    assert on_a_silent_line([-20.0] * 8, [0.7] * 8) == [0.45] * (lasting - 1) + [0.7] * (8 - lasting + 1)


def test_music_that_begins_on_a_silent_line_is_no_voice() -> None:
    """It sounds for a while without being one, and when it gets to 0.7 it is no louder than it was."""
    told = on_a_silent_line([-20.0] * 20, [0.1] * 10 + [0.7] * 10)
    assert max(told) <= 0.45


def test_a_voice_over_soft_sound_on_a_silent_line_is_heard() -> None:
    told = on_a_silent_line([-50.0] * 10 + [-20.0] * 10, [0.1] * 10 + [0.7] * 10)
    assert told[-1] == 0.7


def test_a_reset_check_knows_no_background() -> None:
    check = StandOut(StandOutConfig(), sure)
    for _ in range(62):
        check.accept(0.0, -40.0)
    check.reset()
    assert check.accept(0.8, -10.0) == 0.45
