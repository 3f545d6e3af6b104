"""Which key does what, where."""

import pytest

from overlay import scenes
from overlay.keys import KEYS, asked_by
from overlay.state.inputs import AnswerCue, AskCall, SetCues, SetSolved, Toggle, ToReady, TurnFeedback


@pytest.mark.parametrize(
    ("scene", "key", "asked"),
    [
        ("in-call-cue", "H", AnswerCue(outcome="helped")),
        ("in-call-cue", "D", AnswerCue(outcome="dismissed")),
        ("in-call-cue", "Esc", AnswerCue(outcome="dismissed")),
        ("in-call-cue", "M", AnswerCue(outcome="muted")),
        ("in-call-cue", "Shift+M", SetCues(wanted=False)),
        ("in-call-cues-off", "Shift+M", SetCues(wanted=True)),
        ("ready-cues-off", "Shift+M", SetCues(wanted=True)),
        ("pill-cue", "Shift+M", SetCues(wanted=False)),
        ("in-call-cue", "W", Toggle(part="why")),
        ("in-call-cue", "T", Toggle(part="transcript")),
        ("in-call-cue", "P", AskCall(action="pause")),
        ("in-call-cue", "Ctrl+E", AskCall(action="stop")),
        ("paused", "P", AskCall(action="resume")),
        ("paused", "H", None),
        ("pill-cue", "H", None),
        ("pill-cue", "C", Toggle(part="collapsed")),
        ("ready-feedback", "Right", TurnFeedback(step=1)),
        ("ready-feedback", "Left", TurnFeedback(step=-1)),
        ("ready-feedback", "S", AskCall(action="start")),
        ("ready-feedback", "P", None),
        ("wrap-up", "1", SetSolved(solved="yes")),
        ("wrap-up", "2", SetSolved(solved="not_yet")),
        ("wrap-up", "3", SetSolved(solved="no")),
        ("wrap-up", "Ctrl+Return", ToReady()),
        ("wrap-up", "S", None),
        ("wrap-up", "D", None),
        ("wrap-up-cue", "D", AnswerCue(outcome="dismissed")),
        ("wrap-up-cue", "W", Toggle(part="why")),
        ("wrap-up-cue", "1", SetSolved(solved="yes")),
        ("connecting", "H", None),
    ],
)
def test_keys(scene: str, key: str, asked: object) -> None:
    state, _ = scenes.scene(scene, "nl")
    assert key in KEYS
    assert asked_by(key, state) == asked
