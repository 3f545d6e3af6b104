from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from calls import LoudnessVad, Span, frames

from live_sentiment.events import (
    FRAME_SECONDS,
    SAMPLE_RATE,
    AnyEvent,
    SpeechEnded,
    SpeechStarted,
    TranscriptFinal,
    TranscriptPartial,
    Word,
)
from live_sentiment.redaction import CallContext, Redactor, TurnRedactor
from live_sentiment.speech_channel import ChannelConfig, Job, SpeechChannel, Urgency
from live_sentiment.transcriber import Hypothesis, Samples

STEP = 0.3


@dataclass
class Ear:
    """Says ``text`` whatever it hears, and keeps the audio of each utterance."""

    text: str = "the order is late"
    suspicious: str = ""
    log_probability: float = -0.1
    completeness: float | None = None
    last_word_lasts: float = 0.2
    audio: list[Samples] = field(default_factory=list[Samples])
    utterances: list[Samples] = field(default_factory=list[Samples])
    asked: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    closed: bool = False

    def accept(self, samples: Samples) -> None:
        assert samples.dtype == np.float32
        self.audio.append(samples)

    def decode(self, committed: Sequence[str] = ()) -> Hypothesis:
        self.asked.append(tuple(committed))
        words = tuple(
            Word(text=text, start=0.3 + 0.2 * number, end=0.3 + 0.2 * number + self.last_word_lasts, probability=0.9)
            for number, text in enumerate(self.text.split())
        )
        return Hypothesis(words, "en", self.log_probability, self.suspicious, self.completeness)

    def flush(self, committed: Sequence[str] = ()) -> Hypothesis:
        self.utterances.append(np.concatenate(self.audio) if self.audio else np.zeros(0, np.float32))
        self.audio = []
        return self.decode(committed)

    def close(self) -> None:
        self.closed = True


def channel(ear: Ear, config: ChannelConfig | None = None) -> SpeechChannel:
    numbers = iter(range(1, 100))
    redactor = TurnRedactor(Redactor(), CallContext())
    return SpeechChannel("customer", LoudnessVad(), ear, redactor, lambda: next(numbers), config or ChannelConfig())


def hear(ears: SpeechChannel, speech: Iterable[Span], until: float) -> list[AnyEvent]:
    """Hears without ever decoding."""
    return [event for frame in frames("customer", speech, until) for event in ears.accept(frame)]


def decode(ears: SpeechChannel) -> list[AnyEvent]:
    """All decodes that are wanted now."""
    events: list[AnyEvent] = []
    while (job := ears.wanted(STEP)) is not None:
        events += ears.run(job)
    return events


def final(events: list[AnyEvent]) -> TranscriptFinal:
    (found,) = [event for event in events if isinstance(event, TranscriptFinal)]
    return found


def test_hearing_never_decodes_and_tells_where_speech_begins_and_ends() -> None:
    ear = Ear()
    ears = channel(ear)
    started, ended = hear(ears, [(1.0, 2.0)], 3.0)
    assert ear.asked == []
    assert isinstance(started, SpeechStarted)
    assert isinstance(ended, SpeechEnded)
    assert started.at == pytest.approx(1.0 - 0.3, abs=0.05), "a little before the sound"
    assert ended.end == pytest.approx(2.0 + 0.1, abs=0.05), "a little after it"
    assert ended.utterance == started.utterance == 1


def test_the_recogniser_gets_the_speech_with_its_margins_and_nothing_else() -> None:
    ear = Ear()
    ears = channel(ear)
    hear(ears, [(1.0, 2.0), (4.0, 4.5)], 6.0)
    decode(ears)
    lengths = [audio.size / SAMPLE_RATE for audio in ear.utterances]
    assert lengths == [pytest.approx(1.4, abs=0.1), pytest.approx(0.9, abs=0.1)]
    loud = [int((audio != 0).sum()) / SAMPLE_RATE for audio in ear.utterances]
    assert loud == [pytest.approx(1.0, abs=FRAME_SECONDS), pytest.approx(0.5, abs=FRAME_SECONDS)]


def test_samples_are_between_minus_one_and_one() -> None:
    ear = Ear()
    ears = channel(ear)
    hear(ears, [(1.0, 2.0)], 3.0)
    decode(ears)
    assert ear.utterances[0].max() == pytest.approx(0x2000 / 0x8000)


