"""Choosing what fits: engines whose every reading moves a clock of our own."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from live_sentiment.clips import check_clip
from live_sentiment.engine_family import EngineInfo, EngineOptions
from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.fitting import BUDGET, STEPS, Ask, Fit, Machine, Overrule, fit
from live_sentiment.transcriber import Engine, Hypothesis, Samples

CLIP = check_clip().size / SAMPLE_RATE


@dataclass(frozen=True)
class Cost:
    """``load`` in seconds; ``per_second``: what reading a second of audio takes on one thread, ``two``: on two."""

    per_second: float
    two: float = 1.0
    load: float = 0.5
    size: int = 100
    windows: str = ""
    languages: tuple[str, ...] = ()


@dataclass
class World:
    """A clock, and models that take time. ``busy_until``: until then everything takes ten times as long."""

    models: dict[str, Cost]
    now: float = 0.0
    busy_until: float = 0.0
    loaded: list[tuple[str, int, str]] = field(default_factory=list)
    heard_in: list[str] = field(default_factory=list)

    def timer(self) -> float:
        return self.now

    def work(self, seconds: float) -> None:
        self.now += seconds * (10 if self.now < self.busy_until else 1)

    def infos(self) -> list[EngineInfo]:
        return [
            EngineInfo(name, "slow", None, cost.languages, True, cost.size, "") for name, cost in self.models.items()
        ]

    def load(self, info: EngineInfo, options: EngineOptions) -> Engine:
        self.loaded.append((info.name, options.threads, options.windows))
        self.now += self.models[info.name].load
        return SlowEngine(info.name, self.models[info.name], options.threads, self)

    def fit(self, ask: Ask | None = None, cores: int = 2) -> Fit:
        engine, found = fit(self.infos(), self.load, ask or Ask(), Machine(self.timer, cores))
        assert isinstance(engine, SlowEngine)
        assert (engine.name, engine.threads) == (found.model, found.threads)
        return found


@dataclass(frozen=True)
class SlowEngine:
    name: str
    cost: Cost
    threads: int
    world: World

    @property
    def languages(self) -> tuple[str, ...]:
        return self.cost.languages

    @property
    def windows(self) -> str:
        return self.cost.windows

    def transcriber(self, language: str = "auto") -> "SlowEar":
        self.world.heard_in.append(language)
        return SlowEar(self)


@dataclass
class SlowEar:
    engine: SlowEngine
    heard: float = 0.0
    closed: bool = False

    def accept(self, samples: Samples) -> None:
        assert not self.closed
        self.heard += samples.size / SAMPLE_RATE

    def decode(self, committed: Sequence[str] = ()) -> Hypothesis:
        del committed
        cost = self.engine.cost
        gain = cost.two if self.engine.threads > 1 else 1.0
        self.engine.world.work(self.heard * cost.per_second / gain)
        return Hypothesis()

    def flush(self, committed: Sequence[str] = ()) -> Hypothesis:
        return self.decode(committed)

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("per_second", "step"), [(0.01, 0.2), (0.03, 0.3), (0.05, 0.5), (0.1, 1.0), (0.2, None), (1.0, None)]
)
def test_partial_text_comes_as_often_as_there_is_time_for(per_second: float, step: float | None) -> None:
    found = World({"only": Cost(per_second)}).fit(cores=1)
    assert (found.model, found.threads, found.step) == ("only", 1, step)
    assert found.final_seconds == pytest.approx(per_second * CLIP)
    assert found.in_time == (per_second < 1)
    assert found.keeps_up == (step is not None)


def test_two_voices_update_within_a_part_of_each_step() -> None:
    found = World({"only": Cost(0.03)}).fit(cores=1)
    assert found.update_seconds == pytest.approx(0.03 * 2.6)  # the middle one of three that grow from 2 s
    assert 0.6 * 0.2 < 2 * found.update_seconds < 0.6 * 0.3


@pytest.mark.parametrize(
    ("cost", "cores", "threads", "expected"),
    [
        (Cost(0.01, two=1.8), 2, 0, (1, 0.2)),  # one thread is enough
        (Cost(0.03, two=1.8), 2, 0, (2, 0.2)),
        (Cost(0.03, two=1.8), 8, 0, (2, 0.2)),
        (Cost(0.03, two=1.8), 1, 0, (1, 0.3)),
        (Cost(0.03, two=1.1), 2, 0, (1, 0.3)),  # the second gains no step
        (Cost(0.03, two=0.3), 2, 0, (1, 0.3)),
        (Cost(0.3, two=1.8), 2, 0, (2, None)),  # finals come too late with one
        (Cost(0.03, two=1.8), 2, 1, (1, 0.3)),  # the user decides
        (Cost(0.03, two=1.8), 1, 4, (4, 0.2)),
    ],
)
def test_a_second_thread_is_taken_where_it_brings_text_more_often(
    cost: Cost, cores: int, threads: int, expected: tuple[int, float | None]
) -> None:
    found = World({"only": cost}).fit(Ask(threads=threads), cores)
    assert (found.threads, found.step) == expected


def test_a_model_too_slow_for_two_voices_gives_way_to_the_next() -> None:
    world = World({"best": Cost(0.6, load=1.0), "good": Cost(0.1), "small": Cost(0.01)})
    assert (world.fit(cores=1).model, [name for name, _, _ in world.loaded]) == ("good", ["best", "good"])


@pytest.mark.parametrize(("small", "taken"), [(1.5, "small"), (2.5, "best")])
def test_when_all_are_too_slow_the_quickest_is_taken(small: float, taken: str) -> None:
    world = World({"best": Cost(2.0), "small": Cost(small)})
    found = world.fit()
    assert (found.model, found.step, found.in_time) == (taken, None, False)
    assert [(name, threads) for name, threads, _ in world.loaded] == [("best", 1), ("small", 1), ("small", 2)]


@pytest.mark.parametrize(
    ("per_second", "two", "threads"), [(0.4, 1.5, 2), (0.77, 1.5, 2), (2.0, 1.5, 2), (0.77, 1.0, 1), (0.77, 0.8, 1)]
)
def test_the_last_model_takes_two_threads_where_its_finals_come_sooner_though_too_late(
    per_second: float, two: float, threads: int
) -> None:
    found = World({"only": Cost(per_second, two=two)}).fit()
    assert (found.threads, found.step, found.in_time) == (threads, None, False)
    assert found.final_seconds == pytest.approx(per_second * CLIP / max(1.0, two))


def test_finals_in_time_come_sooner_on_two_threads_where_there_is_no_time_for_partials() -> None:
    found = World({"only": Cost(0.24, two=1.3)}).fit()
    assert (found.threads, found.step, found.in_time) == (2, None, True)


def test_a_model_that_is_tried_last_in_a_hurry_may_take_two_threads_as_well() -> None:
    world = World({"best": Cost(4.0, size=400), "small": Cost(0.4, two=1.7, size=80)})
    found = world.fit()
    assert (found.model, found.threads, found.in_time) == ("small", 2, True)


def test_a_model_that_does_not_load_gives_way_and_it_is_said() -> None:
    world = World({"best": Cost(0.01), "good": Cost(0.6), "bad": Cost(0.01), "small": Cost(0.01)})
    skipped, found = skipping(world, {"best", "bad"})
    assert (found.model, skipped) == ("small", [("best", "best is damaged."), ("bad", "bad is damaged.")])


def test_a_spare_model_is_taken_only_when_no_other_loads() -> None:
    world = World({"slow": Cost(0.6), "spare": Cost(0.01)})
    slow, spare = world.infos()
    assert skipping(world, set(), [slow], spare)[1].model == "slow"
    assert skipping(world, {"slow"}, [slow], spare)[1].model == "spare"


@pytest.mark.parametrize("names", [["best"], ["best", "small"]])
def test_when_none_loads_the_best_ones_error_is_raised(names: list[str]) -> None:
    world = World({name: Cost(0.01) for name in names})
    with pytest.raises(EngineUnavailable, match="best is damaged"):
        skipping(world, set(names))


def skipping(
    world: World, damaged: set[str], candidates: list[EngineInfo] | None = None, *spare: EngineInfo
) -> tuple[list[tuple[str, str]], Fit]:
    """What is told of the ``damaged`` models, and the fit without them."""
    told: list[tuple[str, str]] = []

    def load(info: EngineInfo, options: EngineOptions) -> Engine:
        if info.name in damaged:
            raise EngineUnavailable(f"{info.name} is damaged.", "Pull it again.")
        return world.load(info, options)

    ask, machine = Ask(spare=spare), Machine(world.timer)
    _, found = fit(
        candidates or world.infos(), load, ask, machine, lambda info, why: told.append((info.name, why.what))
    )
    return told, found


def test_a_larger_model_is_not_tried_after_one_that_was_too_slow() -> None:
    """As for English, where the embedded model is the best although others are larger."""
    world = World({"embedded": Cost(0.6, size=60), "large": Cost(0.1, size=500), "tiny": Cost(0.1, size=40)})
    assert (world.fit(cores=1).model, [name for name, _, _ in world.loaded]) == ("tiny", ["embedded", "tiny"])


def test_a_model_that_is_named_is_never_replaced() -> None:
    found = World({"named": Cost(5.0)}).fit(Ask(threads=2))
    assert (found.model, found.threads, found.in_time) == ("named", 2, False)


def test_when_the_time_is_used_up_the_others_are_judged_by_their_size() -> None:
    world = World({"best": Cost(1.0, size=400), "good": Cost(0.1, size=300), "small": Cost(0.1, size=80)})
    found = world.fit()
    assert found.model == "small"  # 300 of 400 would be too slow as well, and is not even loaded
    assert [name for name, _, _ in world.loaded] == ["best", "small"]
    assert found.step == 1.0  # measured, though in a hurry


def test_where_there_is_no_time_for_updates_one_counts_as_much_as_the_whole_clip() -> None:
    world = World({"best": Cost(4.0, size=400), "small": Cost(0.24, size=80)})
    found = world.fit()
    assert (found.model, found.in_time, found.step) == ("small", True, None)
    assert found.update_seconds == found.final_seconds == pytest.approx(0.24 * CLIP)


def test_the_last_one_is_taken_even_if_it_should_be_too_slow() -> None:
    world = World({"best": Cost(1.0, size=0), "small": Cost(0.1, size=0)})
    assert world.fit().model == "small"


@pytest.mark.parametrize("per_second", [0.01, 0.04, 0.1, 0.2, 0.3, 0.45, 0.6, 1.0, 4.0])
@pytest.mark.parametrize("load", [0.1, 1.0, 6.0])
def test_measuring_takes_no_longer_than_it_may(per_second: float, load: float) -> None:
    world = World(
        {name: Cost(per_second * share, load=load, size=round(1000 * share)) for name, share in SHARES.items()}
    )
    world.fit()
    whole = load + per_second * CLIP  # a load with its reading is never broken off
    assert world.now <= load + BUDGET + 2 * whole + 1.5
    if len(world.loaded) == 1:
        assert world.now <= load + max(BUDGET, per_second * CLIP)


SHARES = {"large": 1.0, "middle": 0.6, "small": 0.3, "tiny": 0.15}


def test_a_load_that_takes_long_does_not_leave_the_model_unmeasured() -> None:
    found = World({"only": Cost(0.03, load=60.0)}).fit(cores=1)
    assert found.step == 0.3


def test_a_burst_of_other_work_is_not_held_against_the_machine() -> None:
    world = World({"only": Cost(0.015)}, busy_until=1.2)
    assert (world.fit().step, world.loaded) == (0.2, [("only", 1, "check")])


@pytest.mark.parametrize(
    ("language", "known", "heard"),
    [("auto", (), "auto"), ("nl", (), "en"), ("en", ("en",), "en"), ("nl", ("nl",), "auto")],
)
def test_the_clip_is_heard_as_in_calls_in_that_language(language: str, known: tuple[str, ...], heard: str) -> None:
    world = World({"only": Cost(0.01, languages=known)})
    world.fit(Ask(language=language))
    assert set(world.heard_in) == {heard}


def test_what_a_model_found_out_of_its_windows_is_kept_and_not_tried_again() -> None:
    world = World({"only": Cost(0.03, two=1.8, windows="padded")})
    assert world.fit().windows == "padded"
    assert world.loaded == [("only", 1, "check"), ("only", 2, "padded")]


def test_other_options_reach_the_model() -> None:
    loaded: list[EngineOptions] = []
    world = World({"only": Cost(0.01)})

    def load(info: EngineInfo, options: EngineOptions) -> Engine:
        loaded.append(options)
        return world.load(info, options)

    fit(world.infos(), load, Ask(options=EngineOptions(prompt="parcels")), Machine(world.timer))
    assert loaded == [EngineOptions(threads=1, prompt="parcels")]


FITS = Fit("m", threads=1, step=0.3, update_seconds=0.08, final_seconds=0.2, in_time=True)


@pytest.mark.parametrize(
    ("overrule", "step", "overruled", "keeps_up"),
    [
        (Overrule(), 0.3, (), True),
        (Overrule(model=True, threads=1), 0.3, ("model", "threads"), True),
        (Overrule(step=0.5), 0.5, ("step",), True),
        (Overrule(step=0.1), 0.1, ("step",), False),
    ],
)
def test_the_user_decides_and_the_fit_tells_so(
    overrule: Overrule, step: float, overruled: tuple[str, ...], keeps_up: bool
) -> None:
    fit = overrule.over(FITS)
    assert (fit.step, fit.overruled, fit.keeps_up) == (step, overruled, keeps_up)
    assert fit.update_seconds == FITS.update_seconds


def test_the_steps_go_from_the_best_on() -> None:
    assert list(STEPS) == sorted(STEPS)
