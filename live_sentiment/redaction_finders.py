"""What personal data looks like in a line of words: e-mail, IBAN, postcode, birth date, and the words around digits.

Here live the finders, each a function over the words of one line. Which spans are hidden, under which token, and what
is remembered between turns is decided in ``redaction``.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from stdnum import iban

from live_sentiment.spoken_digits import FILLERS, DigitRun, digit_runs, digits_of, fold


@dataclass(frozen=True, slots=True)
class Span:
    """The words from ``first`` to ``last`` (included) are personal data, to be shown as ``token``."""

    first: int
    last: int
    token: str


_split = str.split
_PAYMENT = re.compile(
    r"pin|code|cards?|kaart|kaarten|debit|visa|mastercard|maestro|amex|iban|expiry|verloopdatum|vervaldatum"
    r"|cvv?\d?|cvc\d?|.*(?:kaart|card)(?:nummer|number|nr)|(?:credit|krediet|betaal|bank|pin)(?:kaart|card|pas|passen)"
    r"|(?:pin|pas|sms|beveiligings|veiligheids|verificatie|controle|toegangs)-?codes?|passcode|password|wachtwoord"
    r"|pas-?nummer|(?:bank)?rekening-?nummer|bankrekening"
)
_OTHER_CODES = frozenset(_split("error fout fault product promo promotion discount country area qr post zip"))
_PASS_AFTER = frozenset(_split("mijn mn de uw je jouw deze die het zijn haar"))
_PASS_NOT_BEFORE = frozenset(_split("in op na sinds over om vanaf gisteren vandaag"))
_BIRTH = re.compile(r"geboren|geboorte.*|geb|verjaardag|born|birth|birth-?(?:day|date)|dob")
_BSN = re.compile(r"bsn|.*burgerservicenummer|sofi-?nummer|servicenummer")
_POSTCODE_ASKED = re.compile(r"postcode|postcodes|postal|postkode|zipcode|zip")
_UNITS = frozenset(
    _split(
        "euro euros eurootjes cent dollar dollars pond pounds procent percent % dagen days uur hours minuten minutes "
        "weken weeks maanden months jaar years keer times gig gb mb kilometer km"
    )
)
_MAIL_AT = frozenset(_split("at @ apenstaartje apestaartje apestaart"))
_MAIL_DOT = frozenset(_split("dot punt ."))
_MAIL_JOIN = _MAIL_DOT | frozenset(_split("underscore streepje dash hyphen min minus koppelteken _ -"))
_TOP_LEVEL = frozenset(_split("com nl org net eu be de uk co info io fr gov edu"))
_PROVIDERS = frozenset(_split("gmail hotmail outlook live ziggo kpnmail icloud yahoo planet telenet proton msn"))
_WRITTEN_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_MONTHS = frozenset(
    _split(
        "januari februari maart april mei juni juli augustus september oktober november december "
        "january february march may june july august october jan feb mrt apr jun jul aug sep sept okt oct nov dec"
    )
)
_DATE_FILL = frozenset(_split("de den the of van in op on"))
_ORDINALS = frozenset(
    _split(
        "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde "
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
    )
)
_NOT_LETTERS = frozenset(
    _split(
        "is en in op de km kg cm mm ml uu we ik je ze er om of al te na at to on am pm it or so my no "
        "an ja nu ge ga zo me he by if us dus do"
    )
)
_NEVER_ISSUED = frozenset(("sa", "sd", "ss"))
_JOINED_POSTCODE = re.compile(r"[1-9]\d{3}[a-z]{2}")
_FOUR_DIGITS = re.compile(r"[1-9]\d{3}")
_HOUSE_WORDS = frozenset(_split("nummer huisnummer house number nr"))


def payment_positions(words: Sequence[str]) -> list[int]:
    """Where ``words`` speaks of cards, PINs, security codes and the like."""
    found: list[int] = []
    for position, word in enumerate(words):
        folded = fold(word)
        before = [fold(other) for other in words[max(0, position - 3) : position]]
        if folded == "code" and before and before[-1] in _OTHER_CODES:
            continue
        bank_pass = folded == "pas" and _is_bank_pass(words, position)
        last_digits = folded in ("cijfers", "digits") and not {"laatste", "last"}.isdisjoint(before)
        spelled = folded == "c" and "".join(map(fold, words[position : position + 3])) in ("cvc", "cvv")
        if bank_pass or spelled or last_digits or _PAYMENT.fullmatch(folded):
            found.append(position)
    return found


def _is_bank_pass(words: Sequence[str], position: int) -> bool:
    """Dutch "pas" is a card after "mijn" or "de", and otherwise "only just"."""
    before = fold(words[position - 1]) if position else ""
    after = fold(words[position + 1]) if position + 1 < len(words) else ""
    return before in _PASS_AFTER or (not before and after not in _PASS_NOT_BEFORE)


def birth_positions(words: Sequence[str]) -> list[int]:
    """Where ``words`` speaks of somebody's birth."""
    return [position for position, word in enumerate(words) if _BIRTH.fullmatch(fold(word))]


