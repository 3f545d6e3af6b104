"""What Whisper is told before it reads."""

import pytest

from live_sentiment.whisper.context import NOTHING, Context

TOLD = Context(" Calls about parcels. ", ("Blue Heron", "Emma de Vries"))


def letters(text: str) -> list[int]:
    return [ord(letter) for letter in text]


def spelled(context: Context) -> str:
    return "".join(map(chr, context.tokens(letters)))


def test_names_come_first_and_the_prompt_stands_nearest_to_the_speech() -> None:
    assert spelled(TOLD) == " Blue Heron, Emma de Vries Calls about parcels."
    assert spelled(Context("", ("Blue Heron",))) == " Blue Heron"
    assert spelled(NOTHING) == ""


@pytest.mark.parametrize(("most", "names"), [(47, 2), (46, 1), (32, 1), (31, 0), (3, 0)])
def test_the_last_names_go_when_there_are_too_many(most: int, names: int) -> None:
    assert TOLD.fitting(letters, most) == Context(TOLD.prompt, TOLD.hotwords[:names])


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("blue heron, Emma de Vries!", True),
        ("Vries calls about", True),
        ("Calls about parcels.", True),
        ("heron Emma", True),
        ("Emma Heron", False),
        ("call", False),
        ("Blue Heron Emma de Vries calls about parcels today", False),
        (" ", False),
    ],
)
def test_only_a_piece_of_it_is_held(text: str, held: bool) -> None:
    assert TOLD.holds(text) is held
    assert not NOTHING.holds(text)
