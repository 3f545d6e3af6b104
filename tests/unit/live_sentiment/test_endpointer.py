import pytest

from live_sentiment.endpointer import Decision, Endpoint, Endpointer, EndpointerConfig, Onset, Pause, Resume
from live_sentiment.events import FRAME_SECONDS

F = FRAME_SECONDS


class Script:
    """Feeds runs of probabilities on virtual time and gathers what is decided, with the frame it came with."""

    def __init__(self, config: EndpointerConfig | None = None) -> None:
        self.endpointer = Endpointer(config)
        self.frame = 0
        self.told: list[tuple[int, Decision]] = []

    def say(self, probability: float, frames: int = 1) -> "Script":
        for _ in range(frames):
            decisions = self.endpointer.accept(probability, self.frame * F, (self.frame + 1) * F)
            self.told += [(self.frame, one) for one in decisions]
            self.frame += 1
        return self

    def only(self, kind: type[Decision]) -> list[Decision]:
        return [one for _, one in self.told if isinstance(one, kind)]

    @property
    def kinds(self) -> list[str]:
        return [type(one).__name__ for _, one in self.told]


def test_two_frames_begin_an_utterance_with_pre_roll() -> None:
    script = Script().say(0.0, 20).say(0.6, 2)
    assert script.told == [(21, Onset(pytest.approx(20 * F - 0.3)))]


@pytest.mark.parametrize("probability", [0.5, 0.4, 0.0])
def test_one_frame_over_the_threshold_is_no_speech(probability: float) -> None:
    script = Script()
    for _ in range(10):
        script.say(0.9).say(probability)
    assert script.told == []


def test_pre_roll_never_reaches_before_the_audio_began() -> None:
    script = Script().say(0.0, 3).say(0.9, 2)
    assert script.only(Onset) == [Onset(0.0)]


def test_what_leads_to_speech_belongs_to_it_but_for_half_a_second_at_most() -> None:
    assert Script().say(0.0, 50).say(0.45, 5).say(0.9, 2).only(Onset) == [Onset(pytest.approx(50 * F - 0.3))]
    onset = Script().say(0.45, 50).say(0.9, 2).only(Onset)[0]
    assert isinstance(onset, Onset)
    newest = 51 * F
    assert newest - 0.8 <= onset.start < newest - 0.8 + F


def test_silence_gives_a_pause_then_the_endpoint() -> None:
    script = Script().say(0.0, 20).say(0.8, 30).say(0.1, 20)
    assert script.kinds == ["Onset", "Pause", "Endpoint"]
    spoken_until = 50 * F
    (_, (_, pause), (ended_with, endpoint)) = script.told[0], script.told[1], script.told[2]
    assert pause == Pause(pytest.approx(spoken_until + 4 * F))
    assert ended_with == 50 + 12, "0.416 s of silence: the first frame past the hangover"
    assert isinstance(endpoint, Endpoint)
    assert endpoint.start == pytest.approx(20 * F - 0.3)
    assert endpoint.end == pytest.approx(spoken_until + 0.1)
    assert endpoint.reason == "silence"
    assert endpoint.voiced_seconds == pytest.approx(30 * F)
    assert endpoint.mean_probability == pytest.approx(0.8)


def test_speech_after_a_pause_resumes_the_utterance() -> None:
    script = Script().say(0.9, 10).say(0.0, 8).say(0.9, 5).say(0.0, 20)
    assert script.kinds == ["Onset", "Pause", "Resume", "Pause", "Endpoint"]
    assert script.only(Resume) == [Resume(pytest.approx(18 * F))]
    endpoint = script.only(Endpoint)[0]
    assert isinstance(endpoint, Endpoint)
    assert endpoint.end == pytest.approx(23 * F + 0.1)
    assert endpoint.voiced_seconds == pytest.approx(15 * F)


def test_a_short_dip_is_no_pause() -> None:
    assert Script().say(0.9, 10).say(0.0, 3).say(0.9, 5).kinds == ["Onset"]


def silence_until_the_end(completeness: float | None) -> int:
    """Frames of silence that end an utterance when its words are known after the fifth."""
    script = Script().say(0.9, 10).say(0.0, 5)
    script.endpointer.expect(completeness)
    script.say(0.0, 30)
    return next(frame for frame, one in script.told if isinstance(one, Endpoint)) - 10 + 1


@pytest.mark.parametrize(
    ("completeness", "frames"), [(None, 13), (0.74, 13), (0.3, 13), (0.75, 9), (1.0, 9), (0.29, 17), (0.0, 17)]
)
def test_a_finished_sentence_ends_sooner_and_an_unfinished_one_later(completeness: float | None, frames: int) -> None:
    assert silence_until_the_end(completeness) == frames


def test_words_that_come_late_end_a_finished_sentence_with_the_next_frame() -> None:
    script = Script().say(0.9, 10).say(0.0, 11)
    script.endpointer.expect(0.9)
    assert script.kinds == ["Onset", "Pause"]
    assert script.say(0.0).kinds == ["Onset", "Pause", "Endpoint"]


def test_what_was_expected_is_forgotten_when_the_speaker_resumes() -> None:
    script = Script().say(0.9, 10).say(0.0, 5)
    script.endpointer.expect(0.9)
    script.say(0.9, 5).say(0.0, 12)
    assert script.kinds == ["Onset", "Pause", "Resume", "Pause"]


