"""What waiting for a sentence's end gains over a fixed silence: utterances cut within a sentence, and the wait.

Each voice of the recordings beside the project goes through the real voice detector, with an endpointer that waits a
whole second, so that every pause is seen: how long it lasts, and what the embedded engine reads up to it, just as the
early final decode does. The reading of the whole utterance, with what came after the pause, tells whether a sentence
ended there. Then each rule is asked where it would have cut. Pauses of over a second are ends in any case. Two
reserves: the rule was chosen on these recordings, and what a sentence is says the recogniser that also predicts it.

A second table says how well single signs tell ends from pauses within a sentence: the probability that of one of each
the end has the stronger sign (the area under the ROC curve; 0.5 is chance).

Takes a minute. Run: python -m benchmarks.endpointing
"""

import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
from rich.console import Console

from benchmarks.audio import frames, read_channels
from benchmarks.pitch import falls
from benchmarks.places import AUDIO
from benchmarks.tables import table_of
from live_sentiment.endpointer import Endpoint, Endpointer, EndpointerConfig, Onset, Pause, Resume
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.hypothesis import key
from live_sentiment.moonshine.engine import MoonshineEngine
from live_sentiment.silero import SileroModel
from live_sentiment.transcriber import Hypothesis, Samples
from live_sentiment.vad import VadCascade

LONGEST = 1.0
"""Seconds of silence after which nobody doubts that an utterance is over."""
RECORDINGS = ("calls/auto_repairs_en.flac", "calls/lost_card_en.flac", "speech/*.flac")
_SENTENCE_ENDS = (".", "?", "!")

Rule = Callable[[float | None], float]
"""The silence in seconds that ends an utterance whose sentence is complete with this probability."""


@dataclass(slots=True)
class Silence:
    """A pause: what was read before it, how the pitch fell, how long it lasted (seconds; infinite for a last one)."""

    at: float
    before: Hypothesis
    falls: tuple[float, float] | None = None
    lasted: float = float("inf")
    in_sentence: bool = False


class Cuts(NamedTuple):
    """How many of the silences a rule ends an utterance in, how many of those within a sentence, and the waits."""

    made: int
    in_sentence: int
    waits: list[float]


@dataclass(slots=True)
class Ears:
    """What one voice is heard with."""

    engine: MoonshineEngine
    silero: SileroModel
    config: EndpointerConfig = field(default_factory=lambda: EndpointerConfig(hangover=LONGEST, long_hangover=LONGEST))

    def silences(self, samples: Samples) -> Iterator[Silence]:
        """All pauses of a voice."""
        vad, endpointer = VadCascade(self.silero), Endpointer(self.config)
        start, seen = 0.0, list[Silence]()
        padded = np.pad(samples, (0, 2 * SAMPLE_RATE))
        for frame in frames({"customer": padded}):
            for decision in endpointer.accept(vad.accept(frame.pcm), frame.start, frame.end):
                match decision:
                    case Onset():
                        start = decision.start
                    case Pause():
                        before = padded[round(start * SAMPLE_RATE) : round(decision.at * SAMPLE_RATE)]
                        seen.append(Silence(decision.at, self.read(before), falls(before)))
                    case Resume():
                        seen[-1].lasted = decision.at - seen[-1].at + self.config.pause
                    case Endpoint():
                        whole = padded[round(start * SAMPLE_RATE) : round(decision.end * SAMPLE_RATE)]
                        yield from labelled(seen, self.read(whole))
                        seen = []

    def read(self, samples: Samples) -> Hypothesis:
        """What the engine reads."""
        ear = self.engine.transcriber()
        ear.accept(samples)
        return ear.flush()


def labelled(silences: list[Silence], whole: Hypothesis) -> list[Silence]:
    """``silences`` where something was read before, each with whether it lies within a sentence of ``whole``."""
    words = [word.text for word in whole.words]
    told = [silence for silence in silences if silence.before.words]
    for silence in told:
        place = last_place([word.text for word in silence.before.words], words)
        silence.in_sentence = (
            silence.lasted < LONGEST and place is not None and not words[place].endswith(_SENTENCE_ENDS)
        )
    return told


def last_place(before: list[str], words: list[str]) -> int | None:
    """Where the last word of ``before`` stands in ``words``; None where it does not."""
    matcher = SequenceMatcher(a=list(map(key, before)), b=list(map(key, words)), autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size and block.a + block.size == len(before)]
    return blocks[-1].b + blocks[-1].size - 1 if blocks else None


def cuts(silences: list[Silence], rule: Rule) -> Cuts:
    """Where ``rule`` ends utterances."""
    cut = [(silence, wait) for silence in silences if silence.lasted > (wait := rule(silence.before.completeness))]
    return Cuts(len(cut), sum(silence.in_sentence for silence, _ in cut), [wait for _, wait in cut])


def tells(silences: list[Silence], sign: Callable[[Silence], float | None]) -> tuple[int, float]:
    """How many silences have a sign, and the probability that it is stronger at an end than within a sentence."""
    signs = [(strength, silence.in_sentence) for silence in silences if (strength := sign(silence)) is not None]
    ends = np.array([strength for strength, inside in signs if not inside])
    inside = np.array([strength for strength, inside in signs if inside])
    above = np.sign(ends[:, np.newaxis] - inside[np.newaxis])
    return len(signs), float((above + 1).mean() / 2)


SIGNS: dict[str, Callable[[Silence], float | None]] = {
    "the sentence is complete": lambda silence: silence.before.completeness,
    "pitch below the voice's median": lambda silence: silence.falls[0] if silence.falls else None,
    "pitch falls steeply": lambda silence: silence.falls[1] if silence.falls else None,
    "how long was spoken": lambda silence: silence.before.words[-1].end,
}


def main() -> int:
    """Measures and prints."""
    if not AUDIO.is_dir():
        sys.exit(f"There are no recordings in {AUDIO}, so there is nothing to measure.")
    ears = Ears(MoonshineEngine.load(), SileroModel.load())
    paths = [path for pattern in RECORDINGS for path in sorted(AUDIO.glob(pattern))]
    voices = [voice for path in paths for voice in read_channels(path).T]
    silences = [silence for voice in voices for silence in ears.silences(voice)]
    rules: dict[str, Rule] = {f"fixed, {wait:.2f} s": lambda _, w=wait: w for wait in (0.25, 0.3, 0.4, 0.5)}
    rules["by the sentence"] = EndpointerConfig().silence_after
    title = f"Where {len(silences)} pauses end utterances"
    table = table_of(title, ("silence that ends an utterance", "cuts", "within a sentence", "wait, mean", "p50", "p95"))
    for name, rule in rules.items():
        done = cuts(silences, rule)
        waits = (statistics.mean(done.waits), statistics.median(done.waits), float(np.percentile(done.waits, 95)))
        table.add_row(name, str(done.made), str(done.in_sentence), *(f"{wait * 1000:.0f} ms" for wait in waits))
    signs = table_of("What tells an end from a pause within a sentence", ("sign", "pauses", "told right"))
    for name, sign in SIGNS.items():
        count, right = tells(silences, sign)
        signs.add_row(name, str(count), f"{right:.2f}")
    console = Console(width=110)
    console.print(table)
    console.print(signs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