def speaks_of_bsn(words: Sequence[str]) -> bool:
    """Whether ``words`` names the Dutch citizen service number."""
    return any(_BSN.fullmatch(fold(word)) for word in words)


def asks_postcode(words: Sequence[str]) -> bool:
    """Whether ``words`` names a postcode."""
    return any(_POSTCODE_ASKED.fullmatch(fold(word)) for word in words)


def is_quantity(words: Sequence[str], run: DigitRun) -> bool:
    """Whether ``run`` counts something short: "150 euro", "€ 12,50", "100 dagen"."""
    after = fold(words[run.last + 1]) if run.last + 1 < len(words) else ""
    first = words[run.first]
    before = words[run.first - 1] if run.first else ""
    money = first.startswith(("€", "$", "£")) or before in ("€", "$", "£") or words[run.last].rstrip(".,").endswith("%")
    return len(run.digits) <= len("99999") and (money or after in _UNITS)


# --- e-mail ---------------------------------------------------------------------------------------------------------


def emails(words: Sequence[str]) -> Iterator[Span]:
    """E-mail addresses, written ("jan@example.com") or spoken ("jan punt smit at example dot com")."""
    for position, word in enumerate(words):
        if "@" in word and _WRITTEN_MAIL.search(word):
            yield Span(position, position, "[email]")
        elif fold(word) in _MAIL_AT and position:
            last = _domain_end(words, position + 1)
            if last is not None:
                yield Span(_local_start(words, position - 1), last, "[email]")


def _domain_end(words: Sequence[str], start: int) -> int | None:
    """The position of the top-level domain of the spoken domain at ``start``, None when there is none within reach."""
    end: int | None = None
    for position in range(start, min(start + 10, len(words))):
        folded = fold(words[position])
        before = fold(words[position - 1]) if words[position - 1] != "." else "."
        said = folded in _TOP_LEVEL and (before in _MAIL_DOT or before in _PROVIDERS)
        written = "." in folded and folded.rsplit(".", 1)[1] in _TOP_LEVEL
        if said or written:
            end = position
        elif end is not None and folded not in _MAIL_DOT:
            break
    return end


def _local_start(words: Sequence[str], position: int) -> int:
    """Where the spoken local part that ends at ``position`` begins: joined by dots and dashes, or spelled out."""
    while position > 0:
        here, before = fold(words[position]), fold(words[position - 1])
        joined = before in _MAIL_JOIN or here in _MAIL_JOIN
        spelled = len(before) == 1 or (len(here) == 1 and digits_of(words[position - 1]) != "")
        numbered = digits_of(words[position]) != "" and before.isalpha()
        surname = position > 1 and fold(words[position - 2]) in _MAIL_JOIN  # "jan punt de vries"
        if not (joined or spelled or numbered or surname):
            break
        position -= 1
    return position


# --- IBAN -----------------------------------------------------------------------------------------------------------


def ibans(words: Sequence[str], language: str) -> Iterator[Span]:
    """Valid IBANs, in one word, in groups, or spelled ("n l negen een a b n a nul vier ...")."""
    pieces = [_piece(word, language) for word in words]
    if sum(char.isdigit() for piece in pieces for char in piece) < len("NO9386011117947") - 5:
        return
    position = 0
    while position < len(words):
        last = _iban_end(words, pieces, position) if pieces[position][:1].isalpha() else None
        if last is not None:
            yield Span(position, last, "[iban]")
        position = position + 1 if last is None else last + 1


def _piece(word: str, language: str) -> str:
    """What ``word`` adds to a spelled account number; "" when it cannot be part of one."""
    bare = "".join(char for char in fold(word) if char.isalnum())
    if bare.isalpha():
        weak = {"een": "1", "oh": "0"}.get(bare, "")
        return weak or digits_of(word, language) or (bare.upper() if len(bare) <= len("ABNA") else "")
    return bare.upper()


