"""Whatever is said, whenever the recogniser gets its turns: words stay, finals come, the agent is not judged."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle

from hypothesis import given, settings
from hypothesis import strategies as st

from live_sentiment.events import (
    FRAME_SECONDS,
    SAMPLE_RATE,
    AnyEvent,
    AudioFrame,
    Channel,
    Gap,
    SentimentReading,
    SpeechEnded,
    SpeechStarted,
    TranscriptFinal,
    TranscriptPartial,
    Word,
)
from live_sentiment.guards import MINIMUM_VOICED_SECONDS
from live_sentiment.pipeline import CallPipeline, PipelineParts
from live_sentiment.playbook import default_playbook
from live_sentiment.transcriber import Hypothesis, Samples
from onnx_models.classification import Classification

WORDS = [
    first + last for first in ("ba", "ke", "mi", "lo", "tu", "sa", "ri") for last in ("na", "vo", "pi", "de", "gu")
]
SECONDS_PER_WORD = 0.4
LOUD, SILENT = b"\x00\x20" * 512, b"\x00\x00" * 512
PLAYBOOK = default_playbook()


@dataclass
class Ear:
    """Reads a word for every ``SECONDS_PER_WORD`` of sound, at least one; each utterance begins with another word.

    With ``wavering``, it misreads the newest two words each time otherwise, until the end; with ``telling`` it says how
    complete the sentence is, each time otherwise.
    """

    ending: str
    wavering: bool
    telling: bool = False
    utterance: int = 0
    heard: float = 0.0
    decodes: int = 0

    def accept(self, samples: Samples) -> None:
        self.heard += int((samples != 0).sum()) / SAMPLE_RATE

    def decode(self, committed: Sequence[str] = ()) -> Hypothesis:
        self.decodes += 1
        read = self._read()
        if self.wavering:
            read = [*read[:-2], *(f"{text}{'xyz'[self.decodes % 3]}" for text in read[-2:])]
        return self._hypothesis(read, committed)

    def flush(self, committed: Sequence[str] = ()) -> Hypothesis:
        hypothesis = self._hypothesis(self._read(), committed)
        self.utterance, self.heard = self.utterance + 1, 0.0
        return hypothesis

    def close(self) -> None:
        """Nothing to give back."""

    def _read(self) -> list[str]:
        count = max(1, int(self.heard / SECONDS_PER_WORD + 1e-6))
        return [WORDS[(5 * self.utterance + number) % len(WORDS)] + self.ending for number in range(count)]

    def _hypothesis(self, read: Sequence[str], committed: Sequence[str]) -> Hypothesis:
        texts = [*committed, *read[len(committed) :]]
        words = tuple(
            Word(text=text, start=n * SECONDS_PER_WORD, end=(n + 1) * SECONDS_PER_WORD, probability=0.95)
            for n, text in enumerate(texts)
        )
        completeness = (self.decodes % 3) / 2 if self.telling else None
        return Hypothesis(words=words, language="en", average_log_probability=-0.1, completeness=completeness)


@dataclass
class Ears:
    """The engine: the agent's words end in "ag", the customer's in "cu"."""

    wavering: bool
    telling: bool = False
    name: str = "ears"
    languages: tuple[str, ...] = ("en",)
    endings: list[str] = field(default_factory=lambda: ["cu", "ag"])

    def transcriber(self, language: str = "auto") -> Ear:
        del language
        return Ear(self.endings.pop(), self.wavering, self.telling)


class Loudness:
    """Calls a frame speech when it is not digital silence."""

    def accept(self, pcm: bytes) -> float:
        return 0.02 if pcm == SILENT else 0.95

    def reset(self) -> None:
        """It remembers nothing."""


class Reader:
    """Keeps what it was given to read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def classify(self, text: str) -> Classification:
        self.read.append(text)
        return Classification(
            sentiment="negative",
            probabilities={"negative": 0.8, "neutral": 0.1, "positive": 0.1},
            emotion="anger",
            confidence=0.8,
            sure=True,
            signals=(),
            because=(),
        )


@dataclass(frozen=True)
class Heard:
    """A call that was played."""

    pipeline: CallPipeline
    events: list[AnyEvent]
    reader: Reader

    def finals(self) -> list[TranscriptFinal]:
        found = [event for event in self.events if isinstance(event, TranscriptFinal)]
        return sorted(found, key=lambda final: final.utterance)


Runs = list[tuple[int, int]]
"""Silence, then speech, in frames, again and again."""
SPEECH = st.lists(st.tuples(st.integers(1, 60), st.integers(10, 90)), max_size=5)
LONG_SPEECH = st.lists(st.tuples(st.integers(1, 30), st.integers(10, 900)), min_size=1, max_size=2)
RUNS = st.one_of(SPEECH, LONG_SPEECH)
TURNS = st.lists(st.integers(0, 3), min_size=1, max_size=40).filter(any)
"""How many decodes fit in after each frame."""


def track(runs: Runs) -> list[bytes]:
    return [pcm for silent, loud in runs for pcm in [SILENT] * silent + [LOUD] * loud]


