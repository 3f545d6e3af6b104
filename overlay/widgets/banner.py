"""The notice beside a screen: what happened, and what to do about it."""

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QFont, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from overlay.state.screens import Notice
from overlay.theme.look import Look
from overlay.theme.tokens import BODY
from overlay.widgets.base import Painted, Panel, smooth, tight
from overlay.widgets.icons import Icon, draw, warning
from overlay.widgets.text import Style, Text


class IconMark(Painted[tuple[Icon, str]]):
    """An icon in a colour role, ``size`` pixels square; says nothing by itself."""

    def __init__(self, look: Look, icon: Icon, role: str, size: int = 18, stroke: float = 2.0) -> None:
        super().__init__(look, (icon, role), size)
        self.setFixedWidth(size)
        self._stroke = stroke

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the icon."""
        del a0
        painter = smooth(self)
        icon, role = self.value
        draw(painter, icon, QRectF(self.rect()), self.look.colour(role), self._stroke)
        painter.end()


class Banner(Panel):
    """One notice. GUI thread only."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "warn")
        self.box.setContentsMargins(14, 11, 14, 12)
        self._title = Text(look, Style(size=BODY, weight=QFont.Weight.DemiBold, role="on_warn"))
        self._body = Text(look, Style(size=BODY, role="on_warn", balanced=True))
        words = tight(QVBoxLayout(), 1)
        words.addWidget(self._title)
        words.addWidget(self._body)
        row = tight(QHBoxLayout(), 10)
        icon = QWidget()
        column = tight(QVBoxLayout(icon), 0)
        column.addWidget(IconMark(look, warning, "on_warn"))
        column.addStretch()
        row.addWidget(icon)
        row.addLayout(words, 1)
        self.box.addLayout(row)

    def show_notice(self, notice: Notice | None) -> None:
        """Show a notice; hide for None."""
        self.setVisible(notice is not None)
        if notice is None:
            return
        texts = self.look.texts
        detail = texts.pick(dict(notice.detail))
        values: dict[str, object] = {"seconds": max(1, round(notice.seconds)), "message": detail}
        self._title.show_text(texts(f"notice.{notice.kind}", **values))
        own = detail if notice.kind == "degraded" and detail else ""
        self._body.show_text(own or self._advice(notice, values))
        self.setAccessibleName(f"{self._title.text()}. {self._body.text()}")

    def _advice(self, notice: Notice, values: dict[str, object]) -> str:
        """What to do; a known error has words of its own, of another the server's are shown."""
        texts = self.look.texts
        if notice.kind != "error":
            return texts(f"notice.{notice.kind}_do", **values)
        told = texts.get(f"error.{notice.code}", "")
        return told or texts("notice.error_do" if notice.retryable else "notice.error_final", **values)
