"""For demos and tests: lives through one call and ends the process by itself, having shown what comes after it."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer

from overlay.presenter import Presenter
from overlay.state.inputs import ToReady
from overlay.state.model import OverlayState
from overlay.state.screens import screen_of, visible_feedback

WRAP_UP_SECONDS = 2.5
FEEDBACK_PATIENCE = 6.0
FEEDBACK_SECONDS = 2.5
GONE_SECONDS = 8.0
"""Without a line for this long after there was one: the server has ended."""
NEVER_SECONDS = 45.0
"""Without a line for this long from the start: there is no server."""


class OneCall(QObject):
    """Watches the painted states; ``leave`` is called once with the exit code. GUI thread only."""

    def __init__(self, presenter: Presenter, leave: Callable[[int], None]) -> None:
        super().__init__()
        self._presenter = presenter
        self._leave = leave
        self._wrapped = self._left = False
        self._reason = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._over)
        self._wait("never", NEVER_SECONDS)
        presenter.painted.connect(self.after_paint)

    def after_paint(self, state: OverlayState, painted_at: float, shown: object) -> None:
        """Look what the screen shows now, and wait for what comes next."""
        del painted_at, shown
        screen = screen_of(state)
        if screen == "refused":
            self._wait("refused", FEEDBACK_SECONDS)
        elif state.link != "up":
            self._wait("gone" if state.ever_up else "never", GONE_SECONDS if state.ever_up else NEVER_SECONDS)
        elif screen == "wrap_up":
            self._wrapped = True
            self._wait("wrap_up", WRAP_UP_SECONDS)
        elif screen == "ready" and self._wrapped:
            card = visible_feedback(state)
            news = card is not None and card.call_id == (state.past_calls or ("",))[-1]
            self._wait("news" if news else "quiet", FEEDBACK_SECONDS if news else FEEDBACK_PATIENCE)
        else:
            self._wait("", 0.0)

    def _wait(self, reason: str, seconds: float) -> None:
        if reason == self._reason:
            return
        self._reason = reason
        self._timer.stop()
        if reason:
            self._timer.start(int(seconds * 1000))

    def _over(self) -> None:
        if self._reason == "wrap_up":
            self._presenter.take(ToReady())
        elif not self._left:
            self._left = True
            self._leave(1 if self._reason in {"never", "refused"} else 0)

    def stop(self) -> None:
        """Stop waiting."""
        self._timer.stop()