def test_nothing_is_wanted_in_silence_or_before_there_is_enough() -> None:
    ears = channel(Ear())
    hear(ears, [], 2.0)
    assert ears.wanted(STEP) is None
    ears = channel(Ear())
    hear(ears, [(1.0, 9.0)], 1.1)
    assert ears.wanted(STEP) is None, "half a second first"


def test_a_partial_is_wanted_again_after_a_step_of_new_audio() -> None:
    ears = channel(Ear())
    speech = list(frames("customer", [(1.0, 9.0)], 4.0))
    wanted: list[float] = []
    for frame in speech:
        ears.accept(frame)
        if (job := ears.wanted(STEP)) is not None:
            assert job.urgency is Urgency.PARTIAL
            wanted.append(frame.end)
            ears.run(job)
    steps = np.diff(wanted)
    assert len(wanted) >= 8
    assert steps == pytest.approx(STEP, abs=FRAME_SECONDS)


def test_without_a_step_only_finals_are_made() -> None:
    ears = channel(Ear())
    hear(ears, [(1.0, 9.0)], 3.0)
    assert ears.wanted(None) is None
    assert ears.wanted(STEP) is not None


def test_partials_can_be_left_out_altogether() -> None:
    ears = channel(Ear(), ChannelConfig(partials=False))
    hear(ears, [(1.0, 2.5)], 2.75)
    assert ears.wanted(STEP) is None
    hear_on = [frame for frame in frames("customer", [(1.0, 2.5)], 4.0) if frame.start >= 2.75]
    for frame in hear_on:
        ears.accept(frame)
    assert ears.wanted(STEP) == Job(Urgency.FINAL, pytest.approx(2.9, abs=0.1))


def test_a_pause_asks_for_the_final_before_it_is_due() -> None:
    ears = channel(Ear())
    hear(ears, [(1.0, 2.0)], 2.3)
    job = ears.wanted(STEP)
    assert job is not None
    assert job.urgency is Urgency.EARLY_FINAL
    ears.run(job)
    assert ears.wanted(STEP) is None, "once is enough"


@pytest.mark.parametrize(
    ("ear", "silence"),
    [
        (Ear(completeness=0.95), 0.288),
        (Ear(), 0.4),
        (Ear(completeness=0.1), 0.544),
        (Ear(completeness=0.95, suspicious="a loop"), 0.4),
    ],
    ids=["finished", "nobody knows", "unfinished", "not believed"],
)
def test_how_finished_the_words_are_decides_how_long_is_waited(ear: Ear, silence: float) -> None:
    ears = channel(ear)
    ended: list[float] = []
    for frame in frames("customer", [(1.0, 2.0)], 4.0):
        ended += [frame.end for event in ears.accept(frame) if isinstance(event, SpeechEnded)]
        decode(ears)
    spoken_until = 63 * FRAME_SECONDS
    assert ended == [pytest.approx(spoken_until + silence, abs=FRAME_SECONDS)]


def test_a_hole_in_the_audio_that_nobody_told_of_does_not_ask_for_the_same_reading_for_ever() -> None:
    ears = channel(Ear())
    heard = list(frames("customer", [(0.5, 1.5)], 1.8))
    events: list[AnyEvent] = []
    for frame in [*heard[:30], *heard[36:]]:
        events += ears.accept(frame)
        for _ in range(20):
            if (job := ears.wanted(STEP)) is None:
                break
            events += ears.run(job)
        assert ears.wanted(STEP) is None


def test_no_word_ends_after_the_voice() -> None:
    ears = channel(Ear(last_word_lasts=5.0))
    *_, ended = hear(ears, [(1.0, 2.5)], 4.0)
    assert isinstance(ended, SpeechEnded)
    said = final(decode(ears))
    assert said.end == pytest.approx(ended.end - 0.1), "the tail is silence"
    assert all(word.start <= word.end <= said.end for word in said.words)


def test_finals_come_before_partials_and_older_jobs_first() -> None:
    jobs = [Job(Urgency.PARTIAL, 1.0), Job(Urgency.FINAL, 9.0), Job(Urgency.EARLY_FINAL, 5.0), Job(Urgency.FINAL, 8.0)]
    assert sorted(jobs) == [jobs[3], jobs[1], jobs[2], jobs[0]]


