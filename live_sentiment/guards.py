"""Whether to trust what a recogniser read: the guards against text that nobody spoke.

Recognisers of Whisper's family write fluent text on noise, and their own certainty does not tell (on real speech the
mean log-probability is -0.48 or better, on noise -0.56 in the middle and -0.03 at best). So several weak witnesses are
heard together: how strongly the voice detector heard a voice, words per second, certainty, repetition, and the stock
phrases such models learnt from subtitles. Pure functions; no audio, no model.
"""

from collections.abc import Sequence
from typing import Final

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
CERTAIN_VOICE = 0.85
"""Above this, and with time enough for the words, even a subtitle's phrase is believed."""
SECONDS_PER_WORD = 0.12
"""Nobody speaks a word faster than this for long."""

_LONGEST_LOOP = 10
_TIMES = {1: 6, 2: 5, 3: 4, 4: 4}
"""How often a run of so many items must come to be a loop; a longer one three times."""
_TIMES_LONG = 3
_TIMES_AT_END = 4

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
    *("thank you for watching", "thanks for watching", "thank you for listening", "thanks for listening"),
    *("please subscribe", "subscribe to", "like and subscribe", "don't forget to subscribe", "see you next time"),
    *("see you in the next video", "subtitles by", "captions by", "transcription by", "translated by", "amara org"),
    *("ondertiteling", "ondertiteld door", "ondertitels ingediend", "ondertitels door", "bedankt voor het kijken"),
    *("dank voor het kijken", "bedankt voor het luisteren", "abonneer je", "vergeet niet te abonneren"),
    *("tot de volgende keer", "tot de volgende video", "tv gelderland", "nederlandse subs"),
)
"""How such models end on silence; hardly anybody says it on the telephone, so only a certain voice makes it true."""


def judge(hypothesis: Hypothesis, *, voiced_seconds: float, mean_speech_probability: float) -> str:
    """Why ``hypothesis`` should not be believed, or "" when it should.

    ``voiced_seconds`` is how long the voice detector heard a voice in the utterance, ``mean_speech_probability`` its
    mean probability (0 to 1) over those frames. An empty hypothesis claims nothing, so it is always believed.
    """
    words = [bare for word in hypothesis.words if (bare := word.text.casefold().strip(_PUNCTUATION))]
    if not words:
        return ""
    weak = mean_speech_probability < WEAK_VOICE or voiced_seconds < WEAK_SECONDS
    certain = mean_speech_probability >= CERTAIN_VOICE and voiced_seconds >= SECONDS_PER_WORD * len(words)
    lowest = LOWEST_LOG_PROBABILITY_WEAK if weak else LOWEST_LOG_PROBABILITY
    reasons = (
        (bool(hypothesis.suspicious), hypothesis.suspicious),
        (voiced_seconds < MINIMUM_VOICED_SECONDS, NO_SPEECH),
        (len(words) > WORDS_PER_SECOND * voiced_seconds + SPARE_WORDS, TOO_FAST),
        (repeats_itself(words), LOOP),
        (hypothesis.average_log_probability < lowest, UNSURE),
        (_is_stock(" ".join(words), weak=weak, certain=certain), STOCK_PHRASE),
    )
    return next((reason for holds, reason in reasons if holds), "")


def _is_stock(text: str, *, weak: bool, certain: bool) -> bool:
    """Whether ``text`` is what recognisers write on noise, given how strong the voice was."""
    if weak and text in SHORT_ANSWERS:
        return True
    return not certain and any(f" {phrase} " in f" {text} " for phrase in SUBTITLE_PHRASES)


def repeats_itself(items: Sequence[object]) -> bool:
    """Whether some run of up to ten items comes again and again without a break.

    People do repeat themselves ("no, no, no"), so the shorter the run, the more often it must come.
    """
    return any(_has_run(items, size, _TIMES.get(size, _TIMES_LONG)) for size in range(1, _LONGEST_LOOP + 1))


def ends_in_loop(items: Sequence[object]) -> bool:
    """The same for tokens, of which words have several: only at the end of ``items``, and four times at least.

    Cheap enough to ask after every token.
    """
    for size in range(1, min(_LONGEST_LOOP, len(items) // _TIMES_AT_END) + 1):
        times = _TIMES.get(size, _TIMES_AT_END)
        if len(items) >= size * times and _has_run(items[-size * times :], size, times):
            return True
    return False


def _has_run(items: Sequence[object], size: int, times: int) -> bool:
    """Whether a run of ``size`` items comes ``times`` times in a row: as many neighbours at that distance are equal."""
    needed = size * (times - 1)
    equal = 0
    for one, other in zip(items, items[size:], strict=False):
        equal = equal + 1 if one == other else 0
        if equal >= needed:
            return True
    return False
