"""Personal data is hidden here, before anything is shown, logged or stored.

Here lives the decision what is hidden and under which token, for one line (``Redactor``) and over a channel's turns
(``TurnRedactor``). How the data is recognised lives in ``redaction_finders`` and ``spoken_digits``.

What is hidden: payment cards, IBANs, citizen service numbers (BSN), phone numbers, e-mail addresses, postcodes with
house number, birth dates after a birth word, and

- every run of nine or more digits, written or spoken, whether or not a checksum holds ("[number]");
- every run of three or more digits near payment words (cvv, pin, pas, code): eight words before it, four after it, or
  in the last ten seconds on either channel. Amounts and durations ("150 euro") stay. Near nothing but a card, or what
  expires, years stay too; three digits near a card do as well.

What stays: other numbers of up to eight digits, such as order and customer numbers, since the agent needs them. A
payment word nearby hides them too; hiding too much is the smaller mistake.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import phonenumbers
from stdnum import luhn
from stdnum.nl import bsn

from live_sentiment import redaction_finders as find
from live_sentiment.events import Word
from live_sentiment.redaction_finders import PaymentWords, Span
from live_sentiment.spoken_digits import EDGES, FILLERS, DigitRun, digit_runs, fold, growing_from

ALWAYS_HIDDEN = 9
"""Runs of this many digits are hidden wherever they are said."""
HIDDEN_NEAR_PAYMENT = 3
"""Runs of this many digits are hidden near payment words."""
HIDDEN_NEAR_CARD = 4
"""The same near "card", when that is all that was said of payment."""
MEMORY_SECONDS = 10.0
"""How long a turn counts as the continuation of, or the answer to, the one before."""
_WORDS_BEFORE, _WORDS_AFTER = 8, 4
_GROWING = 5
_CARD_DIGITS = range(13, 20)
_TOKEN = re.compile(r"\[(?:card|iban|bsn|phone|email|postcode|birthdate|number)\]")


@dataclass(slots=True)
class CallContext:
    """What was lately spoken of in a call, on either channel: times in seconds until which it counts.

    The agent asks for the card's code on one channel, the customer answers on the other; so both channels'
    ``TurnRedactor`` share one context.
    """

    payment_until: float = -1.0
    card_until: float = -1.0
    birth_until: float = -1.0
    postcode_until: float = -1.0

    def note(self, words: Sequence[str], at: float) -> None:
        """Remembers what ``words``, said until call time ``at``, spoke of or asked for."""
        until = at + MEMORY_SECONDS
        payment = find.payment_words(words)
        if payment.secret:
            self.payment_until = until
        if payment.card or payment.expiry:
            self.card_until = until
        birth, postcode = bool(find.birth_positions(words)), find.asks_postcode(words)
        if birth or postcode:  # the newest question is the one that is answered
            self.birth_until = until if birth else -1.0
            self.postcode_until = until if postcode else -1.0


@dataclass(frozen=True, slots=True)
class Before:
    """What came before a line: digits it may continue, and what was asked for. ``growing`` is True for a partial."""

    digits: str = ""
    payment: bool = False
    card: bool = False
    birth: bool = False
    postcode: bool = False
    growing: bool = False


class Redactor:
    """Hides personal data in single lines. Holds no state but the region, so any thread may use it.

    ``default_region`` is the ISO 3166 code whose phone numbers need no country code.
    """

    def __init__(self, default_region: str = "NL") -> None:
        self._region = default_region

    def redact(self, text: str, language: str) -> str:
        """``text`` with every piece of personal data replaced by a token such as "[card]"; white space stays."""
        marks = list(re.finditer(r"\S+", text))
        pieces: list[str] = []
        done = 0
        for span in self.spans([mark.group() for mark in marks], language):
            pieces += [text[done : marks[span.first].start()], span.token, _tail(marks[span.last].group())]
            done = marks[span.last].end()
        return "".join([*pieces, text[done:]])

    def spans(self, words: Sequence[str], language: str, before: Before | None = None) -> list[Span]:
        """What must be hidden in ``words`` (one spoken word each), in order and without overlaps."""
        before = before or Before()
        found = _Found()
        found.add(tokens := _tokens(words))
        hidden_before = {span.first for span in tokens}
        # "[card]" is no payment word: hiding twice must change nothing
        words = ["hidden" if position in hidden_before else word for position, word in enumerate(words)]
        found.add(find.emails(words))
        found.add(find.ibans(words, language))
        found.add(find.birth_dates(words, language, found.taken, asked=before.birth))
        found.add(self._runs(words, language, found, before))
        asked = before.postcode or find.asks_postcode(words)
        found.add(find.postcodes(words, language, found.taken, asked=asked))
        return sorted(found.spans, key=lambda span: span.first)

    def _runs(self, words: Sequence[str], language: str, found: "_Found", before: Before) -> list[Span]:
        """The digit runs of ``words`` that are hidden for their length, their context, or what they continue."""
        payment = find.payment_words(words)
        about_bsn = find.speaks_of_bsn(words)
        hidden: list[Span] = []
        for run in digit_runs(words, language, found.taken):
            continued = before.digits if begins(words, run) else ""
            count = len(continued) + len(run.digits)
            growing = before.growing and ends(words, run) and count >= _GROWING
            if count >= ALWAYS_HIDDEN or growing or (about_bsn and count >= len("123456")):
                hidden.append(self._named(run, continued, about_bsn=about_bsn))
            elif count >= _least(run, payment, before, alone=not continued) and not find.is_quantity(words, run):
                hidden.append(self._named(run, continued, about_bsn=False))
        return hidden

    def _named(self, run: DigitRun, continued: str, *, about_bsn: bool) -> Span:
        return Span(run.first, run.last, f"[{self._name(continued + run.digits, plus=run.plus, about_bsn=about_bsn)}]")

    def _name(self, digits: str, *, plus: bool, about_bsn: bool) -> str:
        """What the digits are by their checksums; "number" when none holds."""
        if about_bsn and len(digits) <= ALWAYS_HIDDEN:
            return "bsn"
        if (plus or digits.startswith("00")) and self._is_phone("+" + digits.removeprefix("00")):
            return "phone"
        if len(digits) in _CARD_DIGITS and luhn.is_valid(digits):
            return "card"
        if len(digits) == ALWAYS_HIDDEN and not digits.startswith("0") and bsn.is_valid(digits):
            return "bsn"
        international = digits.startswith(("31", "32", "44", "49")) and self._is_phone("+" + digits)
        return "phone" if international or self._is_phone(digits) else "number"

    def _is_phone(self, digits: str) -> bool:
        if not ALWAYS_HIDDEN <= len(digits) <= len("+123456789012345"):
            return False
        try:
            return phonenumbers.is_valid_number(phonenumbers.parse(digits, self._region))
        except phonenumbers.NumberParseException:
            return False


@dataclass(slots=True)
class _Found:
    """The spans found so far; a word belongs to the first finder that claims it."""

    spans: list[Span] = field(default_factory=list[Span])
    taken: set[int] = field(default_factory=set[int])

    def add(self, spans: Iterable[Span]) -> None:
        for span in spans:
            first = max((p + 1 for p in self.taken if span.first <= p <= span.last), default=span.first)
            if first <= span.last:
                self.taken.update(range(first, span.last + 1))
                self.spans.append(Span(first, span.last, span.token))


class TurnRedactor:
    """Hides personal data in one channel's turns, also where it is split over two of them.

    Digits at the end of a final are remembered for ``MEMORY_SECONDS``: when the next final goes on with digits and
    both together are long enough, the second part is hidden. The first part has been shown by then; it is at most
    eight digits and was not near a payment word, or it would have been hidden at once. One per channel, with the
    ``CallContext`` shared by both; for one thread.
    """

    def __init__(self, redactor: Redactor, context: CallContext) -> None:
        self._redactor = redactor
        self._context = context
        self._digits = ""
        self._until = -1.0

    def redact_words(self, words: Sequence[Word], language: str, at: float) -> tuple[Word, ...]:
        """A final's words, hidden runs replaced by one word each: the token, with the run's bounds.

        ``at`` is the call time in seconds of the turn's last audio. The new word has the lowest probability of its
        run. What the turn said is remembered for the next one.
        """
        texts = [word.text for word in words]
        spans = self._redactor.spans(texts, language, self._before(texts, at))
        self._remember(texts, language, at, hidden=any(s.token in ("[number]", "[card]") for s in spans))
        return _replaced(words, spans)

    def redact_partial(self, text: str, committed: int, language: str, at: float) -> tuple[str, int]:
        """A partial's text, and how many of its words are ``committed`` after the hiding. Remembers nothing.

        A number that is still growing at the end is hidden from its fifth digit on. It is never committed, shown or
        hidden, because nobody knows how long it will be; the final then shows what may be shown.
        """
        words = text.split()
        committed = min(committed, growing_from(words, language))
        spans = self._redactor.spans(words, language, self._before(words, at, growing=True))
        parts: list[str] = []
        kept = done = 0
        for span in [*spans, Span(len(words), len(words), "")]:
            parts += [*words[done : span.first]]
            kept += max(0, min(committed, span.first) - done)
            if span.token:
                parts.append(span.token + _tail(words[span.last]))
                kept += 1 if committed > span.last else 0
            done = span.last + 1
        return " ".join(parts), kept

    def _before(self, words: Sequence[str], at: float, *, growing: bool = False) -> Before:
        context = self._context
        return Before(
            digits=self._digits if at - _spoken_for(words) <= self._until else "",
            payment=at <= context.payment_until,
            card=at <= context.card_until,
            birth=at <= context.birth_until,
            postcode=at <= context.postcode_until,
            growing=growing,
        )

    def _remember(self, words: Sequence[str], language: str, at: float, *, hidden: bool) -> None:
        runs = digit_runs(words, language)
        context = self._context
        payment_goes_on = hidden and at <= max(context.payment_until, context.card_until)
        context.note(words, at)
        if payment_goes_on:  # a long number in small pieces: the last piece is as private as the first
            context.payment_until = at + MEMORY_SECONDS
        if not runs and all(fold(word) in FILLERS or not fold(word) for word in words):
            return  # "uh", "yes": the number may still go on
        carried = self._digits if runs and at - _spoken_for(words) <= self._until and begins(words, runs[0]) else ""
        self._digits, self._until = "", at + MEMORY_SECONDS
        if runs and ends(words, runs[-1]):
            self._digits = (carried if len(runs) == 1 else "") + runs[-1].digits


def _least(run: DigitRun, payment: PaymentWords, before: Before, *, alone: bool) -> int:
    """From how many digits on what was said of payment makes ``run`` private; ``alone``: it continues no other run."""
    if before.payment or any(_near(run, position) for position in payment.secret):
        return HIDDEN_NEAR_PAYMENT
    if alone and find.is_year(run):
        return ALWAYS_HIDDEN
    if any(_near(run, position) for position in payment.expiry):
        return HIDDEN_NEAR_PAYMENT
    card = before.card or any(_near(run, position) for position in payment.card)
    return HIDDEN_NEAR_CARD if card else ALWAYS_HIDDEN


def _near(run: DigitRun, payment: int) -> bool:
    """Whether a payment word at position ``payment`` is near enough to ``run`` to make it private."""
    return -_WORDS_AFTER <= run.last - payment <= 0 or 0 <= run.first - payment <= _WORDS_BEFORE


def begins(words: Sequence[str], run: DigitRun) -> bool:
    """Whether nothing but fillers comes before ``run``."""
    return all(fold(word) in FILLERS | {"en", "dan", "and", "then"} for word in words[: run.first])


def ends(words: Sequence[str], run: DigitRun) -> bool:
    """Whether nothing but fillers comes after ``run``."""
    return all(fold(word) in FILLERS or not fold(word) for word in words[run.last + 1 :])


def _spoken_for(words: Sequence[str]) -> float:
    """Roughly how many seconds ``words`` took, so that a long turn still counts from its beginning."""
    return len(words) / 2.0


def _tokens(words: Sequence[str]) -> list[Span]:
    """The words that are tokens already; punctuation at their end is put back later."""
    clinging = EDGES.replace("[", "").replace("]", "")
    return [Span(p, p, word.strip(clinging)) for p, word in enumerate(words) if _TOKEN.search(word)]


def _tail(word: str) -> str:
    """The punctuation at the end of ``word``, which outlives it."""
    return word[len(word.rstrip(".,;:!?")) :]


def _replaced(words: Sequence[Word], spans: Sequence[Span]) -> tuple[Word, ...]:
    kept: list[Word] = []
    done = 0
    for span in spans:
        run = words[span.first : span.last + 1]
        kept += words[done : span.first]
        text = span.token + _tail(run[-1].text)
        lowest = min(word.probability for word in run)
        kept.append(Word(text=text, start=run[0].start, end=run[-1].end, probability=lowest))
        done = span.last + 1
    return (*kept, *words[done:])
