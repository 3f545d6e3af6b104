"""Why a reading of Whisper's is not to be trusted, from the reading itself. Pure.

A loop is cut where the decoder got stuck in it. CTranslate2 decodes in one call, which cannot be stopped half-way, so
what a loop costs is bounded by ``most_tokens``. Its own rules against repeats are not used: ``no_repeat_ngram_size``
changes the second half of a telephone number that is said twice, and only hides a loop that has nothing else to say;
``repetition_penalty`` does nothing where the model is sure. What the voice detector makes of a loop is judged later, in
``guards``.
"""

import math
from collections.abc import Sequence
from typing import Final

from live_sentiment.guards import LOOP, NO_SPEECH, TOO_FAST, UNSURE, WEAK_LOG_PROBABILITY, loop_at_end, repeats_itself
from live_sentiment.whisper.context import Context
from live_sentiment.whisper.plan import Said

ECHO: Final = "only repeats its prompt"
TOKENS_PER_SECOND = 8.0
SPARE_TOKENS = 10
"""Dutch takes more tokens for a word than English."""
NO_SPEECH_PROBABILITY = 0.6
LOWEST_LOG_PROBABILITY = -1.0
HIGHEST_COMPRESSION = 2.4
"""The three limits of Whisper's own decoding (Radford et al. 2022, section 4.5)."""


def most_tokens(seconds: float) -> int:
    """How many tokens can be said in so much audio."""
    return math.ceil(seconds * TOKENS_PER_SECOND) + SPARE_TOKENS


def doubt(said: Said, context: Context | None = None) -> str:
    """Why ``said`` is not to be trusted, or "".

    ``context`` is what the model was told before; None where it cannot be an echo, as after committed words. Whisper
    is known to say its prompt on silence; a name from it that is clearly said is believed.
    """
    unsure = said.log_probability < LOWEST_LOG_PROBABILITY
    silent = said.no_speech > NO_SPEECH_PROBABILITY
    weak = silent or said.log_probability < WEAK_LOG_PROBABILITY
    reasons = (
        (unsure and silent, NO_SPEECH),
        (said.looped or said.compression > HIGHEST_COMPRESSION or repeats_itself(said.text.split()), LOOP),
        (said.capped, TOO_FAST),
        (unsure, UNSURE),
        (weak and context is not None and context.holds(said.text), ECHO),
    )
    return next((reason for holds, reason in reasons if holds), "")


def before_loop(tokens: Sequence[int]) -> int:
    """How many of ``tokens`` to keep: all, unless they end in a loop; then up to its third repeat.

    A loop that the decoder left again by itself stays: words follow it.
    """
    end = len(tokens)
    while end and loop_at_end(tokens[: end - 1]):
        end -= 1
    return end - loop_at_end(tokens[:end]) if loop_at_end(tokens) else len(tokens)
