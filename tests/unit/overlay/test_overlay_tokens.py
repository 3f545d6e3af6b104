"""The design's numbers, measured."""

import pytest

from overlay.theme.tokens import CONTRAST, DARK, LIGHT, SHAPE_PAIRS, TEXT_PAIRS, Theme, contrast, theme_named

THEMES = [LIGHT, DARK, CONTRAST]


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read(theme: Theme, ink: str, ground: str) -> None:
    least = 7.0 if theme is CONTRAST else 4.5
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= least


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
@pytest.mark.parametrize(("ink", "ground"), SHAPE_PAIRS)
def test_shapes_can_be_told_from_their_ground(theme: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= 3.0


def test_contrast_as_the_standard_defines_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1.0


def test_auto_follows_the_desktop() -> None:
    assert theme_named("auto", dark_desktop=True) is DARK
    assert theme_named("auto", dark_desktop=False) is LIGHT
    assert theme_named("contrast", dark_desktop=True) is CONTRAST