def test_outside_a_pause_nothing_is_expected() -> None:
    script = Script()
    script.endpointer.expect(0.9)
    script.say(0.9, 10)
    script.endpointer.expect(0.9)
    script.say(0.0, 2)
    script.endpointer.expect(0.9)
    assert script.say(0.0, 10).kinds == ["Onset", "Pause"]


def test_an_endpoint_knows_where_the_voice_ended() -> None:
    endpoints = Script().say(0.9, 10).say(0.0, 20).only(Endpoint)
    endpoints += Script().say(0.9, 340).say(0.5).say(0.9, 60).only(Endpoint)
    assert [one.speech_end for one in endpoints if isinstance(one, Endpoint)] == pytest.approx([10 * F, 340 * F])


def test_hysteresis_a_speaker_may_drop_to_the_lower_threshold() -> None:
    assert Script().say(0.9, 5).say(0.36, 60).kinds == ["Onset"]


def test_hysteresis_the_silent_must_pass_the_upper_threshold() -> None:
    assert Script().say(0.9, 5).say(0.1).say(0.45, 30).kinds == ["Onset", "Pause", "Endpoint"]


def test_the_next_utterance_does_not_reach_into_the_one_before() -> None:
    script = Script().say(0.9, 10).say(0.0, 13).say(0.9, 2)
    assert script.kinds == ["Onset", "Pause", "Endpoint", "Onset"]
    first, second = script.only(Endpoint)[0], script.only(Onset)[1]
    assert isinstance(first, Endpoint)
    assert isinstance(second, Onset)
    assert second.start == pytest.approx(max(first.end, 23 * F - 0.3))
    assert second.start >= first.end


def test_long_speech_is_split_where_it_was_least_like_speech() -> None:
    script = Script().say(0.9, 340).say(0.5).say(0.9, 60)
    assert script.kinds == ["Onset", "Endpoint", "Onset"]
    endpoint = script.only(Endpoint)[0]
    assert isinstance(endpoint, Endpoint)
    assert endpoint.reason == "split"
    assert endpoint.end == pytest.approx(340 * F)
    assert script.only(Onset)[1] == Onset(endpoint.end)
    assert script.told[1][0] == 340, "with the very frame, since what came before has been read already"


def test_speech_without_a_dip_is_split_at_the_limit_at_the_latest() -> None:
    script = Script().say(1.0, 400)
    endpoint = script.only(Endpoint)[0]
    assert isinstance(endpoint, Endpoint)
    assert endpoint.end == pytest.approx(12.0, abs=2 * F)


def test_a_cut_is_never_in_the_past() -> None:
    script = Script().say(0.9, 330).say(0.4, 2).say(0.9, 60)
    number, decision = next((n, d) for n, d in script.told if isinstance(d, Endpoint))
    assert decision.end == pytest.approx(number * F)


def test_both_parts_of_a_split_know_their_own_voice() -> None:
    script = Script().say(0.9, 340).say(0.5).say(0.7, 60).say(0.0, 20)
    first, second = script.only(Endpoint)
    assert isinstance(first, Endpoint)
    assert isinstance(second, Endpoint)
    assert first.voiced_seconds == pytest.approx(340 * F)
    assert second.voiced_seconds == pytest.approx(61 * F)
    assert first.mean_probability == pytest.approx(0.9)
    assert second.mean_probability == pytest.approx((0.5 + 60 * 0.7) / 61)


def test_a_speaker_silent_at_the_limit_is_not_split_but_ends() -> None:
    script = Script().say(0.9, 360).say(0.0, 20)
    assert script.kinds == ["Onset", "Pause", "Endpoint"]


def test_flush_ends_an_open_utterance() -> None:
    script = Script().say(0.9, 10)
    (endpoint,) = script.endpointer.flush(10 * F)
    assert isinstance(endpoint, Endpoint)
    assert endpoint.reason == "flush"
    assert endpoint.end == pytest.approx(10 * F)
    assert script.endpointer.flush(10 * F) == ()


def test_flush_without_an_utterance_says_nothing() -> None:
    assert Endpointer().flush(0.0) == ()
    assert Script().say(0.9, 1).endpointer.flush(F) == ()


def test_frames_before_and_after_a_flush_do_not_add_up() -> None:
    script = Script().say(0.9, 1)
    script.endpointer.flush(F)
    assert script.say(0.9, 1).told == []
    assert script.say(0.9, 1).only(Onset) == [Onset(pytest.approx(F))]


def test_missing_audio_ends_an_utterance() -> None:
    script = Script().say(0.9, 10)
    script.frame = 100
    script.say(0.9, 2)
    assert script.kinds == ["Onset", "Endpoint", "Onset"]
    first = script.only(Endpoint)[0]
    assert isinstance(first, Endpoint)
    assert first.end == pytest.approx(10 * F)
    assert script.only(Onset)[1] == Onset(pytest.approx(100 * F)), "no pre-roll out of what was not heard"


@pytest.mark.parametrize(
    "wrong",
    [
        {"silence": 0.6},
        {"onset_frames": 0},
        {"tail": 0.3},
        {"pause": 0.5},
        {"short_hangover": 0.45},
        {"long_hangover": 0.3},
        {"pre_roll": -0.1},
        {"split_window": 7.0},
        {"split_window": 0.0},
    ],
)
def test_settings_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        EndpointerConfig(**wrong)
