from live_sentiment.shedding import LoadShedding, SheddingConfig


def shedding() -> LoadShedding:
    return LoadShedding(SheddingConfig(step=0.3, slow_step=0.8, slow_above=0.7, finals_above=2.0, calm_below=0.3))


def test_starts_with_every_partial() -> None:
    assert shedding().step == 0.3


def test_a_little_behind_means_slower_partials() -> None:
    load = shedding()
    assert load.observe(0.8)
    assert load.mode == "slower_partials"
    assert load.step == 0.8


def test_far_behind_means_finals_only_and_no_step() -> None:
    load = shedding()
    assert load.observe(2.5)
    assert load.mode == "finals_only"
    assert load.step is None


def test_returns_one_mode_at_a_time() -> None:
    load = shedding()
    load.observe(2.5)
    load.observe(0.1)
    assert load.mode == "slower_partials"
    load.observe(0.1)
    assert load.mode == "full"


def test_does_not_flutter_between_the_thresholds() -> None:
    load = shedding()
    load.observe(0.8)
    assert not load.observe(0.5)
    assert load.mode == "slower_partials"


def test_a_middling_delay_does_not_bring_partials_back() -> None:
    load = shedding()
    load.observe(2.5)
    assert not load.observe(1.0)
    assert load.mode == "finals_only"
