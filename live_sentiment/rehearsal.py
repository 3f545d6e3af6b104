"""When each word of a recording would have stood on the screen, were it a call on this machine.

The same pipeline as live, on a virtual clock: frames arrive at their capture time, and each piece of work takes what it
really took by ``timer``. So the delays of four minutes of call are known in the time of its decoding alone, and are
those of a machine that does nothing else. Sockets and painting are not in them (a few milliseconds; see
``benchmarks.live_delay`` for the whole product).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from live_sentiment.events import AnyEvent, AudioFrame


class Told(NamedTuple):
    """An event, and when it was told: seconds since the call started, on the virtual clock."""

    when: float
    event: AnyEvent


class Listener(Protocol):
    """What is rehearsed: ``pipeline.CallPipeline``, or a part of it."""

    def accept(self, frame: AudioFrame) -> list[AnyEvent]:
        """Hears a frame."""
        ...

    def step(self) -> list[AnyEvent] | None:
        """Does the most urgent decode; None when there is none."""
        ...

    def finish(self, at: float) -> list[AnyEvent]:
        """Ends the call."""
        ...


def rehearse(heard: Iterable[AudioFrame], listener: Listener, timer: Callable[[], float]) -> Iterator[Told]:
    """All events of a call with the time they would have been told at.

    Args:
        heard: the frames of both channels, in order of time.
        listener: a fresh pipeline.
        timer: seconds from anywhere, for example ``time.perf_counter``; ``time.thread_time`` leaves out what other
            programs cost.
    """
    now = end = 0.0
    for frame in heard:
        while now < frame.end:
            events, took = _timed(listener.step, timer)
            if events is None:
                now = frame.end
                break
            now += took
            yield from (Told(now, event) for event in events)
        end = max(end, frame.end)
        events, took = _timed(lambda frame=frame: listener.accept(frame), timer)
        now += took
        yield from (Told(now, event) for event in events or ())
    events, took = _timed(lambda: listener.finish(end), timer)
    yield from (Told(now + took, event) for event in events or ())


def _timed(
    work: Callable[[], list[AnyEvent] | None], timer: Callable[[], float]
) -> tuple[list[AnyEvent] | None, float]:
    """What ``work`` answers, and the seconds it took."""
    began = timer()
    answer = work()
    return answer, timer() - began
