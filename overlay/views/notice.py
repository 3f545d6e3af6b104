"""The screens without a call or feedback: connecting, refused, loading the models."""

from typing import ClassVar

from PyQt6.QtGui import QFont

from overlay.state.inputs import Retry
from overlay.state.model import OverlayState
from overlay.state.screens import screen_of
from overlay.theme.look import Look
from overlay.theme.tokens import CAPTION, TITLE
from overlay.views.base import View
from overlay.widgets.bars import Progress, Share
from overlay.widgets.buttons import Button
from overlay.widgets.text import Style, Text


class NoticeView(View):
    """A title, what it means and what to do, and progress or a button where they help."""

    KNOWN_CODES: ClassVar[dict[str, str]] = {
        "bad_token": "token",
        "unauthorized": "token",
        "forbidden": "token",
        "http-401": "token",
        "http-403": "token",
        "bad_version": "version",
        "version": "version",
        "window": "broken",
    }

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.column.setSpacing(12)
        self.column.setContentsMargins(0, 8, 0, 4)
        self.title = Text(look, Style(size=TITLE, weight=QFont.Weight.DemiBold, max_lines=2))
        self.body = Text(look, Style(role="muted", balanced=True))
        self.progress = Progress(look)
        self.percent = Text(look, Style(size=CAPTION, role="muted", max_lines=2))
        self.retry = Button(look, "primary", look.texts("refused.retry"))
        self.retry.clicked.connect(lambda: self.asked.emit(Retry()))
        for part in (self.title, self.body, self.progress, self.percent, self.retry):
            self.column.addWidget(part)

    def show_state(self, state: OverlayState, now: float) -> None:
        """Show why nothing else can be shown yet."""
        del now
        screen = screen_of(state)
        loading = screen == "loading"
        broken = screen == "refused" and state.refusal is not None and state.refusal.code == "window"
        self.title.show_text(self.look.texts("refused.title_broken" if broken else f"{screen}.title"))
        self.body.show_text(self._body(state))
        part = state.server.progress if loading and state.server else None
        self.progress.setVisible(screen != "refused")
        percent = self.look.texts("loading.percent", percent=round((part or 0.0) * 100))
        self.progress.show_value(Share(part), percent if part is not None else self.title.text())
        detail = self.look.texts.pick(state.server.detail) if loading and state.server else ""
        self.percent.setVisible(part is not None)
        self.percent.show_text(f"{percent} · {detail}" if detail else percent)
        self.retry.setVisible(screen == "refused")

    def _body(self, state: OverlayState) -> str:
        texts, screen = self.look.texts, screen_of(state)
        if screen == "refused" and state.refusal is not None:
            kind = self.KNOWN_CODES.get(state.refusal.code, "other")
            return texts(f"refused.{kind}", message=state.refusal.message)
        if screen == "loading":
            return texts("loading.body")
        return texts("connecting.late" if state.retry_at is not None else "connecting.body")
