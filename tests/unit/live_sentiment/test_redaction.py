"""What is hidden, what stays, and what is remembered between turns. All numbers here are made up."""

import time
from pathlib import Path

import pytest

from live_sentiment.events import Word
from live_sentiment.redaction import CallContext, Redactor, TurnRedactor
from live_sentiment.spoken_digits import digit_runs, digits_of

REDACTOR = Redactor()


def spoken(text: str, start: float = 0.0) -> list[Word]:
    return [
        Word(text=word, start=start + i / 2, end=start + i / 2 + 0.4, probability=0.9 - i / 100)
        for i, word in enumerate(text.split())
    ]


def said(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


@pytest.mark.parametrize(
    ("word", "digits"),
    [
        ("vier", "4"),
        ("één", "1"),
        ("een", ""),
        ("eenentwintig", "21"),
        ("tweeëntwintig,", "22"),
        ("negentiennegentig", "1990"),
        ("negentienhonderdnegentig", "1990"),
        ("driehonderdtwaalf", "312"),
        ("forty-two", "42"),
        ("four-one-one", "411"),
        ("06-123", "06123"),
        ("honderd", ""),
        ("huis", ""),
    ],
)
def test_the_digits_of_one_word(word: str, digits: str) -> None:
    assert digits_of(word, "nl") == digits


@pytest.mark.parametrize(
    ("language", "text", "runs"),
    [
        ("nl", "vier één één een twee drie dubbel vier", ["41112344"]),
        ("nl", "ik heb een vraag", []),
        ("nl", "nul zes eh een twee en dan drie vier", ["061234"]),
        ("en", "double four oh triple nine", ["440999"]),
        ("en", "forty one eleven", ["4111"]),
        ("en", "call me at oh six one two for five", ["061245"]),
        ("en", "i go to four for two", ["442"]),
        ("en", "orders 4480231 and 4480232", ["4480231", "4480232"]),
        ("en", "four thousand two hundred and fifty euro", ["4250"]),
        ("nl", "kamer 12 of kamer 14", ["12", "14"]),
    ],
)
def test_runs_of_digits(language: str, text: str, runs: list[str]) -> None:
    found = [run.digits for run in digit_runs(text.split(), language)]
    assert found == runs


@pytest.mark.parametrize(
    ("language", "text", "hidden"),
    [
        ("nl", "kaart vier één één één een een een een dubbel een " + "één " * 6 + "ja", "kaart [card] ja"),
        ("en", "it is 4111 1111 1111 1111, thanks", "it is [card], thanks"),
        ("en", "it is 4111-1111-1111-1112", "it is [number]"),
        ("nl", "NL91 ABNA 0417 1643 00 is van mij", "[iban] is van mij"),
        ("nl", "het is NL91ABNA0417164300.", "het is [iban]."),
        ("nl", "n l negen één a b n a nul vier één zeven één zes vier drie nul nul oké", "[iban] oké"),
        ("nl", "de nl 91 abna 0417164301", "de nl 91 abna [number]"),
        ("nl", "dat is 111222333 hoor", "dat is [bsn] hoor"),
        ("nl", "mijn bsn is een twee drie vier vijf zes zeven acht twee", "mijn bsn is [bsn]"),
        ("nl", "bel 06 12345678 of 020-6241111", "bel [phone] of [phone]"),
        ("en", "oh six one two three four five six seven eight", "[phone]"),
        ("en", "call +44 20 7946 0958 please", "call [phone] please"),
        ("nl", "jan punt smit at example punt nl is het", "[email] is het"),
        ("en", "it's john dot doe at gmail dot com.", "it's [email]."),
        ("nl", "piet apenstaartje ziggo punt nl", "[email]"),
        ("nl", "mail jan@example.com, graag", "mail [email], graag"),
        ("nl", "ik woon op 1234 AB 12 in Utrecht", "ik woon op [postcode] in Utrecht"),
        ("nl", "drieëntwintig elf en dan k l nummer negentien", "[postcode]"),
        ("nl", "postcode 1234 ab", "postcode [postcode]"),
        ("nl", "Dorpsstraat 12, 1234AB Utrecht", "Dorpsstraat 12, [postcode] Utrecht"),
        ("en", "five eight one two g h house number seven", "[postcode]"),
        ("nl", "j punt de vries apenstaartje kpnmail punt nl", "[email]"),
        ("en", "jane underscore doe ninety nine at outlook dot com", "[email]"),
        ("en", "the last four digits are 4 2 4 2", "the last four digits are [number]"),
        ("nl", "0031 6 12345678", "[phone]"),
        ("nl", "geboren op twaalf mei negentiennegentig in Zwolle", "geboren op [birthdate] in Zwolle"),
        ("nl", "geboren 12-05-1990", "geboren [birthdate]"),
        ("en", "born march fifth 1982", "born [birthdate]"),
        ("en", "my date of birth is the fifth of march nineteen eighty two", "my date of birth is the [birthdate]"),
        ("nl", "mijn pincode is vier acht acht twee", "mijn pincode is [number]"),
        ("nl", "de c v c is vier twee een", "de c v c is [number]"),
        ("en", "the code is four four two", "the code is [number]"),
        ("nl", "vier acht acht twee is mijn pincode", "[number] is mijn pincode"),
        ("en", "123 is my security code", "[number] is my security code"),
        ("nl", "de laatste drie van mijn pas zijn 618", "de laatste drie van mijn pas zijn [number]"),
        ("nl", "ik woon op 1234 ab 12 in Utrecht", "ik woon op [postcode] in Utrecht"),
        ("nl", "het is 2011 vw 4, dat is de postcode", "het is [postcode], dat is de postcode"),
        ("en", "it is 2011 AB in Haarlem", "it is [postcode] in Haarlem"),
        ("en", "postcode 2019 as", "postcode [postcode]"),
        ("en", "my email is jan smit at ziggo dot nl", "my email is [email]"),
        ("nl", "mail naar jan de vries apenstaartje kpnmail punt nl graag", "mail naar [email] graag"),
        ("en", "it expires zero nine twenty six", "it expires [number]"),
        ("en", "expires nine twenty six", "expires [number]"),
        ("nl", "hij verloopt nul negen zesentwintig", "hij verloopt [number]"),
        ("nl", "geldig tot 09/26", "geldig tot [number]"),
        ("en", "my pin is 1985", "my pin is [number]"),
        ("en", "my card is 4539 1488", "my card is [number]"),
        (
            "en",
            "the three digits on the back of the card are 129",
            "the three digits on the back of the card are [number]",
        ),
        ("en", "I was born in 1982", "I was born in [birthdate]"),
    ],
)
def test_hidden(language: str, text: str, hidden: str) -> None:
    assert REDACTOR.redact(text, language) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "Vier vier acht nul, twee drie één.",
        "mijn bestelnummer is 4480231",
        "het ordernummer is 12345678",
        "ik heb hem pas in 2023 gekocht",
        "in 2024 is dat gebeurd",
        "Samen honderdnegenendertig euro, te betalen met pin.",
        "er is 150 euro van mijn creditcard af",
        "maandag 12 mei om 10:30 uur",
        "hij geeft een code f achtentwintig",
        "er staat error code 403 op het scherm",
        "van 12 tot 14 mei, en op 3, 4 en 5 juni",
        "ik kom at home niet uit",
        "Dat is zevenentwintig vijftig, en nu bent u eenendertig kwijt.",
    ],
)
def test_the_agent_keeps_what_the_work_needs(text: str) -> None:
    assert REDACTOR.redact(text, "nl") == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I moved here in 2019 as a student"),
        ("en", "I paid 1200 up front"),
        ("en", "model 3500 hd please"),
        ("en", "model 3500 HD please"),
        ("en", "2020 vw golf"),
        ("nl", "uit 2024 tv"),
        ("nl", "om 1430 ns"),
        ("nl", "een 2020 vw 4 deurs"),
        ("nl", "het waren 1500 ab en toen niks"),
        ("en", "Can I pay by card? It's 129 for the year 2024."),
        ("nl", "de kaart van 2023 is gratis"),
        ("en", "it was born out of 2024 policy"),
        ("nl", "mijn contract verloopt in 2025"),
        ("en", "I left jan at home dot"),
    ],
)
def test_years_amounts_and_common_words_stay(language: str, text: str) -> None:
    assert REDACTOR.redact(text, language) == text


