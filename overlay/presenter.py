"""What turns the wheel: messages in, state on, a repaint, answers out.

A frame comes at most every 80 ms, but a final and a cue do not wait for theirs. The state and the clock's timers are
owned here; the logic is in ``overlay.state``, the drawing in the window. Nothing runs while nothing changes: one
single-shot timer for the next frame, one for the next moment the screen changes by itself.
"""

import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from live_sentiment.events import AnyEvent, Cue, TranscriptFinal, TranscriptPartial
from overlay.keys import asked_by
from overlay.state.inputs import AnyInput, CuePainted, Leaving, Retry, Tick
from overlay.state.model import Outgoing, OverlayState
from overlay.state.reduce import drained, reduce
from overlay.state.screens import visible_cue, wake_at
from overlay.theme.tokens import FRAME_MS
from overlay.window import OverlayWindow
from server.protocol import Envelope, Snapshot

Clock = Callable[[], float]
MAX_UNPAINTED = 2_000


class Presenter(QObject):
    """Joins line, state and window. GUI thread only.

    ``send`` takes what goes to the server, ``retry`` asks the line to try again, ``clock`` is Unix time in seconds.
    ``painted`` says after each frame: the state, the Unix time just after the paint, and the envelopes it showed.
    """

    painted = pyqtSignal(object, float, object)

    def __init__(
        self,
        window: OverlayWindow,
        send: Callable[[Outgoing], None],
        retry: Callable[[], None],
        clock: Clock = time.time,
    ) -> None:
        super().__init__()
        self.state = OverlayState()
        self._window, self._send, self._retry, self._clock = window, send, retry, clock
        self._unpainted: list[Envelope] = []
        self._last_frame = 0.0
        self._frame = self._single_shot(self._paint)
        self._wake = self._single_shot(lambda: self.take(Tick()))
        window.asked.connect(self.take)

    def _single_shot(self, action: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(action)
        return timer

    def start(self, first: OverlayState | None = None) -> None:
        """Show the window as it is before anything arrived, or as ``first`` has it."""
        self.state = first or self.state
        self._window.show_state(self.state, self._clock())
        self._window.show()
        self._paint()

    def press(self, key: str) -> None:
        """Take a key."""
        asked = asked_by(key, self.state)
        if asked is not None:
            self.take(asked)

    def take(self, message: AnyInput) -> None:
        """Take anything that happened."""
        if isinstance(message, Retry):
            self._retry()
        before = self.state
        after = reduce(before, message, self._clock())
        for outgoing in after.outbox:
            self._send(outgoing)
        self.state = drained(after) if after.outbox else after
        if self.state.call is not before.call:
            self._note_unpainted(message)
        if isinstance(message, Tick) or self._unpainted or self.state != before:
            self._plan_frame(at_once=isinstance(message, Tick) or _is_awaited(message))
        self._sleep()

    def _plan_frame(self, *, at_once: bool) -> None:
        if at_once:
            self._frame.start(0)
        elif not self._frame.isActive():
            since = (time.monotonic() - self._last_frame) * 1000
            self._frame.start(max(0, int(FRAME_MS - since)))

    def _note_unpainted(self, message: AnyInput) -> None:
        """Remember which events the next frame will show; of a growing partial only its newest form."""
        if isinstance(message, Snapshot):
            self._unpainted.clear()
        if not isinstance(message, Envelope) or _in_shadow(message.event):
            return
        event = message.event
        if isinstance(event, TranscriptPartial):
            self._unpainted = [e for e in self._unpainted if not _older_partial(e, event)]
        self._unpainted = [*self._unpainted, message][-MAX_UNPAINTED:]

    def _sleep(self) -> None:
        now = self._clock()
        wake = wake_at(self.state, now)
        if wake is None:
            self._wake.stop()
        else:
            self._wake.start(min(60_000, max(10, int((wake - now) * 1000) + 5)))

    def _paint(self) -> None:
        """Show the state, draw it before returning, and tell when that was."""
        now, self._last_frame = self._clock(), time.monotonic()
        self._window.show_state(self.state, now)
        self._window.paint_now()
        painted_at = self._clock()
        shown, self._unpainted = tuple(self._unpainted), []
        cue = visible_cue(self.state, now)
        if cue is not None and not self.state.collapsed:
            self._told_painted(cue.cue_id, painted_at)
        self.painted.emit(self.state, painted_at, shown)
        self._sleep()

    def _told_painted(self, cue_id: str, painted_at: float) -> None:
        after = reduce(self.state, CuePainted(cue_id=cue_id), painted_at)
        for outgoing in after.outbox:
            self._send(outgoing)
        self.state = drained(after) if after.outbox else after

    def leave(self) -> None:
        """Send what waits for the agent's hand to rest."""
        self.take(Leaving())

    def stop(self) -> None:
        """Stop all timers."""
        self._frame.stop()
        self._wake.stop()


def _is_awaited(message: AnyInput) -> bool:
    """Whether somebody waits for it: the end of speech is painted just before its final, which would wait 80 ms."""
    if not isinstance(message, Envelope):
        return False
    return isinstance(message.event, (TranscriptFinal, Cue)) and not _in_shadow(message.event)


def _in_shadow(event: AnyEvent) -> bool:
    return isinstance(event, Cue) and event.shadow


def _older_partial(envelope: Envelope, newer: TranscriptPartial) -> bool:
    event = envelope.event
    return isinstance(event, TranscriptPartial) and event.utterance == newer.utterance
