"""What the demo and the benchmarks keep of a session: pictures of each new screen, and when each event was painted."""

import logging
from io import TextIOWrapper
from pathlib import Path

import msgspec
from PyQt6.QtCore import QObject
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget

from live_sentiment.events import CallStarted
from overlay.state.model import Call, OverlayState
from overlay.state.screens import is_paused, notice_of, screen_of, visible_cue, visible_feedback
from server.protocol import Envelope

log = logging.getLogger(__name__)

SCALE = 2.0
"""Pixels of a picture for each pixel of the window."""
MOODS_KEPT = 4
"""Pictures at changes of the mood, at most, for each call."""


def save_picture(widget: QWidget, path: Path, scale: float = SCALE) -> None:
    """Draw ``widget`` into a PNG at ``scale``, whatever the screen's own resolution is."""
    image = QImage(widget.size() * scale, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(0)
    widget.render(image)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(path)):
        log.warning("could not save %s", path)


class Pictures(QObject):
    """Saves ``NN-name.png`` of every screen state that was not seen before. GUI thread only."""

    def __init__(self, window: QWidget, folder: Path) -> None:
        super().__init__()
        self._window = window
        self._folder = folder
        self._taken: list[str] = []

    def after_paint(self, state: OverlayState, painted_at: float, shown: object) -> None:
        """Look at a freshly painted state, and keep it when it is new and has something to show."""
        del shown
        name = picture_name(state, painted_at)
        if name is None or name in self._taken or self._too_many(name):
            return
        self._taken.append(name)
        label = name.split(" ", 1)[0]
        save_picture(self._window, self._folder / f"{len(self._taken):02}-{label}.png")

    def _too_many(self, name: str) -> bool:
        return name.startswith("in-call-") and sum(n.startswith("in-call-") for n in self._taken) >= MOODS_KEPT


def picture_name(state: OverlayState, now: float) -> str | None:
    """What a picture of this state is called; None when it is not worth one. After a space: what tells it apart."""
    screen = screen_of(state)
    if state.collapsed:
        return f"pill-{screen}".replace("_", "-")
    if screen == "in_call" and state.call is not None:
        return _name_in_call(state, state.call, now)
    feedback = "-feedback" if visible_feedback(state) is not None else ""
    return f"{screen}{feedback}".replace("_", "-")


def _name_in_call(state: OverlayState, call: Call, now: float) -> str | None:
    notice = notice_of(state, now)
    if is_paused(state):
        return "paused"
    cue = visible_cue(state, now)
    if cue is not None:
        return f"cue-{cue.rule} {cue.cue_id}"
    if notice is not None:
        return f"notice-{notice.kind}"
    if not call.lines or call.trend is None or call.trend.sentiment is None:
        return None
    return f"in-call-{call.trend.sentiment}"


class Trace(QObject):
    """Writes a JSON line for each painted event: when it was painted, its number, the event. GUI thread only.

    The first line of a call is ``{"started": call_id, "started_at": ..., "speed": ...}``. Of a growing partial only the
    form that was really painted is written.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIOWrapper = path.open("w", encoding="utf-8")

    def after_paint(self, state: OverlayState, painted_at: float, shown: tuple[Envelope, ...]) -> None:
        """Write what the frame showed."""
        del state
        for envelope in shown:
            if isinstance(envelope.event, CallStarted):
                event = envelope.event
                self._write({"started": event.call_id, "started_at": event.started_at, "speed": event.speed})
            self._write({"painted": painted_at, "seq": envelope.seq, "event": envelope.event})
        if shown:
            self._file.flush()

    def _write(self, line: dict[str, object]) -> None:
        self._file.write(msgspec.json.encode(line).decode() + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
