"""In whatever chunks audio comes, what is made of it is the same."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio_capture.interleave import Interleaver
from audio_capture.ring import SampleRing
from audio_capture.source import Heard
from live_sentiment.events import CHANNELS, FRAME_SAMPLES, SAMPLE_RATE, AudioFrame, Channel
from live_sentiment.utterance_audio import UtteranceAudio

LENGTH = 5 * FRAME_SAMPLES + 100
AUDIO = np.random.default_rng(3).integers(-32768, 32767, LENGTH, dtype=np.int16)

cuts = st.lists(st.integers(0, LENGTH), max_size=12).map(sorted)


def chunks(at: Sequence[int]) -> Iterator[NDArray[np.int16]]:
    """``AUDIO`` cut at the places ``at``."""
    for first, last in zip((0, *at), (*at, LENGTH), strict=True):
        yield AUDIO[first:last]


@dataclass
class Lane:
    """A channel as the recording thread fills it."""

    first_index: int | None = 0
    ring: SampleRing = field(default_factory=lambda: SampleRing(2 * LENGTH))


def frames(agent: Sequence[int], customer: Sequence[int]) -> list[Heard]:
    """What the interleaver makes of both channels, chunk by chunk."""
    lanes: dict[Channel, Lane] = {channel: Lane() for channel in CHANNELS}
    waiting = [list(chunks(at)) for at in (agent, customer)]

    async def play() -> list[Heard]:
        wake = asyncio.Event()
        interleaver = Interleaver(lanes, wake)

        def more() -> None:
            for channel, left in zip(CHANNELS, waiting, strict=True):
                if left:
                    lanes[channel].ring.write(left.pop(0))
            wake.set()
            if not any(waiting) and done:
                interleaver.close()
            done.extend([True] * (not any(waiting)))

        done: list[bool] = []
        return [item async for item in interleaver.heard(more)]

    return asyncio.run(play())


@given(agent=cuts, customer=cuts)
def test_frames_do_not_depend_on_the_chunks_that_were_recorded(agent: list[int], customer: list[int]) -> None:
    heard = frames(agent, customer)
    expected = AUDIO[: 5 * FRAME_SAMPLES].astype("<i2").tobytes()
    for channel in CHANNELS:
        mine = [item for item in heard if isinstance(item, AudioFrame) and item.channel == channel]
        assert b"".join(frame.pcm for frame in mine) == expected
        assert [round(frame.start * SAMPLE_RATE) for frame in mine] == [n * FRAME_SAMPLES for n in range(5)]
    assert [item.start for item in heard] == sorted(item.start for item in heard)


@given(at=cuts, asked=st.sets(st.integers(0, 12)))
def test_an_utterances_audio_does_not_depend_on_chunks_nor_on_when_it_was_read(at: list[int], asked: set[int]) -> None:
    audio = UtteranceAudio(longest=1500 / SAMPLE_RATE)
    for number, chunk in enumerate(chunks(at)):
        audio.append(chunk.astype(np.float32))
        if number in asked:
            audio.samples()
    assert audio.samples().tolist() == AUDIO[-1500:].tolist()
    assert audio.dropped == LENGTH - 1500
