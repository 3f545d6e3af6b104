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
    r"pin|code|debit|visa|mastercard|maestro|amex|iban|expiry|verloopdatum|vervaldatum"
    r"|cvv?\d?|cvc\d?|.*(?:kaart|card)(?:nummer|number|nr)|(?:credit|krediet|betaal|bank|pin)(?:kaart|card|pas|passen)"
    r"|(?:pin|pas|sms|beveiligings|veiligheids|verificatie|controle|toegangs)-?codes?|passcode|password|wachtwoord"
    r"|pas-?nummer|(?:bank)?rekening-?nummer|bankrekening"
)
_CARD = frozenset(_split("card cards kaart kaarten"))
_CARD_DETAILS = frozenset(_split("number numbers nummer nummers digits cijfers back achterkant achterop"))
_EXPIRY = frozenset(_split("expire expires expiring verloopt vervalt"))
_VALID = frozenset(_split("geldig valid"))
_UNTIL = frozenset(_split("tot until till thru through"))
_YEAR = re.compile(r"(?:19|20)\d\d")
_OTHER_CODES = frozenset(_split("error fout fault product promo promotion discount country area qr post zip"))
_PASS_AFTER = frozenset(_split("mijn mn de uw je jouw deze die het zijn haar"))
_PASS_NOT_BEFORE = frozenset(_split("in op na sinds over om vanaf gisteren vandaag"))
_BEFORE_YEAR = frozenset(_split("in is op on the het jaar year datum date was geboortejaar , -"))
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
_MAIL_INTRODUCED = frozenset(_split("is it's naar to mail email e-mail mailadres emailadres"))
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
        "an ja nu ge ga zo me he by if us do as up be go hi ex id vs st nd rd th bv da du ie ma ne pa vd xl za di wo "
        "vr mr nr ov ca tm"
    )
)
_ABBREVIATIONS = frozenset(_split("tv hd vw ns pc wc cd gb mb kb kw pk cc km kg cm mm ml am pm uk eu us"))
"""No letters of a postcode either, not even in capitals, unless more speaks for it."""
_NEVER_ISSUED = frozenset(("sa", "sd", "ss"))
_JOINED_POSTCODE = re.compile(r"[1-9]\d{3}[a-z]{2}")
_FOUR_DIGITS = re.compile(r"[1-9]\d{3}")
_HOUSE_WORDS = frozenset(_split("nummer huisnummer house number nr"))


@dataclass(frozen=True, slots=True)
class PaymentWords:
    """Where a line speaks of payment: of what must stay ``secret`` (pin, cvv, code), of a ``card``, of its ``expiry``.

    A card alone may just be a way to pay, and a contract expires too; so numbers near those may be amounts and years.
    """

    secret: tuple[int, ...] = ()
    card: tuple[int, ...] = ()
    expiry: tuple[int, ...] = ()


def payment_words(words: Sequence[str]) -> PaymentWords:
    """Where ``words`` speaks of cards, PINs, security codes and the like."""
    line = [fold(word) for word in words]
    secret = [position for position in range(len(line)) if _is_secret(words, line, position)]
    card = [position for position, folded in enumerate(line) if folded in _CARD]
    expiry = [
        position
        for position, folded in enumerate(line)
        if folded in _EXPIRY or (folded in _UNTIL and position and line[position - 1] in _VALID)
    ]
    if card and not _CARD_DETAILS.isdisjoint(line):
        return PaymentWords(tuple(sorted((*secret, *card))), (), tuple(expiry))
    return PaymentWords(tuple(secret), tuple(card), tuple(expiry))


def _is_secret(words: Sequence[str], line: Sequence[str], position: int) -> bool:
    """Whether the word at ``position`` of ``line``, which is ``words`` folded, names what only its owner may know."""
    folded, before = line[position], line[max(0, position - 3) : position]
    if folded == "code" and before and before[-1] in _OTHER_CODES:
        return False
    bank_pass = folded == "pas" and _is_bank_pass(words, position)
    last_digits = folded in ("cijfers", "digits") and not {"laatste", "last"}.isdisjoint(before)
    spelled = folded == "c" and "".join(line[position : position + 3]) in ("cvc", "cvv")
    return bank_pass or spelled or last_digits or _PAYMENT.fullmatch(folded) is not None


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


