"""The agent's choices about cues, over restarts of the window."""

from dataclasses import replace

import pytest
from PyQt6.QtCore import QSettings

from overlay.choices import CHOICES, Choices
from overlay.state.model import OverlayState

OFF = OverlayState(cues_off=True, muted=(("churn", 1_700_000_000.5), ("hold", 1_700_000_001.0)))


def test_choices_outlive_the_window(settings: QSettings) -> None:
    Choices(settings).after_paint(OFF, 0.0, ())
    settings.sync()
    again = QSettings(settings.fileName(), QSettings.Format.IniFormat)
    assert Choices(again).restored(OverlayState(transcript_open=True)) == replace(OFF, transcript_open=True)


def test_what_is_taken_back_is_forgotten(settings: QSettings) -> None:
    choices = Choices(settings)
    choices.keep(OFF)
    choices.keep(OverlayState())
    assert Choices(settings).restored(OFF) == OverlayState()


@pytest.mark.parametrize("kept", ["", "{", "[]", "7", '{"off": "no"}', '{"muted": [["churn"]]}', b"\xff\xfe"])
def test_what_makes_no_sense_is_as_if_nothing_was_kept(settings: QSettings, kept: object) -> None:
    settings.setValue(CHOICES, kept)
    assert Choices(settings).restored(OverlayState()) == OverlayState()


def test_nothing_is_written_as_long_as_nothing_is_chosen(settings: QSettings) -> None:
    Choices(settings).keep(OverlayState())
    assert not settings.contains(CHOICES)
