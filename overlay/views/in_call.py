"""In a call: the customer's mood at a glance, the one cue, who talks, and the words on demand.

Feedback never appears here. While the agent has paused the listening, nothing else does either.
"""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from live_sentiment.events import Direction
from overlay.state.inputs import AskCall
from overlay.state.model import Call, OverlayState
from overlay.state.screens import TREND_SECONDS, cue_fades, is_paused, recent_mood, transcript, visible_cue
from overlay.theme.look import Look
from overlay.theme.tokens import CAPTION, DISPLAY, TITLE
from overlay.views.base import View
from overlay.widgets import icons
from overlay.widgets.banner import IconMark
from overlay.widgets.bars import Share, TalkBar
from overlay.widgets.base import Panel, tight
from overlay.widgets.buttons import Button
from overlay.widgets.cue_card import CueCard
from overlay.widgets.curves import Curve, MoodCurve
from overlay.widgets.face import Face, Mood
from overlay.widgets.text import Style, Text

DIRECTIONS: dict[Direction, icons.Icon] = {"rising": icons.rising, "steady": icons.steady, "falling": icons.falling}
SILENCE_FROM = 5.0
"""Seconds of silence from which they are counted on the screen."""


def mood_of(call: Call | None) -> Mood:
    """The face of a call's mood."""
    trend = call.trend if call is not None else None
    if trend is None or trend.mood is None or trend.sentiment is None:
        return Mood()
    return Mood(round(max(-1.0, min(1.0, trend.mood)), 2), trend.sentiment)


class MoodBlock(QWidget):
    """Face, word, direction, and the last minute."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.face = Face(look, 64)
        self.word = Text(look, Style(size=DISPLAY, weight=QFont.Weight.DemiBold, max_lines=1, line_height=1.25))
        self.hint = Text(look, Style(role="muted", max_lines=2))
        self.arrow = IconMark(look, icons.steady, "muted", 16)
        self.curve = MoodCurve(look, 50)
        hint_row = tight(QHBoxLayout(), 6)
        hint_row.addWidget(self.arrow, 0, Qt.AlignmentFlag.AlignVCenter)
        hint_row.addWidget(self.hint, 1)
        words = tight(QVBoxLayout(), 2)
        words.addStretch()
        words.addWidget(self.word)
        words.addLayout(hint_row)
        words.addStretch()
        top = tight(QHBoxLayout(), 16)
        top.addWidget(self.face)
        top.addLayout(words, 1)
        column = tight(QVBoxLayout(self), 4)
        column.addLayout(top)
        column.addWidget(self._make_trend())

    def _make_trend(self) -> QWidget:
        self.trend = QWidget()
        column = tight(QVBoxLayout(self.trend), 0)
        column.addWidget(self.curve)
        ends = tight(QHBoxLayout(), 0)
        texts, small = self._look.texts, Style(size=CAPTION, role="muted", max_lines=1)
        right = Style(size=CAPTION, role="muted", max_lines=1, align=Qt.AlignmentFlag.AlignRight)
        ends.addWidget(Text(self._look, small, texts("call.minute_ago")), 1)
        ends.addWidget(Text(self._look, right, texts("call.just_now")), 1)
        column.addLayout(ends)
        return self.trend

    def show_state(self, state: OverlayState, now: float) -> None:
        """Show the mood by now."""
        texts, mood = self._look.texts, mood_of(state.call)
        word = texts(f"mood.{mood.sentiment}") if mood.sentiment else texts("mood.unsure")
        self.face.show_value(mood, texts("mood.name", mood=word))
        self.word.show_text(word, mood.role if mood.sentiment else "text")
        direction = state.call.trend.direction if state.call and state.call.trend and mood.sentiment else None
        self.arrow.setVisible(direction is not None)
        if direction is not None:
            self.arrow.show_value((DIRECTIONS[direction], "muted"), texts(f"mood.{direction}"))
        self.hint.show_text(self._hint(state.call, direction))
        points = recent_mood(state, now)
        self.curve.show_value(Curve(points=points, start=-TREND_SECONDS), texts("call.trend_name"))

    def _hint(self, call: Call | None, direction: Direction | None) -> str:
        texts = self._look.texts
        if direction is None or call is None:
            return texts("mood.unsure_hint")
        reading = call.reading
        sure = reading is not None and reading.sure and call.trend is not None
        fits = sure and reading is not None and call.trend is not None and reading.sentiment == call.trend.sentiment
        emotion = texts.get(f"emotion.{reading.emotion}", "") if fits and reading is not None else ""
        return f"{texts(f'mood.{direction}')} · {emotion}" if emotion else texts(f"mood.{direction}")


class TalkBlock(QWidget):
    """Who talks how much, in numbers."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        right = Style(size=CAPTION, role="muted", max_lines=1, align=Qt.AlignmentFlag.AlignRight)
        middle = Style(size=CAPTION, role="text", max_lines=1, align=Qt.AlignmentFlag.AlignHCenter)
        self.agent = Text(look, Style(size=CAPTION, role="muted", max_lines=1))
        self.silence = Text(look, middle)
        self.customer = Text(look, right)
        self.bar = TalkBar(look)
        row = tight(QHBoxLayout(), 8)
        for text in (self.agent, self.silence, self.customer):
            row.addWidget(text, 1)
        column = tight(QVBoxLayout(self), 6)
        column.addWidget(self.bar)
        column.addLayout(row)

    def show_call(self, call: Call) -> None:
        """Show the shares and the present silence."""
        texts, metrics = self._look.texts, call.metrics
        ratio = metrics.talk_ratio if metrics is not None else None
        silent = metrics is not None and metrics.dead_air >= SILENCE_FROM
        self.silence.show_text(texts("call.silence", seconds=int(metrics.dead_air)) if metrics and silent else "")
        if ratio is None:
            self.bar.show_value(Share(), texts("call.no_speech"))
            self.agent.show_text(texts("call.you"))
            self.customer.show_text(texts("call.customer"))
            return
        share = min(100, max(0, round(ratio * 100)))
        name = texts("call.talk_name", agent=share, customer=100 - share)
        self.bar.show_value(Share(share / 100), name)
        self.agent.show_text(f"{texts('call.you')} {share}%")
        self.customer.show_text(f"{texts('call.customer')} {100 - share}%")


