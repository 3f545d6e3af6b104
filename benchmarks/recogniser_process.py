"""The speech part of a call alone in a process, to see what memory it takes: started by ``recogniser_memory``.

Two channels with voice detector, endpointer, the embedded engine, commitment and redaction: what ``CallPipeline`` holds
of them, without feeling, cues, server and store. Frames come on standard input, the agent's and the customer's in turn;
JSON goes out. Nothing else is imported, on purpose.
"""

import json
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import IO

from live_sentiment.events import CHANNELS, FRAME_SAMPLES, FRAME_SECONDS, AnyEvent, AudioFrame, TranscriptFinal
from live_sentiment.moonshine.engine import MoonshineEngine
from live_sentiment.redaction import CallContext, Redactor, TurnRedactor
from live_sentiment.rehearsal import rehearse
from live_sentiment.shedding import SheddingConfig
from live_sentiment.silero import SileroModel
from live_sentiment.speech_channel import ChannelConfig, SpeechChannel
from live_sentiment.vad import VadCascade

STATUS = Path("/proc/self/status")


class Ears:
    """Both channels of a call and no more; worked in the order of ``CallPipeline``."""

    def __init__(self, engine: MoonshineEngine, silero: SileroModel) -> None:
        numbers, redactor, context = count(1), Redactor(), CallContext()
        self._step = SheddingConfig().step
        self._channels = {
            name: SpeechChannel(
                name,
                VadCascade(silero),
                engine.transcriber(),
                TurnRedactor(redactor, context),
                lambda: next(numbers),
                ChannelConfig(),
            )
            for name in CHANNELS
        }

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        """Hears a frame."""
        return self._channels[frame.channel].accept(frame)

    def step(self) -> list[AnyEvent] | None:
        """Does the most urgent decode; None when there is none."""
        wanted = [(job, channel) for channel in self._channels.values() if (job := channel.wanted(self._step))]
        if not wanted:
            return None
        job, channel = min(wanted, key=lambda one: one[0])
        return channel.run(job)

    def finish(self, at: float) -> list[AnyEvent]:
        """Ends the call; all finals."""
        events = [event for channel in self._channels.values() for event in channel.flush(at)]
        while (more := self.step()) is not None:
            events += more
        return events


def frames(source: IO[bytes]) -> Iterator[AudioFrame]:
    """The frames in ``source``, the channels in turn."""
    for number in count():
        for name in CHANNELS:
            if not (pcm := source.read(2 * FRAME_SAMPLES)):
                return
            yield AudioFrame(channel=name, start=number * FRAME_SECONDS, pcm=pcm)


def highest_memory(status: str) -> int:
    """The highest resident memory of a process so far, in bytes, out of what Linux tells as its ``status``.

    ``getrusage`` will not do: there the memory of the process that started this one counts too.
    """
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Hears all, then says what memory it took, in bytes, and how many words it heard."""
    ears = Ears(MoonshineEngine.load(), SileroModel.load())
    loaded, words = highest_memory(STATUS.read_text()), 0
    for _, event in rehearse(frames(sys.stdin.buffer), ears, time.process_time):
        words += len(event.words) if isinstance(event, TranscriptFinal) else 0
    print(json.dumps({"loaded": loaded, "highest": highest_memory(STATUS.read_text()), "words": words}))


if __name__ == "__main__":
    main()
