"""Whatever the probabilities, utterances are well formed, apart, complete and short enough."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from live_sentiment.endpointer import Decision, Endpoint, Endpointer, EndpointerConfig, Onset, Pause, Resume
from live_sentiment.events import FRAME_SECONDS

CONFIG = EndpointerConfig(max_utterance=3.0, split_window=0.5)

RUNS = st.lists(st.tuples(st.floats(0.0, 1.0), st.integers(1, 40)), max_size=30)
"""Runs of one probability, so that long speech and long silence are likely."""
PROBABILITIES = st.one_of(
    RUNS.map(lambda runs: [probability for probability, count in runs for _ in range(count)]),
    st.lists(st.floats(0.0, 1.0), max_size=300),
)


def decisions(probabilities: list[float], config: EndpointerConfig = CONFIG) -> list[Decision]:
    endpointer = Endpointer(config)
    told: list[Decision] = []
    for index, probability in enumerate(probabilities):
        told += endpointer.accept(probability, index * FRAME_SECONDS, (index + 1) * FRAME_SECONDS)
    return [*told, *endpointer.flush(len(probabilities) * FRAME_SECONDS)]


def endpoints(told: list[Decision]) -> list[Endpoint]:
    return [decision for decision in told if isinstance(decision, Endpoint)]


@given(PROBABILITIES)
def test_onset_and_endpoint_alternate_and_name_the_same_start(probabilities: list[float]) -> None:
    bounds = [one for one in decisions(probabilities) if isinstance(one, Onset | Endpoint)]
    assert len(bounds) % 2 == 0
    for onset, endpoint in zip(bounds[::2], bounds[1::2], strict=True):
        assert isinstance(onset, Onset)
        assert isinstance(endpoint, Endpoint)
        assert endpoint.start == onset.start


@given(PROBABILITIES)
def test_pause_and_resume_alternate_inside_an_utterance(probabilities: list[float]) -> None:
    inside = paused = False
    for one in decisions(probabilities):
        match one:
            case Onset():
                assert not inside
                inside, paused = True, False
            case Endpoint():
                assert inside
                inside = False
            case Pause():
                assert inside
                assert not paused
                paused = True
            case Resume():
                assert inside
                assert paused
                paused = False


@given(PROBABILITIES, st.lists(st.one_of(st.none(), st.floats(0.0, 1.0)), min_size=1, max_size=20))
def test_whatever_is_thought_of_the_words_the_silence_is_within_bounds(
    probabilities: list[float], thoughts: list[float | None]
) -> None:
    endpointer = Endpointer(CONFIG)
    for index, probability in enumerate(probabilities):
        end = (index + 1) * FRAME_SECONDS
        for one in endpointer.accept(probability, index * FRAME_SECONDS, end):
            if isinstance(one, Endpoint) and one.reason == "silence":
                silence = end - one.speech_end
                assert CONFIG.short_hangover - 1e-6 <= silence <= CONFIG.long_hangover + FRAME_SECONDS + 1e-6
        endpointer.expect(thoughts[index % len(thoughts)])


@given(PROBABILITIES)
def test_utterances_have_a_length_and_never_overlap(probabilities: list[float]) -> None:
    ends = endpoints(decisions(probabilities))
    length = len(probabilities) * FRAME_SECONDS
    assert all(0.0 <= one.start < one.end <= length + 1e-9 for one in ends)
    assert all(one.end <= following.start for one, following in pairwise(ends))


@given(PROBABILITIES)
@example([0.5625, 0.5625, 0.0, 0.0, 0.5625])  # a silence inside counts for the mean
def test_what_the_guards_need_is_within_bounds(probabilities: list[float]) -> None:
    for one in endpoints(decisions(probabilities)):
        assert 0.0 < one.voiced_seconds <= one.end - one.start + 1e-9
        assert one.mean_probability <= 1.0
        assert one.mean_probability * (one.speech_end - one.start) >= CONFIG.silence * one.voiced_seconds - 1e-9


@given(PROBABILITIES)
def test_every_frame_of_a_voiced_run_is_in_exactly_one_utterance(probabilities: list[float]) -> None:
    ends = endpoints(decisions(probabilities))
    loud = [probability > CONFIG.speech for probability in probabilities]
    for index, voiced in enumerate(loud):
        beside = any(loud[max(0, index - 1) : index]) or any(loud[index + 1 : index + 2])
        if voiced and beside:
            middle = (index + 0.5) * FRAME_SECONDS
            assert sum(one.start <= middle <= one.end for one in ends) == 1


@given(PROBABILITIES)
def test_no_utterance_is_longer_than_the_maximum_and_the_hangover(probabilities: list[float]) -> None:
    longest = CONFIG.max_utterance + CONFIG.long_hangover + FRAME_SECONDS
    assert all(one.end - one.start <= longest for one in endpoints(decisions(probabilities)))


@given(PROBABILITIES)
def test_the_same_frames_give_the_same_decisions(probabilities: list[float]) -> None:
    assert decisions(probabilities) == decisions(probabilities)


@given(PROBABILITIES, st.integers(0, 300))
def test_nothing_from_before_a_flush_is_used_after_it(probabilities: list[float], cut: int) -> None:
    endpointer = Endpointer(CONFIG)
    told: list[Decision] = []
    for index, probability in enumerate(probabilities):
        if index == cut:
            endpointer.flush(index * FRAME_SECONDS)
            told.clear()
        told += endpointer.accept(probability, index * FRAME_SECONDS, (index + 1) * FRAME_SECONDS)
    if cut < len(probabilities):
        assert all(one.start >= cut * FRAME_SECONDS - 1e-9 for one in told if isinstance(one, Onset))


@given(PROBABILITIES)
def test_no_onset_lies_before_the_audio_to_keep_at_hand(probabilities: list[float]) -> None:
    endpointer = Endpointer(CONFIG)
    for index, probability in enumerate(probabilities):
        start = index * FRAME_SECONDS
        for one in endpointer.accept(probability, start, start + FRAME_SECONDS):
            assert not isinstance(one, Onset) or one.start >= start - CONFIG.look_back - 1e-6
