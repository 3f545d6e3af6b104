"""How well a speech model hears a recording and how soon, on this machine: word errors, delays, and a verdict.

The recording is played through the pipeline of a call on a virtual clock (``live_sentiment.rehearsal``), where work
takes the time it really takes; then each utterance is read once as a whole, which is the best the model can do.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

import msgspec

from live_sentiment.analysis import analyze
from live_sentiment.events import AnyEvent, AudioFrame, Channel, Delay, TranscriptFinal
from live_sentiment.pipeline import CallPipeline, PipelineConfig, PipelineParts
from live_sentiment.rehearsal import Told, rehearse
from live_sentiment.wer import Errors, compare
from server.commands.delays import DelayRow, Painted, Trace, delay_rows

Verdict = Literal["keeps_up", "slower", "too_slow", "nothing_heard"]

TEXT_WITHIN, FINAL_WITHIN = 1.0, 1.0
"""Seconds in which 95 of 100 words must stand there, and 95 of 100 finals come, for a model that keeps up."""
FINAL_AT_MOST = 2.5
"""Seconds after which a final is too late to be of use in a call.

Finals are judged from the end of the speech as the detector heard it: a recogniser's own word times are estimates.
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What the voices on ``channels`` say together, in the order in which they say it."""

    channels: tuple[Channel, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Recording:
    """What is played: ``frames`` gives both channels from the start, at each call; ``duration`` in seconds."""

    name: str
    duration: float
    frames: Callable[[], Iterable[AudioFrame]]
    said: tuple[Said, ...] = ()


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    ``live_wer`` and ``whole_wer`` are word error rates (0 is perfect) of the finals of a call and of whole utterances,
    None without a text of ``words`` words. ``text``, ``committed`` and ``final`` are delays after a word's end.
    ``share`` is the processor time per second of recording (1 is a whole core). ``languages`` are those found, the
    commonest first; ``voices`` how many of the two were heard. ``late``: within how many seconds after the end of
    speech 95 of 100 finals came, None without any. ``behind``: work piled up, so that partial text came more rarely.
    """

    model: str
    recording: str
    duration: float
    words: int
    live_wer: float | None
    whole_wer: float | None
    text: DelayRow
    committed: DelayRow
    final: DelayRow
    share: float
    languages: tuple[str, ...]
    voices: int
    late: float | None
    behind: bool
    verdict: Verdict


def check(
    parts: PipelineParts,
    recording: Recording,
    language: str = "auto",
    told: Callable[[float], None] = lambda _: None,
    timer: Callable[[], float] = time.perf_counter,
    config: PipelineConfig | None = None,
) -> Findings:
    """Plays ``recording`` and measures.

    ``language`` is "auto" or an ISO 639-1 code; ``told`` is called with the share of the work that is done, 0 to 1;
    ``timer`` tells the seconds that work takes; ``config`` is how calls are worked here, None for as usual.
    """

    def heard(share: float) -> Iterator[AudioFrame]:
        for frame in recording.frames():
            told(share + 0.5 * min(1.0, frame.end / max(recording.duration, frame.end)))
            yield frame

    began = time.process_time()
    calls = replace(config or PipelineConfig(), language=language)
    live = _play(parts, heard(0.0), calls, timer)
    share = (time.process_time() - began) / recording.duration
    whole = analyze(heard(0.5), parts, source=recording.name, language=language)
    finals = _finals(event for _, event in live)
    languages = _languages(finals)
    spoken = language if language != "auto" else next(iter(languages), "")
    text, committed, final = _delays(live)
    late = _late(live, calls.channel.endpointer.tail)
    behind = any(isinstance(event, Delay) and event.mode != "full" for _, event in live)
    live_errors = _errors(recording.said, finals, spoken)
    return Findings(
        model=parts.engine.name,
        recording=recording.name,
        duration=recording.duration,
        words=live_errors.words,
        live_wer=live_errors.rate if recording.said else None,
        whole_wer=_errors(recording.said, _finals(whole), spoken).rate if recording.said else None,
        text=text,
        committed=committed,
        final=final,
        share=share,
        languages=languages,
        voices=len({final.channel for final in finals}),
        late=late,
        behind=behind,
        verdict=_verdict(text, late, behind=behind),
    )


def _play(
    parts: PipelineParts, frames: Iterable[AudioFrame], config: PipelineConfig, timer: Callable[[], float]
) -> list[Told]:
    """A call with this recording, on the virtual clock."""
    pipeline = CallPipeline(parts, config)
    try:
        return list(rehearse(frames, pipeline, timer))
    finally:
        pipeline.close()


def _delays(live: list[Told]) -> tuple[DelayRow, DelayRow, DelayRow]:
    """Word to text, word to committed, last word to final."""
    rows = delay_rows(Trace(started_at=0.0, painted=[Painted(when, event) for when, event in live]))
    named = {row.name: row for row in rows}
    return named["word → text on the overlay"], named["word → committed"], named["last word → final"]


def _finals(events: Iterable[AnyEvent]) -> list[TranscriptFinal]:
    return sorted((event for event in events if isinstance(event, TranscriptFinal)), key=lambda final: final.start)


def _errors(said: tuple[Said, ...], finals: list[TranscriptFinal], language: str) -> Errors:
    errors = Errors()
    for one in said:
        read = " ".join(final.text for final in finals if final.channel in one.channels)
        errors += compare(one.text, read, language)
    return errors


def _languages(finals: list[TranscriptFinal]) -> tuple[str, ...]:
    """By the number of words."""
    words: Counter[str] = Counter()
    for final in finals:
        words[final.language] += len(final.words)
    return tuple(language for language, _ in words.most_common() if language)


def _late(live: list[Told], tail: float) -> float | None:
    """Seconds from the end of speech to its final: 95 of 100 come sooner.

    ``tail`` is the silence in seconds that belongs to an utterance. One that was split in the middle of speech has less
    or none, so its last word may end later than that tells.
    """
    waits = sorted(when - _silent_since(event, tail) for when, event in live if isinstance(event, TranscriptFinal))
    return waits[ceil(0.95 * len(waits)) - 1] if waits else None


def _silent_since(final: TranscriptFinal, tail: float) -> float:
    return max(final.at - tail, final.words[-1].end if final.words else 0.0)


def _verdict(text: DelayRow, late: float | None, *, behind: bool) -> Verdict:
    if text.p95 is None or late is None:
        return "nothing_heard"
    if late > FINAL_AT_MOST:
        return "too_slow"
    return "slower" if behind or text.p95 > TEXT_WITHIN or late > FINAL_WITHIN else "keeps_up"