def test_white_space_and_empty_text_stay() -> None:
    assert REDACTOR.redact("", "nl") == ""
    assert REDACTOR.redact("  ja \n bel  06 12345678 ", "nl") == "  ja \n bel  [phone] "


def test_a_hidden_run_becomes_one_word_with_its_bounds() -> None:
    redactor = TurnRedactor(REDACTOR, CallContext())
    words = redactor.redact_words(spoken("bel nul zes een twee drie vier vijf zes zeven acht graag"), "nl", 6.0)
    assert said(words) == "bel [phone] graag"
    assert (words[1].start, words[1].end) == (0.5, pytest.approx(5.4))
    assert words[1].probability == pytest.approx(0.8)


def test_a_card_number_split_over_two_finals() -> None:
    redactor = TurnRedactor(REDACTOR, CallContext())
    first = redactor.redact_words(spoken("ja het is 4111 1111"), "nl", 3.0)
    second = redactor.redact_words(spoken("1111 1111 en verder niks", 5.0), "nl", 8.0)
    assert said(first) == "ja het is 4111 1111"
    assert said(second) == "[card] en verder niks"


def test_a_filler_between_two_finals_changes_nothing() -> None:
    redactor = TurnRedactor(REDACTOR, CallContext())
    redactor.redact_words(spoken("4111 1111"), "nl", 2.0)
    assert said(redactor.redact_words(spoken("eh ja", 3.0), "nl", 4.0)) == "eh ja"
    assert said(redactor.redact_words(spoken("1111", 5.0), "nl", 6.0)) == "[number]"


