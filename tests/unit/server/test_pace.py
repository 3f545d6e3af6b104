"""What is said of how a model fits."""

from dataclasses import replace

import pytest

from live_sentiment.fitting import Fit, Overrule
from server.commands.pace import pace

FIT = Fit("moonshine-tiny-en", 1, 0.2, 0.04, 0.12, in_time=True)


def test_what_was_chosen_and_measured_is_said() -> None:
    told = "moonshine-tiny-en, partial text every 0.2 s on one thread (measured on this machine: 0.04 s an update)"
    assert pace(FIT) == (True, told, "")


def test_what_the_user_decided_is_said_by_its_name_in_the_settings() -> None:
    works, told, advice = pace(Overrule(model=True, threads=2, step=0.5).over(replace(FIT, threads=2)))
    assert (works, advice) == (True, "")
    assert "every 0.5 s on 2 threads" in told
    assert "settings.toml decides engine, threads, partial_every)" in told


@pytest.mark.parametrize(
    ("fit", "advice"),
    [
        (replace(FIT, step=None, update_seconds=0.5), "final text of each utterance, not for text before. A smaller"),
        (replace(FIT, step=None, update_seconds=2.0, final_seconds=2.0, in_time=False), "2.00 s for a sentence"),
        (Overrule(step=0.1).over(FIT), "Without partial_every"),
    ],
)
def test_a_machine_that_does_not_keep_up_is_told_what_to_do(fit: Fit, advice: str) -> None:
    works, told, what = pace(fit)
    assert not works
    assert ("at pauses only" in told) == (fit.step is None)
    assert advice in what


def test_costs_too_small_to_show_are_not_nothing() -> None:
    assert "under 0.01 s an update" in pace(replace(FIT, update_seconds=0.002))[1]
