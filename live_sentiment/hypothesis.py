"""Which words of an unfinished utterance are settled: local agreement, weighed with the recogniser's own certainty.

A recogniser that reads a growing utterance again and again changes its mind about the newest words. LocalAgreement-n
commits a word once n hypotheses in a row agree on it and on all before it (Liu, Spanakis, Niehues: "Low-Latency
Sequence-to-Sequence Speech Recognition and Translation by Partial Hypothesis Selection", Interspeech 2020; for Whisper:
Macháček, Dabre, Bojar: "Turning Whisper into Real-Time Transcription System", 2023, whisper_streaming). Agreement alone
is slow where the recogniser is sure, and wrong where it errs in the same way each time; and one word that flickers
between two readings holds up all after it. So here n depends on the word's probability, and a word that is old is
settled by the vote of the last readings. Committed words never change. Pure; no audio.
"""

import unicodedata
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from live_sentiment.events import Word

_EPSILON = 1e-6
_ALIGN_WORDS = 3
"""How many of the last committed words show where a contradicting hypothesis is up to."""
_ALIGN_SHIFT = 3
"""By how many words such a hypothesis may be longer or shorter than the committed text."""


class Update(NamedTuple):
    """What an utterance says now: all ``committed`` words, for good, and the ``tail`` that may still change."""

    committed: tuple[Word, ...]
    tail: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class CommitConfig:
    """When a word is settled. Probabilities 0 to 1, times in seconds.

    A word of probability ``sure`` or more is settled once all readings of ``sure_span`` seconds of new audio agree on
    it, with ``sure_hold_back`` words after it, since the sound of the last ones may go on; one of ``likely`` or more
    after ``span``, with ``hold_back`` words. Any other waits until readings of ``old`` seconds had a word in its place:
    then it is settled if readings agree for ``sure_span``, and it is what those of the last ``memory`` seconds say
    there, in sum of their probabilities; after ``very_old`` in any case.

    Raises:
        ValueError: the values contradict each other.
    """

    sure: float = 0.9
    sure_span: float = 0.2
    sure_hold_back: int = 1
    likely: float = 0.6
    span: float = 0.6
    hold_back: int = 1
    old: float = 0.8
    very_old: float = 1.4
    memory: float = 1.2

    def __post_init__(self) -> None:
        if not 0.0 <= self.sure_span <= self.span <= self.memory or not 0.0 <= self.old <= self.very_old:
            raise ValueError("0 <= sure_span <= span <= memory and 0 <= old <= very_old must hold")
        if not 0 <= self.sure_hold_back <= self.hold_back or not self.likely <= self.sure:
            raise ValueError("0 <= sure_hold_back <= hold_back and likely <= sure must hold")


class _Reading(NamedTuple):
    """A past reading: up to where it heard, its words as they are compared, and their probabilities."""

    heard: float
    keys: tuple[str, ...]
    probabilities: tuple[float, ...]


class HypothesisBuffer:
    """Settles the words of one utterance after another. Not safe for two threads at once."""

    def __init__(self, config: CommitConfig | None = None) -> None:
        self._config = config or CommitConfig()
        self._readings: deque[_Reading] = deque()
        self._reached: list[float] = []
        self._committed: tuple[Word, ...] = ()

    @property
    def committed(self) -> tuple[Word, ...]:
        """The utterance's settled words so far."""
        return self._committed

    def insert(self, words: Sequence[Word], heard: float) -> Update:
        """Takes a new hypothesis of the whole utterance, which was read from audio up to ``heard``.

        ``heard`` is in seconds, on the clock of the words' times, and grows. A hypothesis that contradicts the
        committed words does not change them: its own words after them are the tail.
        """
        whole = (*self._committed, *self._tail(words))
        self._remember(whole, heard)
        settled = len(self._committed)
        while settled < len(whole) and self._is_settled(whole, settled, heard):
            settled += 1
        self._committed = whole[:settled]
        return Update(self._committed, whole[settled:])

    def flush(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The utterance's final words, which begin with the committed ones. Then the buffer is empty."""
        final = (*self._committed, *self._tail(words))
        self._readings.clear()
        self._reached.clear()
        self._committed = ()
        return final

    def _remember(self, whole: Sequence[Word], heard: float) -> None:
        keys = tuple(key(word.text) for word in whole)
        self._readings.append(_Reading(heard, keys, tuple(word.probability for word in whole)))
        while self._readings[0].heard < heard - self._config.memory - _EPSILON:
            self._readings.popleft()
        # Since when each place has had a word. Not by the word's time, which is an estimate that a misread end upsets.
        self._reached = [*self._reached[: len(whole)], *[heard] * (len(whole) - len(self._reached))]

    def _is_settled(self, whole: Sequence[Word], place: int, heard: float) -> bool:
        """Whether the word at ``place`` can be committed, all before it being so."""
        config, word = self._config, whole[place]
        sure = word.probability >= config.sure
        if place >= len(whole) - (config.sure_hold_back if sure else config.hold_back):
            return False
        needed = config.sure_span if sure else config.span
        if word.probability >= config.likely and self._agreed_for(place) >= needed - _EPSILON:
            return True
        age = heard - self._reached[place] + _EPSILON
        stays = self._agreed_for(place) >= config.sure_span - _EPSILON
        return age >= config.very_old or (age >= config.old and stays and self._wins(place))

    def _agreed_for(self, place: int) -> float:
        """For how many seconds all readings up to the newest have had the same word at ``place``, and before it."""
        newest = self._readings[-1]
        said = newest.keys[: place + 1]
        same = takewhile(lambda reading: reading.keys[: place + 1] == said, reversed(self._readings))
        return newest.heard - min(reading.heard for reading in same)

    def _wins(self, place: int) -> bool:
        """Whether the newest reading's word at ``place`` is what all readings say there, weighed by probability."""
        newest = self._readings[-1].keys
        votes: defaultdict[str, float] = defaultdict(float)
        for reading in self._readings:
            if len(reading.keys) > place and reading.keys[:place] == newest[:place]:
                votes[reading.keys[place]] += reading.probabilities[place]
        return votes[newest[place]] >= max(votes.values())

    def _tail(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words of a hypothesis that come after the committed ones."""
        settled = [key(word.text) for word in self._committed]
        keys = [key(word.text) for word in words]
        count = len(settled)
        if keys[:count] == settled:
            return tuple(words[count:])
        last = settled[-_ALIGN_WORDS:]
        nearest_first = sorted(
            range(max(1, count - _ALIGN_SHIFT), count + _ALIGN_SHIFT + 1), key=lambda at: abs(at - count)
        )
        best = max(nearest_first, key=lambda at: _alike_at_end(keys[:at] if at <= len(keys) else [], last))
        return tuple(words[best:])


def key(text: str) -> str:
    """A word as it is compared: without case and punctuation (the word itself when it is nothing else)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum()) or folded


def _alike_at_end(keys: Sequence[str], last: Sequence[str]) -> int:
    """How many words two texts share at their ends, counted backwards up to the first that differs."""
    pairs = zip(reversed(keys), reversed(last), strict=False)
    alike = 0
    for ours, theirs in pairs:
        if ours != theirs:
            break
        alike += 1
    return alike