def test_digits_long_after_or_after_other_words_are_another_number() -> None:
    redactor = TurnRedactor(REDACTOR, CallContext())
    redactor.redact_words(spoken("4480231"), "nl", 2.0)
    assert said(redactor.redact_words(spoken("4480232", 30.0), "nl", 31.0)) == "4480232"
    assert said(redactor.redact_words(spoken("of was het 4480233", 32.0), "nl", 34.0)) == "of was het 4480233"


def test_what_the_agent_asked_for_hides_the_customers_answer() -> None:
    context = CallContext()
    agent, customer = TurnRedactor(REDACTOR, context), TurnRedactor(REDACTOR, context)
    agent.redact_words(spoken("de laatste drie cijfers van uw pas"), "nl", 4.0)
    assert said(customer.redact_words(spoken("Zes één acht.", 5.0), "nl", 6.5)) == "[number]."
    agent.redact_words(spoken("en uw geboortedatum", 8.0), "nl", 9.5)
    assert said(customer.redact_words(spoken("negen november zesenveertig", 10.0), "nl", 12.0)) == "[birthdate]"
    agent.redact_words(spoken("en de postcode", 33.0), "nl", 34.0)
    assert said(customer.redact_words(spoken("2311 op nummer 4", 35.0), "nl", 37.0)) == "[postcode]"
    assert said(customer.redact_words(spoken("de meter staat op 618", 60.0), "nl", 62.0)) == "de meter staat op 618"


def test_what_was_shown_is_hidden_once_the_agent_asks_for_such_a_number() -> None:
    """Nothing else changes committed words: who asks may be heard later than who answers."""
    context = CallContext()
    agent, customer = TurnRedactor(REDACTOR, context), TurnRedactor(REDACTOR, context)
    line = "it is four five one two and then I was"
    assert customer.redact_partial(line, 9, "en", 3.0) == (line, 9)
    agent.redact_words(spoken("what is your card number"), "en", 3.2)
    assert customer.redact_partial(line, 9, "en", 3.4) == ("it is [number] and then I was", 6)


