"""Greedy decoding with a draft: from a network's answers to a sequence of tokens.

Two neighbouring readings of a growing utterance are nearly the same. So the last reading is fed as a draft in one run
of the decoder, which is checked token by token; generation goes on where network and draft disagree (after Leviathan
et al. 2023, with the past reading in place of a small model). The outcome is that of plain greedy decoding, up to the
rounding of a network quantised at run time, at a quarter of the runs. Taking up the rest of the draft again behind a
disagreement was measured to gain nothing. The network itself is in ``model``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from live_sentiment.guards import loop_at_end

Logits = NDArray[np.float32]
"""Unnormalised log-probabilities, shape (tokens, vocabulary), or of one token (vocabulary,)."""


class Network(Protocol):
    """A decoder over one piece of encoded audio. It remembers the tokens it was fed."""

    def feed(self, tokens: Sequence[int]) -> Logits:
        """Appends ``tokens``; row i says what comes after the i-th of them. Shape (len(tokens), vocabulary)."""
        ...

    def keep(self, length: int) -> None:
        """Forgets all but the first ``length`` tokens fed."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What to decode: a ``draft`` of which the first ``forced`` tokens are not up for discussion.

    At most ``max_tokens`` come out (more only if more are forced). ``may_follow`` (shape (vocabulary,), bool) says
    which tokens may come straight after the forced ones, None for all; it must allow ``eos``.
    """

    bos: int
    eos: int
    max_tokens: int
    draft: tuple[int, ...] = ()
    forced: int = 0
    may_follow: NDArray[np.bool_] | None = None


@dataclass(slots=True)
class Reading:
    """Tokens with the natural logarithm of their probabilities, and how the decoding ended.

    ``looped``: stopped because the tokens repeat, of which three repeats are kept; ``capped``: stopped at
    ``max_tokens``. ``runs`` counts the runs of the network. ``last_row`` is the network's answer (shape (vocabulary,))
    that led to the last token, ``end_row`` the one that ended a reading that came to its own end.
    """

    tokens: list[int]
    log_probabilities: list[float]
    looped: bool = False
    capped: bool = False
    runs: int = 0
    last_row: Logits | None = None
    end_row: Logits | None = None


def decode(network: Network, plan: Plan) -> Reading:
    """Greedy decoding of ``plan`` with a fresh ``network``."""
    reading = Reading([], [])
    rows = network.feed((plan.bos, *plan.draft))
    reading.runs = 1
    while _take(reading, rows, plan.draft if reading.runs == 1 else (), plan):
        network.keep(len(reading.tokens))  # BOS and all tokens but the newest, which comes next
        rows = network.feed(reading.tokens[-1:])
        reading.runs += 1
    return reading


def _take(reading: Reading, rows: Logits, draft: tuple[int, ...], plan: Plan) -> bool:
    """Appends tokens up to and including the first that ``draft`` does not have; False when the decoding is over."""
    for row, proposed in zip(rows, (*draft, None), strict=True):
        count = len(reading.tokens)
        token = proposed if proposed is not None and count < plan.forced else _best(row, plan, count)
        if token == plan.eos:
            reading.end_row = row
            return False
        if count >= max(plan.max_tokens, plan.forced):
            reading.capped = True
            return False
        reading.tokens.append(token)
        reading.last_row = row
        reading.log_probabilities.append(log_probability(row, token))
        if again := loop_at_end(reading.tokens[plan.forced :]):
            del reading.tokens[-again:], reading.log_probabilities[-again:]
            reading.looped = True
            return False
        if token != proposed:
            return True
    return True


def _best(row: Logits, plan: Plan, place: int) -> int:
    """The likeliest token at ``place``, among those that may follow when the one before was the last forced one."""
    if 0 < place == plan.forced and plan.may_follow is not None:
        return int(np.argmax(np.where(plan.may_follow, row, -np.inf)))
    return int(np.argmax(row))


def log_probability(row: Logits, token: int) -> float:
    """The natural logarithm of the probability of ``token`` (softmax over ``row``, shape (vocabulary,))."""
    top = row.max()
    return float(row[token] - top - np.log(np.exp(row - top).sum()))


def probability_of(row: Logits, tokens: NDArray[np.int64]) -> float:
    """The probability that one of ``tokens`` comes (softmax over ``row``, shape (vocabulary,))."""
    weights = np.exp(row - row.max())
    return float(weights[tokens].sum() / weights.sum())