def _iban_end(words: Sequence[str], pieces: Sequence[str], start: int) -> int | None:
    text = ""
    for position in range(start, len(pieces)):
        if pieces[position]:
            text += pieces[position] if fold(words[position]) not in FILLERS else ""
        elif fold(words[position]):
            return None
        if len(text) > len("MT84MALT011000012345MTLCAST001S") + 3:
            return None
        if len(text) >= len("NO9386011117947") and iban.is_valid(text):
            return position
    return None


# --- postcode and birth date ----------------------------------------------------------------------------------------


def postcodes(words: Sequence[str], language: str, taken: Collection[int], *, asked: bool) -> Iterator[Span]:
    """Dutch postcodes with the house number after them. ``asked``: somebody just named a postcode."""
    for run in digit_runs(words, language, taken):
        joined = _JOINED_POSTCODE.fullmatch(fold(words[run.last]).replace("-", ""))
        house_first = len(run.digits) <= len("1234") * 2 and run.last > run.first
        alone = joined or (house_first and _FOUR_DIGITS.fullmatch(fold(words[run.last])))
        if not alone and (len(run.digits) != len("1234") or run.digits.startswith("0")):
            continue
        first = run.last if alone else run.first  # "12, 1234 AB": the house number came first
        end = run.last if joined else _letters_end(words, run.last + 1, asked=asked)
        if end is not None:
            yield Span(first, _house_end(words, end, language), "[postcode]")
        elif asked:
            yield Span(first, run.last, "[postcode]")


def _letters_end(words: Sequence[str], start: int, *, asked: bool) -> int | None:
    """The position of a postcode's last letter: "AB", or "a" "b" one by one, fillers and "en dan" passed over."""
    position = start
    while position < len(words) and position < start + 3 and fold(words[position]) in FILLERS | {"en", "dan", "and"}:
        position += 1
    if position >= len(words):
        return None
    bare = words[position].strip(".,")
    letters = fold(bare)
    if len(letters) == 2 and letters.isalpha() and letters not in _NEVER_ISSUED:  # noqa: PLR2004 - "AB"
        sure = bare.isupper() or (position == start and letters not in _NOT_LETTERS)
        return position if sure or (asked and letters not in ("is", "en")) else None
    one_by_one = [fold(word) for word in words[position : position + 2]]
    return position + 1 if len(one_by_one) > 1 and all(len(c) == 1 and c.isalpha() for c in one_by_one) else None


def _house_end(words: Sequence[str], end: int, language: str) -> int:
    """Where the house number after a postcode ends; ``end`` itself when there is none."""
    position = end + 1
    while position < len(words) and position < end + 4 and fold(words[position]) in _HOUSE_WORDS | FILLERS:
        position += 1
    runs = digit_runs(words[position : position + 4], language)
    if not runs or runs[0].first != 0 or len(runs[0].digits) > len("9999"):
        return end
    last = position + runs[0].last
    has_letter = last + 1 < len(words) and len(fold(words[last + 1])) == 1 and fold(words[last + 1]).isalpha()
    return last + 1 if has_letter else last


def birth_dates(words: Sequence[str], language: str, taken: Collection[int], *, asked: bool) -> Iterator[Span]:
    """Dates within ten words after a birth word, or near the beginning when one was just ``asked`` for."""
    starts = [position + 1 for position in birth_positions(words)] + ([0] if asked else [])
    for start in starts:
        near = [p for p in range(start, min(start + 10, len(words))) if p not in taken and _dated(words[p], language)]
        if near and (span := _date(words, near[0], language)):
            yield span


def _dated(word: str, language: str) -> bool:
    folded = fold(word)
    return folded in _MONTHS or folded in _ORDINALS or digits_of(word, language) != ""


def _date(words: Sequence[str], first: int, language: str) -> Span | None:
    """The date that begins at ``first``, when it has at least a day and a month, or four digits."""
    last, digits, month = first, 0, False
    position = first
    while position < len(words) and (_dated(words[position], language) or _date_filler(words, position, language)):
        if _dated(words[position], language):
            last = position
            digits += len(digits_of(words[position], language))
            month = month or fold(words[position]) in _MONTHS
        position += 1
    whole = month and last > first
    return Span(first, last, "[birthdate]") if whole or digits >= len("1182") else None


def _date_filler(words: Sequence[str], position: int, language: str) -> bool:
    """Whether the word at ``position`` may stand inside a date; up to two may, when the date goes on after them."""
    inside = _DATE_FILL | FILLERS | {"-", "/", "een", "en", "honderd", "hundred", "and"}
    rest = words[position : position + 3]
    for offset, word in enumerate(rest):
        if offset and _dated(word, language):
            return True
        if fold(word) not in inside and word not in inside:
            return False
    return False
