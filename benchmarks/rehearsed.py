"""What a live call's overlay would have been told, by Spiegel's own pipeline on a virtual clock.

The parts are those of a real call (``live_sentiment.assembly``), with partial text, commitment and redaction; a piece
of work takes the processor time it really took, so that other programs change nothing.
"""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks.audio import frames
from benchmarks.shown import Listened, Shown, words_of
from live_sentiment.assembly import AssemblyConfig, load_parts
from live_sentiment.events import SAMPLE_RATE, Channel, TranscriptFinal, TranscriptPartial
from live_sentiment.pipeline import CallPipeline, PipelineParts
from live_sentiment.rehearsal import Told, rehearse
from live_sentiment.transcriber import Samples

_NO_MODELS = Path("no-models")
"""The embedded engine needs no folder of pulled models."""


def load_embedded() -> PipelineParts:
    """What a fresh machine has: the embedded engine."""
    return load_parts(AssemblyConfig(_NO_MODELS, engine="moonshine", language="en"))


def listen(parts: PipelineParts, voices: Mapping[Channel, Samples]) -> dict[Channel, Listened]:
    """A call of ``voices`` at once, by channel; the processor time is the call's, in equal shares."""
    heard = list(frames(voices))
    pipeline = CallPipeline(parts)
    began = time.process_time()
    told = list(rehearse(heard, pipeline, time.process_time))
    spent = (time.process_time() - began) / len(voices)
    pipeline.close()
    length = max(samples.size for samples in voices.values()) / SAMPLE_RATE
    return {name: as_listened(told, name, spent, length) for name in voices}


def as_listened(told: Iterable[Told], channel: Channel, processor: float, length: float) -> Listened:
    """What was ``told`` of one channel, in the words that are compared; ``processor`` and ``length`` in seconds."""
    listened = Listened(processor=processor, length=length)
    for when, event in told:
        if not isinstance(event, TranscriptPartial | TranscriptFinal) or event.channel != channel:
            continue
        words = words_of(event.text)
        if isinstance(event, TranscriptPartial):
            settled = len(words_of(" ".join(event.text.split()[: event.committed])))
            listened.shown.append(Shown(when, event.utterance, words, settled))
            continue
        listened.shown.append(Shown(when, event.utterance, words, len(words), final=True))
        listened.ends += [word.end for word in event.words for _ in words_of(word.text)]
    return listened