def test_word_times_are_those_of_the_call() -> None:
    ears = channel(Ear())
    started, *_ = hear(ears, [(1.0, 3.0)], 4.0)
    said = final(decode(ears))
    assert said.start == pytest.approx(started.at + 0.3, abs=0.05)
    assert [word.text for word in said.words] == ["the", "order", "is", "late"]
    assert said.end == said.words[-1].end
    assert said.confidence == pytest.approx(0.9)


def test_committed_words_are_handed_to_the_recogniser() -> None:
    ear = Ear("the order is late and late")
    ears = channel(ear)
    for frame in frames("customer", [(1.0, 4.0)], 5.0):
        ears.accept(frame)
        decode(ears)
    assert ear.asked[0] == ()
    assert ("the", "order", "is") in {asked[:3] for asked in ear.asked}


def test_the_same_partial_is_not_said_twice() -> None:
    ears = channel(Ear("yes"))
    partials: list[AnyEvent] = []
    for frame in frames("customer", [(1.0, 4.0)], 4.0):
        ears.accept(frame)
        partials += decode(ears)
    assert [event.text for event in partials if isinstance(event, TranscriptPartial)] == ["yes"]


def test_what_the_engine_does_not_trust_is_not_shown() -> None:
    ear = Ear(suspicious="a loop")
    ears = channel(ear)
    said: list[AnyEvent] = []
    for frame in frames("customer", [(1.0, 3.0)], 4.0):
        ears.accept(frame)
        said += decode(ears)
    assert ear.asked, "it was asked"
    assert said == [], "and not believed"


def test_a_partial_that_was_not_true_is_taken_back_by_an_empty_final() -> None:
    ear = Ear("thank you for watching")
    ears = channel(ear)
    hear(ears, [(1.0, 3.0)], 2.0)
    assert any(isinstance(event, TranscriptPartial) for event in decode(ears))
    ear.suspicious = "no speech"
    for event in [f for f in frames("customer", [(1.0, 3.0)], 4.0) if f.start >= 2.0]:
        ears.accept(event)
    said = final(decode(ears))
    assert (said.text, said.words, said.confidence) == ("", (), 0.0)


def test_personal_data_is_hidden_in_partial_and_final() -> None:
    ear = Ear("my email is jan@voorbeeld.nl please")
    ears = channel(ear)
    said: list[AnyEvent] = []
    for frame in frames("customer", [(1.0, 4.0)], 5.0):
        ears.accept(frame)
        said += decode(ears)
    texts = [event.text for event in said if isinstance(event, TranscriptPartial | TranscriptFinal)]
    assert len(texts) >= 2
    assert not any("voorbeeld" in text for text in texts)


def test_the_end_of_a_call_ends_an_utterance() -> None:
    ears = channel(Ear())
    hear(ears, [(1.0, 9.0)], 2.0)
    assert ears.voiced
    (ended,) = ears.flush(2.0)
    assert isinstance(ended, SpeechEnded)
    assert ended.end == pytest.approx(2.0, abs=0.05)
    assert not ears.voiced
    assert final(decode(ears)).text == "the order is late"
    assert ears.wanted(STEP) is None


def test_after_a_gap_the_detector_starts_anew_and_no_old_sound_is_used() -> None:
    class Vad(LoudnessVad):
        resets = 0

        def reset(self) -> None:
            self.resets += 1

    ear, vad = Ear(), Vad()
    redactor = TurnRedactor(Redactor(), CallContext())
    numbers = iter(range(1, 9))
    ears = SpeechChannel("agent", vad, ear, redactor, lambda: next(numbers), ChannelConfig())
    hear(ears, [(0.0, 9.0)], 2.0)
    assert [type(event) for event in ears.forget(2.0)] == [SpeechEnded]
    assert vad.resets == 1
    for frame in frames("agent", [(5.0, 6.0)], 7.0):
        if frame.start >= 5.0:
            ears.accept(frame)
    decode(ears)
    second = ear.utterances[1]
    assert second.size / SAMPLE_RATE == pytest.approx(1.1, abs=0.1), "nothing of before the gap stands before it"


def test_closing_gives_back_the_ear() -> None:
    ear = Ear()
    channel(ear).close()
    assert ear.closed
