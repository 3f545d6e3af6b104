"""The language of a channel, gathered over utterances."""

from dataclasses import dataclass, field

import pytest

from live_sentiment.whisper.language import LanguageChoice

DUTCH, ENGLISH, UNCLEAR = {"nl": 0.97, "en": 0.02}, {"en": 0.95, "nl": 0.03}, {"nl": 0.45, "en": 0.5}
MUSIC = {"ko": 0.98, "en": 0.015, "nl": 0.001}


@dataclass
class Ear:
    """Goes through utterances as the engine does: a reading every half second, of sound in one language."""

    choice: LanguageChoice = field(default_factory=lambda: LanguageChoice(("nl", "en")))
    asked: int = 0

    def say(
        self, sound: dict[str, float], seconds: float = 3.0, *, words: int = 8, sure: float = -0.2, bound: float = 99.0
    ) -> str:
        """The language in which the utterance is read at its end; words are committed after ``bound`` seconds."""
        language = ""
        for half in range(1, int(2 * seconds) + 1):
            fixed = half / 2 > bound
            if self.choice.wants(half / 2, bound=fixed):
                self.asked += 1
                self.choice.hear(sound, half / 2)
            language = language if fixed else self.choice.best
        self.choice.settle(words, sure)
        return language


def test_the_first_choice_stands_until_something_is_heard() -> None:
    assert LanguageChoice(("nl", "en")).best == "nl"


def test_a_single_language_costs_no_asking() -> None:
    ear = Ear(LanguageChoice(("nl",)))
    assert [ear.say(ENGLISH), ear.say(ENGLISH)] == ["nl", "nl"]
    assert ear.asked == 0


def test_only_the_choices_count() -> None:
    choice = LanguageChoice(("nl", "en"))
    choice.hear({"de": 0.9, "en": 0.06, "nl": 0.04}, 1.0)
    assert choice.best == "en"


def test_later_audio_of_an_utterance_replaces_what_was_thought_of_it() -> None:
    choice = LanguageChoice(("nl", "en"))
    choice.hear(ENGLISH, 2.0)
    choice.hear(DUTCH, 2.0)
    assert choice.best == "nl"


def test_it_is_asked_at_every_reading_until_a_confident_final_and_then_once() -> None:
    ear = Ear()
    ear.say(DUTCH, words=1)
    ear.say(DUTCH, sure=-0.9)
    assert (ear.asked, ear.choice.settled) == (12, False)
    ear.say(DUTCH)
    assert (ear.asked, ear.choice.settled) == (18, True)
    ear.say(DUTCH)
    assert ear.asked == 19
    ear.say(DUTCH, seconds=1.0)
    assert ear.asked == 19, "too short to tell"


def test_unclear_utterances_go_with_what_was_heard_before() -> None:
    ear = Ear()
    ear.say({"nl": 0.7, "en": 0.3}, words=1)
    assert ear.say(UNCLEAR) == "nl"


def test_an_utterance_without_words_says_nothing() -> None:
    ear = Ear()
    ear.say(ENGLISH, words=0)
    assert ear.choice.best == "nl"


@pytest.mark.parametrize("greetings", [1, 2, 9])
def test_an_english_greeting_does_not_bind_a_dutch_call(greetings: int) -> None:
    ear = Ear()
    for _ in range(greetings):
        assert ear.say(ENGLISH) == "en"
    assert "nl" in (ear.say(DUTCH), ear.say(DUTCH)), "followed within two utterances"
    assert ear.say(DUTCH) == "nl"
    assert ear.say(UNCLEAR) == "nl"


def test_one_greeting_is_outvoted_at_once() -> None:
    ear = Ear()
    ear.say(ENGLISH, seconds=1.5, words=3)
    assert ear.say(DUTCH) == "nl"


def test_loanwords_change_nothing() -> None:
    ear = Ear()
    for _ in range(3):
        ear.say(DUTCH)
    assert [ear.say({"en": 0.7, "nl": 0.3}) for _ in range(2)] == ["nl", "nl"]
    assert ear.say(DUTCH) == "nl"


def test_a_switch_in_the_middle_is_followed_and_followed_back() -> None:
    ear = Ear()
    for sound, language in ((DUTCH, "nl"), (ENGLISH, "en"), (DUTCH, "nl")):
        for _ in range(4):
            ear.say(sound)
        assert ear.say(sound) == language


def test_a_switch_is_heard_though_words_are_committed_already() -> None:
    ear = Ear()
    ear.say(DUTCH)
    assert ear.say(ENGLISH, bound=1.0) == "nl", "the utterance stays as it began"
    ear.say(ENGLISH, bound=1.0)
    assert ear.choice.best == "en"


def test_music_between_changes_nothing() -> None:
    ear = Ear()
    ear.say(DUTCH)
    for _ in range(4):
        ear.say(MUSIC, words=2)
        ear.say(ENGLISH, words=7, sure=-0.9)
    assert ear.say(UNCLEAR) == "nl"


def test_music_taken_for_words_says_little_of_the_choices() -> None:
    ear = Ear()
    ear.say(DUTCH)
    assert [ear.say(MUSIC) for _ in range(3)] == ["nl"] * 3


def test_what_is_dropped_leaves_the_past_as_it_was() -> None:
    choice = LanguageChoice(("nl", "en"))
    choice.hear(DUTCH, 2.0)
    choice.settle(5, -0.2)
    choice.hear(ENGLISH, 2.0)
    choice.drop()
    assert choice.best == "nl"


def test_a_contradiction_is_asked_again() -> None:
    choice = LanguageChoice(("nl", "en"))
    choice.hear(DUTCH, 2.0)
    choice.settle(5, -0.2)
    assert [choice.wants(seconds, bound=False) for seconds in (1.0, 1.6)] == [False, True]
    choice.hear(ENGLISH, 1.6)
    assert choice.wants(1.9, bound=False)
    assert not choice.wants(1.9, bound=True)
    choice.hear(DUTCH, 1.9)
    assert not choice.wants(2.2, bound=False)