def is_year(run: DigitRun) -> bool:
    """Whether ``run`` is a year by itself, 1900 to 2099."""
    return not run.plus and _YEAR.fullmatch(run.digits) is not None


# --- e-mail ---------------------------------------------------------------------------------------------------------


def emails(words: Sequence[str]) -> Iterator[Span]:
    """E-mail addresses, written ("jan@example.com") or spoken ("jan punt smit at example dot com")."""
    for position, word in enumerate(words):
        if "@" in word and _WRITTEN_MAIL.search(word):
            yield Span(position, position, "[email]")
        elif fold(word) in _MAIL_AT and position:
            last = _domain_end(words, position + 1)
            if last is not None:
                start = _local_start(words, position - 1)
                yield Span(_introduced(words, start), last, "[email]")


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


def _introduced(words: Sequence[str], start: int) -> int:
    """Where an address begins whose known part begins at ``start``: at most two words earlier, after "is" or "to".

    People say "jan smit at" for one word, and leave out the dots.
    """
    for position in range(start, max(start - 3, 0), -1):
        if fold(words[position - 1].replace("\u2019", "'")) in _MAIL_INTRODUCED:
            return position
        if not fold(words[position - 1]).isalpha() or fold(words[position - 1]) in FILLERS:
            break
    return start


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
        start = run.last if joined else run.last + 1
        end = _letters_end(words, start, language, asked=asked, numbered=bool(alone and not joined))
        if end is not None:
            yield Span(first, _house_end(words, end, language), "[postcode]")
        elif asked:
            yield Span(first, run.last, "[postcode]")


def _letters_end(words: Sequence[str], start: int, language: str, *, asked: bool, numbered: bool) -> int | None:
    """The position of a postcode's last letter: "AB", or "a" "b" one by one, fillers and "en dan" passed over.

    ``numbered``: a house number came before the postcode.
    """
    position = start
    while position < len(words) and position < start + 3 and fold(words[position]) in FILLERS | {"en", "dan", "and"}:
        position += 1
    if position >= len(words):
        return None
    bare = words[position].strip(".,").lstrip("0123456789-")
    letters = fold(bare)
    if len(letters) == 2 and letters.isalpha() and letters not in _NEVER_ISSUED:  # noqa: PLR2004 - "AB"
        if asked:
            return position if bare.isupper() or letters not in ("is", "en") else None
        joined = fold(words[position]) != letters
        numbered = numbered or joined or _is_numbered(words, position, language)
        return position if _are_letters(bare, language, next_to=position == start, numbered=numbered) else None
    one_by_one = [fold(word) for word in words[position : position + 2]]
    return position + 1 if len(one_by_one) > 1 and all(len(c) == 1 and c.isalpha() for c in one_by_one) else None


def _are_letters(bare: str, language: str, *, next_to: bool, numbered: bool) -> bool:
    """Whether two letters that nobody asked for belong to a postcode: "2011 AB", and not "2019 as", "2020 vw"."""
    letters = fold(bare)
    if bare.isupper():
        return numbered or letters not in _ABBREVIATIONS
    common = letters in _NOT_LETTERS or letters in _ABBREVIATIONS
    return next_to and numbered and language != "en" and not common


def _is_numbered(words: Sequence[str], position: int, language: str) -> bool:
    """Whether a house number follows the word at ``position``."""
    return _house_end(words, position, language) > position


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
        told = asked or (bool(near) and all(fold(word) in _BEFORE_YEAR for word in words[start : near[0]]))
        if near and (span := _date(words, near[0], language, year=told)):
            yield span


def _dated(word: str, language: str) -> bool:
    folded = fold(word)
    return folded in _MONTHS or folded in _ORDINALS or digits_of(word, language) != ""


def _date(words: Sequence[str], first: int, language: str, *, year: bool) -> Span | None:
    """The date that begins at ``first``, when it has at least a day and a month, or four digits.

    Four digits that are no more than a year count only when ``year`` says so.
    """
    last, digits, month = first, "", False
    position = first
    while position < len(words) and (_dated(words[position], language) or _date_filler(words, position, language)):
        if _dated(words[position], language):
            last = position
            digits += digits_of(words[position], language)
            month = month or fold(words[position]) in _MONTHS
        position += 1
    whole = month and last > first
    numbers = len(digits) >= len("1182") and (year or not _YEAR.fullmatch(digits))
    return Span(first, last, "[birthdate]") if whole or numbers else None


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