class TranscriptBlock(Panel):
    """The last two utterances, customer and agent told apart by name."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "raised")
        self.box.setContentsMargins(14, 10, 14, 12)
        self.box.setSpacing(6)
        self.speakers = [Text(look, Style(size=CAPTION, weight=QFont.Weight.DemiBold, role="muted")) for _ in range(2)]
        self.lines = [Text(look, Style(max_lines=0)) for _ in range(2)]
        for speaker, line in zip(self.speakers, self.lines, strict=True):
            pair = tight(QVBoxLayout(), 0)
            pair.addWidget(speaker)
            pair.addWidget(line)
            self.box.addLayout(pair)

    def show_state(self, state: OverlayState) -> None:
        """Show the words heard last; of a long utterance its end, where the talk is."""
        texts = self.look.texts
        heard = transcript(state)
        for i, (speaker, line) in enumerate(zip(self.speakers, self.lines, strict=True)):
            known = i < len(heard)
            speaker.setVisible(known)
            line.setVisible(known or i == 0)
            if known:
                speaker.show_text(texts("call.you" if heard[i].channel == "agent" else "call.customer"))
                line.show_text(_tail(heard[i].text), "text" if heard[i].final else "muted")
            elif i == 0:
                line.show_text(texts("call.no_words"), "muted")


def _tail(text: str, most: int = 120) -> str:
    """The end of a long text, from a word on."""
    if len(text) <= most:
        return text
    cut = text[-most:]
    return "… " + (cut.split(" ", 1)[1] if " " in cut else cut)


class PausedBlock(Panel):
    """The screen that must not be overlooked: nothing is heard."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "pause")
        texts = look.texts
        self.box.setContentsMargins(20, 22, 20, 20)
        self.box.setSpacing(10)
        self.resume = Button(look, "on_pause", texts("call.resume"), icon=icons.play, key="P")
        title = Style(size=TITLE + 3, weight=QFont.Weight.Bold, role="on_pause", max_lines=1)
        row = tight(QHBoxLayout(), 8)
        row.setContentsMargins(-6, 0, 0, 0)
        row.addWidget(IconMark(look, icons.pause, "on_pause", 34, 3.6))
        row.addWidget(Text(look, title, texts("call.paused_title")), 1)
        self.box.addLayout(row)
        self.box.addWidget(Text(look, Style(role="on_pause"), texts("call.paused_body")))
        self.box.addWidget(self.resume)
        self.setAccessibleName(f"{texts('call.paused_title')}. {texts('call.paused_body')}")


class InCallView(View):
    """The glance."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.paused = PausedBlock(look)
        self.mood = MoodBlock(look)
        self.cue = CueCard(look)
        self.talk = TalkBlock(look)
        self.transcript = TranscriptBlock(look)
        self.cue.asked.connect(self.asked)
        self.paused.resume.clicked.connect(lambda: self.asked.emit(AskCall(action="resume")))
        for part in (self.paused, self.mood, self.cue, self.talk, self.transcript):
            self.column.addWidget(part)

    def show_state(self, state: OverlayState, now: float) -> None:
        """Show the call as it is now."""
        call, paused = state.call, is_paused(state)
        self.paused.setVisible(paused)
        self.mood.setVisible(not paused)
        self.talk.setVisible(not paused)
        self.transcript.setVisible(state.transcript_open and not paused)
        cue = visible_cue(state, now)
        age = max(0.0, now - call.wall(cue.at)) if cue is not None and call is not None else 0.0
        self.cue.show_cue(cue, age, why_open=state.why_open, fading=cue_fades(state, now))
        self.paused.resume.setEnabled(state.link == "up" and state.asked is None)
        if call is not None and not paused:
            self.mood.show_state(state, now)
            self.talk.show_call(call)
            self.transcript.show_state(state)
