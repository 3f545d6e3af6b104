"""Which calls were asked for, by button or by a program, so that no conversation becomes two calls.

Whoever asks gets a call id at once; the capture begins the call under it. Belongs to the event loop's thread.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from server.after_call import Later, Timer
from server.errors import ServerFault

BEGINS_WITHIN = 5.0
"""Seconds after which a call that was asked for and did not begin is forgotten."""
_REMEMBERED = 1_000


class NoCapture(ServerFault):
    """Nothing listens to the headset."""

    retryable = True
    status = 503
    code = "no_capture"

    def __init__(self) -> None:
        advice = "Start Spiegel's capture, and ask again with the same key."
        super().__init__("Nothing listens to your headset at the moment.", advice)


class CallGoing(ServerFault):
    """Another conversation is going on."""

    status = 409
    code = "call_going"

    def __init__(self) -> None:
        super().__init__("Another call is going on.", "End it first.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that somebody asked for. ``fresh``: it was begun for that; ``external_id`` is the asking program's."""

    call_id: str
    external_id: str
    state: Literal["starting", "going", "ending", "over"]
    fresh: bool = False


@dataclass(slots=True)
class Awaited:
    """A call that the capture was told to begin. ``stop``: somebody wished its end meanwhile."""

    call_id: str
    timer: Timer
    stop: bool = False


class CallStarts:
    """Remembers idempotency keys and the ids that other programs have for a call."""

    def __init__(self, later: Later) -> None:
        self.awaited: Awaited | None = None
        self._later = later
        self._calls: OrderedDict[tuple[str, str], str] = OrderedDict()

    def call_of(self, *, key: str = "", external_id: str = "") -> str | None:
        """The call that was asked for with this key, or that another program knows by this id."""
        by_key = self._calls.get(("key", key)) if key else None
        return by_key or (self._calls.get(("external", external_id)) if external_id else None)

    def external_id(self, call_id: str) -> str:
        """What another program calls it; "" for none."""
        return next((name for (kind, name), call in self._calls.items() if kind == "external" and call == call_id), "")

    def link(self, call_id: str, *, key: str = "", external_id: str = "") -> None:
        """Remembers what else the call is known by."""
        for kind, name in (("key", key), ("external", external_id)):
            if name:
                self._calls[kind, name] = call_id
                if len(self._calls) > _REMEMBERED:
                    self._calls.popitem(last=False)

    def expect(self, call_id: str, gone: Callable[[], None]) -> None:
        """The capture has been told; ``gone`` is called when the call does not begin in time."""

        def forget() -> None:
            self.awaited = None
            self._calls = OrderedDict((name, call) for name, call in self._calls.items() if call != call_id)
            gone()

        self.awaited = Awaited(call_id, self._later(BEGINS_WITHIN, forget))

    def began(self, call_id: str) -> bool:
        """A call began; whether its end was wished meanwhile. What was asked for is this call, under whichever id."""
        awaited, self.awaited = self.awaited, None
        if awaited is None:
            return False
        awaited.timer.cancel()
        for name, call in self._calls.items():
            if call == awaited.call_id:
                self._calls[name] = call_id
        return awaited.stop