def test_a_card_read_out_in_small_pieces_stays_hidden_to_the_end() -> None:
    context = CallContext()
    agent, customer = TurnRedactor(REDACTOR, context), TurnRedactor(REDACTOR, context)
    agent.redact_words(spoken("wat is het kaartnummer"), "nl", 2.0)
    pieces = [said(customer.redact_words(spoken("vier vijf drie twee", at), "nl", at + 2)) for at in (3, 9, 15, 21)]
    assert all(piece.startswith("[") and " " not in piece for piece in pieces)


def test_a_growing_number_in_a_partial_is_hidden_and_not_committed() -> None:
    redactor = TurnRedactor(REDACTOR, CallContext())
    assert redactor.redact_partial("het is 411", 3, "nl", 2.0) == ("het is 411", 2)
    assert redactor.redact_partial("het is 4111 11", 4, "nl", 3.0) == ("het is [number]", 2)
    assert redactor.redact_partial("het is 411111 denk ik", 5, "nl", 4.0) == ("het is 411111 denk ik", 5)
    assert redactor.redact_partial("bel 06 12345678 graag", 4, "nl", 4.0) == ("bel [phone] graag", 3)


def test_a_number_at_the_end_of_a_partial_is_never_committed() -> None:
    redactor = TurnRedactor(REDACTOR, CallContext())
    lines = ("order", "order one two three four", "order one two three four five", "order one two three four yes")
    told = [redactor.redact_partial(line, len(line.split()), "en", 2.0) for line in lines]
    assert [committed for _, committed in told] == [1, 1, 1, 1]
    assert told[2][0] == "order [number]"
    assert redactor.redact_partial("order one two three please", 5, "en", 2.0)[1] == 5
    assert redactor.redact_partial("ik heb een", 3, "nl", 2.0)[1] == 2  # "één twee drie" may come
    assert redactor.redact_partial("yes okay and", 3, "en", 2.0)[1] == 3


def test_a_number_after_the_word_card_hides_its_shorter_pieces_too() -> None:
    context = CallContext()
    agent, customer = TurnRedactor(REDACTOR, context), TurnRedactor(REDACTOR, context)
    agent.redact_words(spoken("may I have your card"), "en", 2.0)
    assert said(customer.redact_words(spoken("129 in 2024", 3.0), "en", 4.0)) == "129 in 2024"
    assert said(customer.redact_words(spoken("4539", 5.0), "en", 6.0)) == "[number]"
    assert said(customer.redact_words(spoken("148", 14.0), "en", 15.0)) == "[number]"


def test_the_rest_of_a_card_number_is_no_year() -> None:
    context = CallContext()
    agent, customer = TurnRedactor(REDACTOR, context), TurnRedactor(REDACTOR, context)
    agent.redact_words(spoken("may I have your card"), "en", 2.0)
    assert said(customer.redact_words(spoken("453", 3.0), "en", 4.0)) == "453"
    assert said(customer.redact_words(spoken("2019", 5.0), "en", 6.0)) == "[number]"


def test_a_line_takes_well_under_a_millisecond() -> None:
    lines = ["ja ik bel over bestelling vier vier acht nul twee drie één en dat duurt nu al drie weken hoor"] * 50
    lines += ["mijn nummer is nul zes een twee drie vier vijf zes zeven acht en ik woon op 1234 AB 12"] * 50
    for line in lines[::50]:
        REDACTOR.redact(line, "nl")  # phonenumbers loads its tables on first use
    begin = time.process_time()
    for line in lines:
        REDACTOR.redact(line, "nl")
    assert (time.process_time() - begin) / len(lines) < 0.004, "four times the budget, for a busy machine"


@pytest.mark.shared
def test_real_calls_stay_readable(shared: Path) -> None:
    rows = (shared / "data/call_lines/dialogues.tsv").read_text().splitlines()
    changed = [text for row in rows if (text := row.split("\t")[3]) != REDACTOR.redact(text, "nl")]
    assert len(changed) <= len(rows) * 0.03
