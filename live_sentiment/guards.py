"""Whether to trust what a recogniser read: the guards against text that nobody spoke.

Recognisers of Whisper's family write fluent text on noise, and their own certainty does not tell (on real speech the
mean log-probability is -0.48 or better, on noise -0.56 in the middle and -0.03 at best). So several weak witnesses are
heard together: how strongly the voice detector heard a voice, words per second, certainty, repetition, and the stock
phrases such models learnt from subtitles. Pure functions; no audio, no model.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from live_sentiment.events import Word
from live_sentiment.spoken_digits import digits_of
from live_sentiment.transcriber import Hypothesis

NO_SPEECH: Final = "no speech"
LOOP: Final = "repeats itself"
TOO_FAST: Final = "too many words for the time"
UNSURE: Final = "too unsure"
STOCK_PHRASE: Final = "a stock phrase on weak speech"

MINIMUM_VOICED_SECONDS = 0.06
"""Below two frames of voice there is nothing to read."""
WORDS_PER_SECOND = 7.0
"""Very fast speech; ordinary talk has 2 to 4. ``SPARE_WORDS`` come on top, for on the telephone the voice detector
misses up to half of a short utterance."""
SPARE_WORDS = 4
LOWEST_LOG_PROBABILITY = -1.3
LOWEST_LOG_PROBABILITY_WEAK = -0.9
"""Real words on a telephone line go down to -1.06, of which the weak ones to -0.87."""
WEAK_VOICE = 0.55
WEAK_SECONDS = 0.25
"""A voice is weak below this mean probability or this length: what noise and music get past a detector is 0.06 to
0.26 s long, at 0.56 to 0.76; telephone speech is at 0.53 to 0.9."""
WEAK_LOG_PROBABILITY = -0.5
"""Real speech is read at -0.48 or better; noise at -0.56 in the middle."""
SURE_WORD = 0.7
"""The probability from which a short "thanks" is believed though hardly any voice was heard."""
SECONDS_PER_WORD = 0.12
"""Nobody speaks a word faster than this for long."""

_LONGEST_LOOP = 10
_TIMES = {1: 6, 2: 5, 3: 4, 4: 4}
"""How often a run of so many items must come to be a loop; a longer one three times."""
_TIMES_LONG = 3
_TIMES_OF_TOKENS = {1: 10, 2: 10, 3: 6, 4: 5}
"""The same for a decoder, which stops there: "no, no, no, no, no, no, I did not" must get past it."""
_TIMES_OF_TOKENS_LONG = 4
KEPT_REPEATS = 3
"""What is left of a loop."""
_MOST = 0.6
"""The share of the words from which a loop is most of the text."""

_PUNCTUATION = ".,?!;:…\"'-()[]♪ "

SHORT_ANSWERS = frozenset(
    {
        *(
            "you",
            "thank you",
            "thank you very much",
            "thank you so much",
            "thanks",
            "so",
            "the",
            "i'm sorry",
            "the end",
        ),
        *("dank je wel", "dank u wel", "dankjewel", "dank u", "bedankt", "hartelijk dank", "het einde", "muziek"),
    }
)
"""What customers do say, and recognisers invent: believed unless the voice was weak."""
SUBTITLE_PHRASES = (
    *("thank you for watching", "thanks for watching", "please subscribe", "please subscribe to my channel"),
    *("like and subscribe", "don't forget to subscribe", "don't forget to like and subscribe"),
    *("subscribe to my channel", "subscribe to the channel", "see you in the next video", "amara.org community"),
    *("subtitles by", "subtitles by the amara.org community", "captions by", "transcription by", "translated by"),
    *("ondertiteling", "ondertiteld door", "ondertiteling door de amara.org gemeenschap", "ondertitels door"),
    *("ondertitels ingediend", "ondertitels ingediend door de community", "amara.org gemeenschap"),
    *("ondertitels ingediend door de amara.org gemeenschap", "bedankt voor het kijken", "dank voor het kijken"),
    *("abonneer je", "vergeet niet te abonneren", "tot de volgende video", "tv gelderland", "nederlandse subs"),
)
"""How such models end on silence; hardly anybody says it on the telephone. Doubted with up to two words more."""
CLOSING_PHRASES = frozenset(
    {
        *("thank you for listening", "thanks for listening", "see you next time", "subscribe to"),
        *("bedankt voor het luisteren", "dank voor het luisteren", "tot de volgende keer"),
    }
)
"""The same, but people do say it: doubted only alone."""
_WORDS_MORE = 2
_SPOKEN_ZEROS = frozenset(("oh", "o", "een"))


def judge(hypothesis: Hypothesis, *, voiced_seconds: float, mean_speech_probability: float) -> str:
    """Why ``hypothesis`` should not be believed, or "" when it should.

    ``voiced_seconds`` is how long the voice detector heard a voice in the utterance, ``mean_speech_probability`` its
    mean probability (0 to 1) over those frames. An empty hypothesis claims nothing, so it is always believed.
    """
    words = [bare for word in hypothesis.words if (bare := _bare(word.text))]
    if not words:
        return ""
    weak = mean_speech_probability < WEAK_VOICE or voiced_seconds < WEAK_SECONDS
    hurried = weak or voiced_seconds < SECONDS_PER_WORD * len(words)
    unsure = hypothesis.average_log_probability < WEAK_LOG_PROBABILITY
    lowest = LOWEST_LOG_PROBABILITY_WEAK if weak else LOWEST_LOG_PROBABILITY
    sure = mean_speech_probability >= WEAK_VOICE and all(w.probability >= SURE_WORD for w in hypothesis.words)
    text = " ".join(words)
    stock = (weak and text in CLOSING_PHRASES) or (weak and not sure and text in SHORT_ANSWERS)
    reasons = (
        (hypothesis.suspicious not in ("", LOOP), hypothesis.suspicious),
        (voiced_seconds < MINIMUM_VOICED_SECONDS, NO_SPEECH),
        (len(words) > WORDS_PER_SECOND * voiced_seconds + SPARE_WORDS, TOO_FAST),
        (_is_only_a_loop(words, stopped=hypothesis.suspicious == LOOP, doubtful=hurried or unsure), LOOP),
        (hypothesis.average_log_probability < lowest, UNSURE),
        (stock or (hurried and _is_subtitle(text)), STOCK_PHRASE),
    )
    return next((reason for holds, reason in reasons if holds), "")


def _is_subtitle(text: str) -> bool:
    """Whether ``text`` is little more than what recognisers write on noise."""
    most = {phrase: len(phrase.split()) + _WORDS_MORE for phrase in SUBTITLE_PHRASES if f" {phrase} " in f" {text} "}
    return bool(most) and len(text.split()) <= max(most.values())


def _is_only_a_loop(words: Sequence[str], *, stopped: bool, doubtful: bool) -> bool:
    """Whether hardly more than a loop was read, on a voice or a reading that is doubtful anyhow.

    ``stopped``: the engine saw a loop, and may have cut it to ``KEPT_REPEATS``; one that does not show in the words
    goes on within a word, and nobody speaks like that.
    """
    runs = list(_runs(words, at_most=KEPT_REPEATS if stopped else _LONGEST_LOOP))
    if not runs:
        return stopped
    return doubtful and sum(last - first for first, last, _ in runs) >= _MOST * len(words)


def cut_loops(words: Sequence[Word], settled: int = 0) -> tuple[Word, ...]:
    """``words`` with every loop cut down to its first three repeats; the first ``settled`` words stay as they are."""
    kept = list(words)
    for first, last, size in reversed(list(_runs([_bare(word.text) for word in words], at_most=_LONGEST_LOOP))):
        del kept[max(first + KEPT_REPEATS * size, settled) : max(last, settled)]
    return tuple(kept)


def _runs(words: Sequence[str], *, at_most: int) -> Iterator[tuple[int, int, int]]:
    """The loops in ``words``: first place, the place after the last, and the length of what is repeated.

    Digits are no loop, for numbers have runs of zeros. No run needs more than ``at_most`` repeats.
    """
    first = 0
    while first < len(words):
        found = 0
        for size in range(1, min(_LONGEST_LOOP, len(words) - first) + 1):
            last = first + size
            while last < len(words) and words[last] == words[last - size]:
                last += 1
            last -= (last - first) % size
            enough = last - first >= size * min(at_most, _TIMES.get(size, _TIMES_LONG))
            if enough and not all(map(_is_digit, words[first : first + size])):
                yield first, last, size
                found = last
                break
        first = max(found, first + 1)


def _bare(text: str) -> str:
    return text.casefold().strip(_PUNCTUATION)


def _is_digit(word: str) -> bool:
    return word in _SPOKEN_ZEROS or digits_of(word) != ""


def repeats_itself(words: Sequence[str]) -> bool:
    """Whether some run of up to ten words comes again and again without a break; digits aside.

    People do repeat themselves ("no, no, no"), so the shorter the run, the more often it must come; ``judge`` weighs
    this with the voice.
    """
    return any(True for _ in _runs(words, at_most=_LONGEST_LOOP))


def loop_at_end(tokens: Sequence[object]) -> int:
    """How many ``tokens`` at the end repeat what came three times already; 0 when they do not end in a loop.

    A word has several tokens, and who asks this stops there, so more repeats are needed than in ``repeats_itself``.
    Cheap enough to ask after every token.
    """
    for size in range(1, min(_LONGEST_LOOP, len(tokens) // _TIMES_OF_TOKENS_LONG) + 1):
        times = _TIMES_OF_TOKENS.get(size, _TIMES_OF_TOKENS_LONG)
        if len(tokens) >= size * times and _has_run(tokens[-size * times :], size, times):
            return size * (times - KEPT_REPEATS)
    return 0


def _has_run(items: Sequence[object], size: int, times: int) -> bool:
    """Whether a run of ``size`` items comes ``times`` times in a row: as many neighbours at that distance are equal."""
    needed = size * (times - 1)
    equal = 0
    for one, other in zip(items, items[size:], strict=False):
        equal = equal + 1 if one == other else 0
        if equal >= needed:
            return True
    return False
