"""The labelled lines and the auxiliary texts, as they lie in the data folder. Nothing is changed on the way in."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from onnx_models.classification import EMOTIONS, SIGNALS

LANGUAGES = ("nl", "en")
SENTIMENT_CODES = {"NEG": 0, "NEU": 1, "POS": 2}
DOMAINS = ("webshop", "telecom", "bank_gov", "travel_tech", "generic_hard", "contrast", "neutral_real", "dialogues")
OUR_LINES = Path(__file__).with_name("lines")
"""Files with the same columns as those: chats, conversations, and short turns, which the larger files lack."""
KEPT_APART = Path(__file__).with_name("kept_apart.tsv")
"""Lines that no training sees, in the mix of real chats; same columns."""
POLARITIES = {"negative": 0, "neutral": 1, "positive": 2}


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance of a customer in one language. ``pair`` is shared by the two languages of a row.

    ``sentiment`` and ``emotion`` index ``SENTIMENTS`` and ``EMOTIONS``; ``signals`` index ``SIGNALS``. ``group`` is
    what must not be split between training and test: the file, or the dialogue.
    """

    text: str
    language: str
    sentiment: int
    emotion: int
    signals: tuple[int, ...]
    domain: str
    group: str
    pair: int


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """A text with labels of another scheme, for a head of its own that is thrown away after the training."""

    text: str
    task: str
    labels: tuple[int, ...]
    pair: int = -1


def lines(folder: Path) -> list[Line]:
    """Every customer's line of ``folder``/call_lines and ours, both languages of a row one after the other."""
    files = {domain: folder / "call_lines" / f"{domain}.tsv" for domain in DOMAINS}
    return _lines(files | {path.stem: path for path in sorted(OUR_LINES.glob("*.tsv"))})


def kept_apart() -> list[Line]:
    """The lines that are for measuring alone, both languages of a row one after the other."""
    return _lines({KEPT_APART.stem: KEPT_APART})


def _lines(files: dict[str, Path]) -> list[Line]:
    out: list[Line] = []
    for domain, path in files.items():
        for row in _rows(path):
            fields, group = (row[3:], f"dialogues/{row[0]}") if domain == "dialogues" else (row, domain)
            if fields[2] in SENTIMENT_CODES:
                out += _both(fields, domain, group, pair=len(out) // 2)
    return out


def _both(fields: list[str], domain: str, group: str, pair: int) -> list[Line]:
    signals = tuple(SIGNALS.index(name) for name in fields[4].split(",") if name in SIGNALS)
    return [
        Line(
            text=text,
            language=language,
            sentiment=SENTIMENT_CODES[fields[2]],
            emotion=EMOTIONS.index(fields[3]),
            signals=signals,
            domain=domain,
            group=group,
            pair=pair,
        )
        for language, text in zip(LANGUAGES, fields[:2], strict=True)
    ]


def auxiliary(folder: Path) -> list[Auxiliary]:
    """Public texts with labels near ours: aspect polarity, emotions; parallel rows carry the same ``pair``."""
    out: list[Auxiliary] = []
    for language in LANGUAGES:
        path = folder / "m_absa" / f"mabsa_{language}.tsv"
        for number, row in enumerate(_rows(path, header=True)):
            if row[1] in POLARITIES:
                out.append(Auxiliary(row[0], "polarity", (POLARITIES[row[1]],), pair=number))
    out += _multi_label("goemotions", [folder / "goemotions" / "goemotions_en.tsv"])
    out += _multi_label("xed", [folder / "xed" / name for name in ("xed_en.tsv", "xed_nl_projected.tsv")])
    return out


def _multi_label(task: str, paths: Sequence[Path]) -> list[Auxiliary]:
    rows = [row for path in paths for row in _rows(path, header=True)]
    names = sorted({name for row in rows for name in row[1].split(",")})
    return [Auxiliary(row[0], task, tuple(names.index(name) for name in row[1].split(","))) for row in rows]


def _rows(path: Path, *, header: bool = False) -> Iterable[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if header:
            next(reader, None)
        yield from (row for row in reader if row)
