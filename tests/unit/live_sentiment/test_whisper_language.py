"""The language of a channel, gathered over utterances."""

from live_sentiment.whisper.language import LanguageChoice


def test_the_first_choice_stands_until_something_is_heard() -> None:
    assert LanguageChoice(("nl", "en")).best == "nl"


def test_only_the_choices_count() -> None:
    choice = LanguageChoice(("nl", "en"))
    choice.hear({"de": 0.9, "en": 0.06, "nl": 0.04})
    assert choice.best == "en"


def test_later_audio_of_an_utterance_replaces_what_was_thought_of_it() -> None:
    choice = LanguageChoice(("nl", "en"))
    choice.hear({"en": 0.9, "nl": 0.1})
    choice.hear({"en": 0.2, "nl": 0.8})
    assert choice.best == "nl"


def test_an_unclear_utterance_goes_with_the_past() -> None:
    choice = LanguageChoice(("nl", "en"))
    choice.hear({"nl": 0.95, "en": 0.05})
    choice.settle()
    choice.hear({"nl": 0.45, "en": 0.55})
    assert choice.best == "nl"


def test_an_english_greeting_does_not_bind_a_dutch_call() -> None:
    choice = LanguageChoice(("nl", "en"))
    choice.hear({"en": 1.0})
    choice.settle()
    choice.hear({"nl": 1.0})
    assert choice.best == "nl"


def test_what_is_dropped_leaves_the_past_as_it_was() -> None:
    choice = LanguageChoice(("nl", "en"))
    choice.hear({"nl": 0.9, "en": 0.1})
    choice.settle()
    choice.hear({"en": 1.0})
    choice.drop()
    assert choice.best == "nl"
