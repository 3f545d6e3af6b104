import pytest

from live_sentiment.shedding import STEPS, LoadShedding, SheddingConfig


def shedding(step: float = STEPS[0]) -> LoadShedding:
    config = SheddingConfig(step=step, slow_above=0.7, finals_above=2.0, calm_below=0.3, calm_looks=2)
    return LoadShedding(config)


def steps(load: LoadShedding, *behinds: float) -> list[float | None]:
    """The step after each look."""
    seen: list[float | None] = []
    for behind in behinds:
        load.observe(behind)
        seen.append(load.step)
    return seen


def test_starts_with_every_partial() -> None:
    assert shedding().step == 0.2
    assert shedding().mode == "full"


def test_a_delay_that_grows_stretches_the_step_until_only_finals_are_left() -> None:
    load = shedding()
    assert steps(load, 0.8, 0.9, 1.0, 1.1, 1.2) == [0.3, 0.5, 1.0, None, None]
    assert load.mode == "finals_only"


def test_a_delay_that_shrinks_is_left_time_to_go() -> None:
    assert steps(shedding(), 0.9, 0.8, 0.75) == [0.3, 0.3, 0.3]


def test_the_mode_changes_once_on_the_way_up() -> None:
    load = shedding()
    assert [load.observe(behind) for behind in (0.8, 0.9, 1.0, 1.1)] == [True, False, False, True]


def test_far_behind_means_finals_only_at_once() -> None:
    load = shedding()
    assert load.observe(2.5)
    assert load.mode == "finals_only"
    assert load.step is None


def test_a_machine_with_a_longer_step_starts_there() -> None:
    assert steps(shedding(0.5), 0.1, 0.8, 0.9) == [0.5, 1.0, None]
    assert steps(shedding(0.4), 0.8, 0.9) == [0.5, 1.0]


def test_returns_one_step_at_a_time_after_calm_looks() -> None:
    load = shedding()
    load.observe(2.5)
    assert steps(load, *[0.1] * 8) == [None, 1.0, 1.0, 0.5, 0.5, 0.3, 0.3, 0.2]


@pytest.mark.parametrize("middling", [0.31, 0.5, 0.7])
def test_does_not_flutter_between_the_thresholds(middling: float) -> None:
    load = shedding()
    load.observe(0.8)
    assert steps(load, middling, 0.1, middling, 0.1, middling) == [0.3] * 5
    assert load.mode == "slower_partials"


def test_a_middling_delay_does_not_bring_partials_back() -> None:
    load = shedding()
    load.observe(2.5)
    assert not load.observe(1.0)
    assert load.mode == "finals_only"
