"""Which speech model, how many threads and how often partial text fit this machine: found by a short measurement.

The best model reads the clip that comes with Spiegel, at once and as it grows, as in a call. One whose finals come too
late for two voices at once gives way to the next; partial text comes as often as there is time for. Pure: the models,
how one is loaded, and the clock are handed in. What may be chosen among is decided in ``engines`` and ``assembly``;
keeping the answer for the next start is the server's business.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Literal

from live_sentiment.clips import CHECK_LANGUAGE, check_clip
from live_sentiment.engine_family import EngineInfo, EngineOptions, Windows
from live_sentiment.engines import Skipped, first_loaded
from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import CHANNELS, SAMPLE_RATE
from live_sentiment.shedding import STEPS
from live_sentiment.transcriber import Engine, Samples, Transcriber

BUDGET = 3.0
"""Seconds that measuring may add to a start."""
_LAST = 1.5
"""Seconds for a model that is loaded when the budget is used up: it will serve, so what it costs should be known."""
_UPDATE_SHARE = 0.6
"""What both channels' updates may take of the time. The rest is for the voice detectors, the other processes, bursts,
and utterances that grow longer than the clip."""
_FINAL_SHARE = 0.5
"""What both channels' finals may take: twice as much as speech itself would be no call any more, and a final waits for
the update before it."""
_HOPELESS = 2.0
"""Twice too late: a second thread never gains so much, so the next model is tried instead, if there is one."""
_BEGINNING, _GROWTH, _UPDATES = 2.0, 0.3, 3
"""Seconds of the clip before the first update that is timed, and in each; how many are timed."""
_ROUNDS, _CHEAP = 3, 0.5
"""How often the updates are timed when that takes no more than so many seconds, and the first times disappoint."""

Load = Callable[[EngineInfo, EngineOptions], Engine]
Overruled = Literal["model", "threads", "step"]


@dataclass(frozen=True, slots=True)
class Fit:
    """What fits, and what was measured.

    ``model`` is an ``EngineInfo``'s name; ``threads`` are those of one decode; ``step`` the seconds of new speech
    between two partials, None for none of them. ``update_seconds`` is what one reading of a growing utterance costs,
    ``final_seconds`` one of four seconds of speech. ``in_time``: finals of two voices at once are. ``windows`` are
    those the engine found that the model bears, "" where it has no such choice. ``overruled`` is what the user decided.
    """

    model: str
    threads: int
    step: float | None
    update_seconds: float
    final_seconds: float
    in_time: bool
    windows: Literal["", "trimmed", "padded"] = ""
    overruled: tuple[Overruled, ...] = ()

    @property
    def keeps_up(self) -> bool:
        """Whether there is time for finals, and for partials every ``step``."""
        return self.in_time and self.step is not None and _affords(self.step, self.update_seconds)


@dataclass(frozen=True, slots=True)
class Overrule:
    """What the user decides instead: whether the ``model``; ``threads`` and ``step``, 0 for what fits."""

    model: bool = False
    threads: int = 0
    step: float = 0.0

    def over(self, fit: Fit) -> Fit:
        """``fit`` with the user's step, and telling what was decided."""
        decided: tuple[tuple[Overruled, object], ...] = (
            ("model", self.model),
            ("threads", self.threads),
            ("step", self.step),
        )
        return replace(fit, step=self.step or fit.step, overruled=tuple(name for name, value in decided if value))


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be done: the ``language`` of the calls, ``threads`` (0 for what fits), and other ``options``.

    A ``spare`` model is taken when no candidate loads, and never because one is slow.
    """

    language: str = "auto"
    threads: int = 0
    options: EngineOptions = field(default_factory=EngineOptions)
    spare: tuple[EngineInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """What measures: ``timer`` tells seconds of wall time, ``cores`` are those we may use, ``budget`` is in seconds."""

    timer: Callable[[], float]
    cores: int = 1
    budget: float = BUDGET


def fit(
    candidates: Sequence[EngineInfo],
    load: Load,
    ask: Ask,
    machine: Machine,
    skipped: Skipped = lambda _info, _why: None,
) -> tuple[Engine, Fit]:
    """The first of ``candidates`` (the best first, at least one) whose finals are in time, loaded; else the quickest.

    One that does not load is ``skipped`` when there is another. A model larger than one that was too slow is not tried.
    The budget begins when the first model is there, which is loaded anyway. Once it is used up, the others are judged
    by their size: a reading costs as much less as the files are smaller. The first that should do, or else the last,
    is then loaded and measured shortly, and that is all. A load and the reading after it are not broken off, and a last
    model that is too slow on one thread is tried on two in any case. So what exceeds the budget are, at most, those
    under way when it ended, and the model that is tried last.

    Raises:
        EngineUnavailable: no model loads; it is the best one's.
    """
    bench = _Bench(load, ask, machine)
    everyone = [*candidates, *ask.spare]
    info, found = first_loaded(everyone, lambda one: bench.best(one, last=not _after(one, candidates)), skipped)
    smaller = _after(info, candidates)
    for other in smaller:
        hurried, last = bench.left <= 0, other is smaller[-1]
        if found[1].in_time:
            break
        if hurried and not last and not _in_time(_scaled(found[1], info, other), bench.seconds):
            continue
        try:
            tried = bench.last(other) if hurried else bench.best(other, last=last)
        except EngineUnavailable as why:
            skipped(other, why)
            continue
        if tried[1].in_time or tried[1].final_seconds <= found[1].final_seconds:
            found, info = tried, other
        if hurried:
            break
    return found


class _Bench:
    """Loads models and times them, within what is left of the budget."""

    def __init__(self, load: Load, ask: Ask, machine: Machine) -> None:
        self._load = load
        self._ask = ask
        self._timer = machine.timer
        self._cores = machine.cores
        self._budget = machine.budget
        self._until = math.inf
        self._clip = check_clip()

    @property
    def seconds(self) -> float:
        """The length of the clip."""
        return self._clip.size / SAMPLE_RATE

    @property
    def left(self) -> float:
        """Seconds of the budget."""
        return self._until - self._timer()

    def best(self, info: EngineInfo, *, last: bool) -> tuple[Engine, Fit]:
        """The model as it runs best here; ``last``: there is none to take its place.

        Where there are two cores, and one thread does not reach the shortest step, two are tried as well; the two
        models are both in memory for that moment.
        """
        one = self._tried(info, self._ask.threads or 1, self._ask.options.windows)
        hopeless = not _in_time(one[1].final_seconds / _HOPELESS, self.seconds)
        needed = last and not one[1].in_time
        if one[1].step == STEPS[0] or not (needed or (self.left > 0 and not hopeless)):
            return one
        return self._or_on_two(info, one)

    def last(self, info: EngineInfo) -> tuple[Engine, Fit]:
        """The model, with a little time of its own to be measured in; on two threads only if one is too slow."""
        self._until, self._budget = math.inf, _LAST
        one = self._tried(info, self._ask.threads or 1, self._ask.options.windows)
        return one if one[1].in_time else self._or_on_two(info, one)

    def _or_on_two(self, info: EngineInfo, one: tuple[Engine, Fit]) -> tuple[Engine, Fit]:
        """The better of ``one`` and the same model on two threads, where there may be two."""
        if self._ask.threads or self._cores == 1:
            return one
        two = self._tried(info, 2, one[1].windows or self._ask.options.windows)
        return max(one, two, key=lambda tried: _goodness(tried[1]))

    def _tried(self, info: EngineInfo, threads: int, windows: Windows) -> tuple[Engine, Fit]:
        engine = self._load(info, replace(self._ask.options, threads=threads, windows=windows))
        self._until = min(self._until, self._timer() + self._budget)
        return engine, self._measured(engine, info, threads)

    def _measured(self, engine: Engine, info: EngineInfo, threads: int) -> Fit:
        """What readings cost; where time is short, an update counts as much as the whole clip, which is more."""
        language = _spoken(engine, self._ask.language)
        ear = engine.transcriber(language)
        final = self._timed(ear, self._clip, ear.flush)
        ear.close()
        in_time = _in_time(final, self.seconds)
        update = self._update(lambda: engine.transcriber(language), final) if in_time else final
        return Fit(
            model=info.name,
            threads=threads,
            step=next((step for step in STEPS if _affords(step, update)), None) if in_time else None,
            update_seconds=update,
            final_seconds=final,
            in_time=in_time,
            windows=getattr(engine, "windows", ""),  # only engines that pad have any
        )

    def _update(self, new_ear: Callable[[], Transcriber], most: float) -> float:
        """What an update costs; ``most`` when there is no time to find out.

        Of each the quickest of a few rounds counts: a burst of other work, while everything starts, is not to be held
        against the machine.
        """
        best = [most] * _UPDATES
        for _ in range(_ROUNDS):
            began = self._timer()
            costs = self._round(new_ear(), most)
            best = [min(pair) for pair in zip(best, costs, strict=True)]
            if _affords(STEPS[0], median(best)) or self._timer() - began > _CHEAP:
                break
        return median(best)

    def _round(self, ear: Transcriber, most: float) -> list[float]:
        """The seconds that readings of a growing utterance take, as in a call; ``most`` for those left out."""
        bounds = [round((_BEGINNING + at * _GROWTH) * SAMPLE_RATE) for at in range(_UPDATES + 1)]
        costs: list[float] = []
        for begin, end in zip([0, *bounds], bounds, strict=False):
            enough = self.left >= most
            costs.append(self._timed(ear, self._clip[begin:end], ear.decode) if enough else most)
        ear.close()
        return costs[1:]  # the first one has no reading before it to start from

    def _timed(self, ear: Transcriber, audio: Samples, read: Callable[[], object]) -> float:
        ear.accept(audio)
        began = self._timer()
        read()
        return self._timer() - began


def _affords(step: float, update: float) -> bool:
    return len(CHANNELS) * update <= _UPDATE_SHARE * step


def _in_time(final: float, speech: float) -> bool:
    """Whether finals that take ``final`` seconds for ``speech`` seconds of a voice are in time, for both voices."""
    return len(CHANNELS) * final <= _FINAL_SHARE * speech


def _after(info: EngineInfo, candidates: Sequence[EngineInfo]) -> list[EngineInfo]:
    """The candidates that may take the place of ``info`` when it is too slow: those after it that are no larger."""
    rest = candidates[candidates.index(info) + 1 :] if info in candidates else ()
    return [other for other in rest if other.size_bytes <= info.size_bytes]


def _goodness(found: Fit) -> tuple[bool, float, float]:
    """Equals are equal, so that the first, which takes fewer threads, is preferred; without a step the quicker is."""
    if found.step is None:
        return found.in_time, -math.inf, -found.final_seconds
    return found.in_time, -found.step, 0.0


def _scaled(found: Fit, measured: EngineInfo, other: EngineInfo) -> float:
    """The seconds that a final should take ``other``."""
    return found.final_seconds * (other.size_bytes / measured.size_bytes if measured.size_bytes else 1.0)


def _spoken(engine: Engine, language: str) -> str:
    """The language to read the clip in: found out, as in such calls, or given."""
    given = language != "auto" and (not engine.languages or CHECK_LANGUAGE in engine.languages)
    return CHECK_LANGUAGE if given else "auto"
