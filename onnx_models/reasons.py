"""Which words made the model decide as it did: leave each one out, and see what it then makes of the line.

Occlusion (Zeiler and Fergus 2014, ECCV), in log odds, since a probability near 1 hardly moves whatever is left out.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from onnx_models.classification import WordWeight
from onnx_models.features import Ids, Token

MOST_LEFT_OUT = 32
"""Sentences made for one explanation; in a longer text, neighbours are left out together to stay under it."""
MOST_REASONS = 3
LEAST_WEIGHT = 0.1
"""A word that matters less is no reason."""
_GRAMMAR_WORDS = """
de het een 't ik 'k je jij u uw jou jouw jullie we wij ze zij hij hem haar mijn m'n me mij ons onze dit dat die deze er
hier daar is was ben bent zijn waren word wordt werd worden heb hebt heeft had hebben en of maar dus want als dan om te
van voor met op in aan bij naar uit door tot over wat wie hoe toen omdat nou ja ook
a an the i you he she it we they me him her us them my your his its our their this that these those there here am are
were be been being have has do does did and or but so because if then to of for on at by from with as what who how
waarom wanneer waar welke why when where which
i'm i've i'd i'll it's that's you're he's she's we're they're
"""
GRAMMAR = frozenset(_GRAMMAR_WORDS.split())
"""Words that tell nothing to whoever reads them alone, however much they helped the model."""
_NEVER_SURE = 1e-6

Probabilities = NDArray[np.float32]


def groups(words: Sequence[Token]) -> list[range]:
    """The stretches of words to leave out: one word each, or more of them in a long text; marks stay in."""
    size = -(-len(words) // MOST_LEFT_OUT)
    if size == 1:
        return [range(i, i + 1) for i, word in enumerate(words) if word.is_word]
    return [range(i, min(i + size, len(words))) for i in range(0, len(words), size)]


def left_out(row: Ids, without: Sequence[range]) -> Ids:
    """``row`` itself, then ``row`` without each group: int64 of shape (1 + groups, words), 0 at the ends."""
    out = np.zeros((1 + len(without), row.size), dtype=np.int64)
    out[0] = row
    for i, group in enumerate(without, start=1):
        rest = row.size - len(group)
        out[i, : group.start] = row[: group.start]
        out[i, group.start : rest] = row[group.stop :]
    return out


def told_by(words: Sequence[Token], without: Sequence[range]) -> list[str]:
    """What to name each group by, as it was said; "" for one that holds grammar alone."""
    return [
        " ".join(words[i].text for i in group) if any(words[i].key not in GRAMMAR for i in group) else ""
        for group in without
    ]


def heaviest(column: Probabilities, names: Sequence[str]) -> tuple[WordWeight, ...]:
    """The groups without which the probability in ``column`` drops most, heaviest first.

    ``column`` [1 + groups] is of the whole text, then of the text without each group, which is called ``names``.
    """
    sure = np.clip(column, _NEVER_SURE, 1 - _NEVER_SURE).astype(np.float64)
    odds = np.log(sure / (1 - sure))
    weights = np.tanh((odds[0] - odds[1:]) / 2)
    order: list[int] = np.argsort(-weights, kind="stable").tolist()
    telling = [i for i in order if names[i] and weights[i] >= LEAST_WEIGHT]
    return tuple(WordWeight(names[i], float(weights[i])) for i in telling[:MOST_REASONS])
