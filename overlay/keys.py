"""Which key does what, on which screen. Pure: a key and a state in, what the agent asks out."""

from overlay.state.inputs import (
    AnswerCue,
    AnyInput,
    AskCall,
    SetCues,
    SetSolved,
    Solved,
    Toggle,
    ToReady,
    TurnFeedback,
)
from overlay.state.model import OverlayState
from overlay.state.screens import is_paused, screen_of

KEYS = (
    "H",
    "D",
    "Esc",
    "M",
    "Shift+M",
    "W",
    "T",
    "P",
    "C",
    "S",
    "Left",
    "Right",
    "1",
    "2",
    "3",
    "Ctrl+E",
    "Ctrl+Return",
)
"""Every key the window listens to, as Qt spells them."""

_ANSWERS: dict[str, AnyInput] = {
    "H": AnswerCue(outcome="helped"),
    "D": AnswerCue(outcome="dismissed"),
    "Esc": AnswerCue(outcome="dismissed"),
    "M": AnswerCue(outcome="muted"),
    "W": Toggle(part="why"),
}
_SOLVED: dict[str, Solved] = {"1": "yes", "2": "not_yet", "3": "no"}
_READY: dict[str, AnyInput] = {
    "Left": TurnFeedback(step=-1),
    "Right": TurnFeedback(step=1),
    "S": AskCall(action="start"),
}


def asked_by(key: str, state: OverlayState) -> AnyInput | None:
    """What pressing ``key`` asks for on the present screen; None when it means nothing there."""
    if key == "C":
        return Toggle(part="collapsed")
    if key == "Shift+M":
        return SetCues(wanted=state.cues_off)
    screen = screen_of(state)
    if screen == "in_call":
        return _in_call(key, state)
    if screen == "wrap_up" and not state.collapsed:
        return ToReady() if key == "Ctrl+Return" else _solved(key) or _cue_after(key, state)
    return _READY.get(key) if screen == "ready" and not state.collapsed else None


def _in_call(key: str, state: OverlayState) -> AnyInput | None:
    paused = is_paused(state)
    if key == "P":
        return AskCall(action="resume" if paused or state.pause_wanted else "pause")
    if key == "Ctrl+E":
        return AskCall(action="stop")
    if paused or state.collapsed:
        return None
    return Toggle(part="transcript") if key == "T" else _ANSWERS.get(key)


def _cue_after(key: str, state: OverlayState) -> AnyInput | None:
    """The keys of a cue that came after the call; while a note is written they are letters."""
    return _ANSWERS.get(key) if state.call is not None and state.call.cue is not None else None


def _solved(key: str) -> AnyInput | None:
    return SetSolved(solved=_SOLVED[key]) if key in _SOLVED else None