def play(
    agent: Runs, customer: Runs, turns: Sequence[int] = (9,), *, wavering: bool = False, telling: bool = False
) -> Heard:
    reader = Reader()
    pipeline = CallPipeline(PipelineParts(Ears(wavering, telling), Loudness, reader, PLAYBOOK))
    tracks: dict[Channel, list[bytes]] = {"agent": track(agent), "customer": track(customer)}
    length = max(map(len, tracks.values()))
    events: list[AnyEvent] = []
    for number, decodes in zip(range(length), cycle(turns), strict=False):
        for channel, pcm in tracks.items():
            sound = pcm[number] if number < len(pcm) else SILENT
            events += pipeline.accept(AudioFrame(channel=channel, start=number * FRAME_SECONDS, pcm=sound))
        for _ in range(decodes):
            events += pipeline.step() or []
    events += pipeline.finish(length * FRAME_SECONDS)
    return Heard(pipeline, events, reader)


@given(RUNS, SPEECH, TURNS)
@settings(max_examples=40, deadline=None)
def test_committed_words_begin_every_later_text_of_their_utterance(
    agent: Runs, customer: Runs, turns: list[int]
) -> None:
    committed: dict[int, list[str]] = defaultdict(list)
    over: set[int] = set()
    for event in play(agent, customer, turns, wavering=True, telling=True).events:
        if not isinstance(event, TranscriptPartial | TranscriptFinal):
            continue
        assert event.utterance not in over, "after the final nothing more is said of an utterance"
        words = event.text.split()
        before = committed[event.utterance]
        assert words[: len(before)] == before
        if isinstance(event, TranscriptPartial):
            assert len(before) <= event.committed <= len(words)
            committed[event.utterance] = words[: event.committed]
        else:
            over.add(event.utterance)


@given(RUNS, SPEECH, TURNS)
@settings(max_examples=40, deadline=None)
def test_when_the_recogniser_gets_its_turns_does_not_change_the_finals(
    agent: Runs, customer: Runs, turns: list[int]
) -> None:
    """Where it tells nothing of sentences; else a reading that comes too late in a pause cannot shorten it."""
    assert play(agent, customer, turns).finals() == play(agent, customer).finals()


@given(SPEECH, RUNS, TURNS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_all_that_is_spoken_ends_in_one_final(agent: Runs, customer: Runs, turns: list[int], telling: bool) -> None:
    heard = play(agent, customer, turns, telling=telling)
    started = [event.utterance for event in heard.events if isinstance(event, SpeechStarted)]
    ended = {event.utterance: event for event in heard.events if isinstance(event, SpeechEnded)}
    assert sorted(started) == sorted(ended)
    # Where long speech is cut just before its end, what is left is too short for a word.
    words = [number for number, event in sorted(ended.items()) if event.end - event.start > MINIMUM_VOICED_SECONDS]
    assert words == [final.utterance for final in heard.finals()]
    for channel, runs in (("agent", agent), ("customer", customer)):
        spans = [(event.start, event.end) for event in ended.values() if event.channel == channel]
        for number, pcm in enumerate(track(runs)):
            middle = (number + 0.5) * FRAME_SECONDS
            near = any(begin - 0.1 <= middle <= end + 0.1 for begin, end in spans)
            assert pcm == SILENT or near, f"{channel} at {middle:.2f} s was lost"


@given(RUNS, RUNS, TURNS)
@settings(max_examples=25, deadline=None)
def test_nothing_is_left_after_the_end(agent: Runs, customer: Runs, turns: list[int]) -> None:
    heard = play(agent, customer, turns)
    assert heard.pipeline.step() is None
    assert not any(channel.voiced for channel in heard.pipeline._channels.values())
    assert all(not channel._utterances for channel in heard.pipeline._channels.values())


@given(RUNS, RUNS, TURNS)
@settings(max_examples=40, deadline=None)
def test_the_agents_words_never_reach_the_classifier(agent: Runs, customer: Runs, turns: list[int]) -> None:
    heard = play(agent, customer, turns)
    assert all(word.endswith("cu") for text in heard.reader.read for word in text.split())
    customers = {final.utterance: final.text for final in heard.finals() if final.channel == "customer"}
    assert sorted(heard.reader.read) == sorted(customers.values())
    felt = [event.utterance for event in heard.events if isinstance(event, SentimentReading)]
    assert sorted(felt) == sorted(customers)


@given(st.integers(20, 200), st.integers(1, 100), st.integers(1, 200))
@settings(max_examples=40, deadline=None)
def test_no_words_stand_in_a_gap(before: int, missing: int, after: int) -> None:
    reader = Reader()
    pipeline = CallPipeline(PipelineParts(Ears(wavering=False), Loudness, reader, PLAYBOOK))
    events: list[AnyEvent] = []
    begin, end = before * FRAME_SECONDS, (before + missing) * FRAME_SECONDS
    for number in [*range(before), *range(before + missing, before + missing + after)]:
        if number == before + missing:
            events += pipeline.gap(Gap(at=end, start=begin, end=end, cause="test", channel="customer"))
        events += pipeline.accept(AudioFrame(channel="customer", start=number * FRAME_SECONDS, pcm=LOUD))
        while (more := pipeline.step()) is not None:
            events += more
    events += pipeline.finish(end + after * FRAME_SECONDS)
    for event in events:
        if isinstance(event, SpeechEnded):
            assert event.end <= begin + 1e-6 or event.start >= end - 1e-6
