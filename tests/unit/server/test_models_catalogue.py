"""Names of models to pull, and where each lies."""

import pytest
from faster_whisper import available_models

from server.errors import UnknownModel
from server.models.catalogue import USUAL, Wanted, asked_as, checked_name, repositories, wanted


def test_the_names_are_faster_whispers_own() -> None:
    assert set(repositories()) == set(available_models())
    assert set(USUAL) <= set(repositories())


@pytest.mark.parametrize(
    ("asked", "name", "expected"),
    [
        ("small", "", Wanted("small", "Systran/faster-whisper-small")),
        ("whisper-small", "", Wanted("small", "Systran/faster-whisper-small")),
        ("tiny.en", "", Wanted("tiny.en", "Systran/faster-whisper-tiny.en")),
        ("small", "ours", Wanted("ours", "Systran/faster-whisper-small")),
        ("Us/faster-whisper-nl", "", Wanted("nl", "Us/faster-whisper-nl")),
        ("us/model.v2", "", Wanted("model.v2", "us/model.v2")),
    ],
)
def test_a_model_is_known_by_name_or_by_its_repository(asked: str, name: str, expected: Wanted) -> None:
    assert wanted(asked, name) == expected


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Wanted("small", "Systran/faster-whisper-small"), "small"),
        (Wanted("ours", "Systran/faster-whisper-small"), "Systran/faster-whisper-small --name ours"),
        (Wanted("nl", "us/faster-whisper-nl"), "us/faster-whisper-nl"),
        (Wanted("small", "us/faster-whisper-nl"), "us/faster-whisper-nl --name small"),
    ],
)
def test_what_is_asked_for_leads_to_the_same_model(model: Wanted, words: str) -> None:
    assert asked_as(model) == words
    asked, _, name = words.partition(" --name ")
    assert wanted(asked, name) == model


@pytest.mark.parametrize("asked", ["smal", "", "a/b/c", "/small", "../small", "a/../b", "https://x/y"])
def test_what_is_not_known_is_refused_with_all_the_names(asked: str) -> None:
    with pytest.raises(UnknownModel) as caught:
        wanted(asked)
    assert asked in caught.value.what
    assert all(name in caught.value.advice for name in available_models())


@pytest.mark.parametrize("name", ["", ".hidden", "..", "a/b", "a b", "-x", "x" * 65, "x\n"])
def test_what_cannot_be_a_folder_cannot_be_a_name(name: str) -> None:
    with pytest.raises(UnknownModel, match="cannot be the name"):
        checked_name(name)
