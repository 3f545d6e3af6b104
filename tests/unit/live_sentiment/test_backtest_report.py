"""Figures over many calls."""

from live_sentiment.backtest import Answer, TriedCall, WouldBe
from live_sentiment.backtest_report import BacktestReport, figures, share_of
from live_sentiment.playbook import default_playbook


def would_be(rule: str, answer: Answer = "not shown", *, shadow: bool = False) -> WouldBe:
    return WouldBe(at=12.5, rule=rule, because=("x",), why={"en": "x"}, shadow=shadow, answer=answer)


def report(*calls: tuple[WouldBe, ...]) -> BacktestReport:
    return figures(default_playbook(), [TriedCall(f"c{n}", 60.0, cues) for n, cues in enumerate(calls)])


def test_cues_per_call_are_told_by_median_p95_and_calls_without() -> None:
    found = report(*[()] * 8, (would_be("churn"),), *[(would_be("churn"), would_be("greet"))] * 11)
    assert (found.calls, found.seconds, found.cues) == (20, 1200.0, 23)
    assert (found.cues_per_call_median, found.cues_per_call_p95) == (2.0, 2)
    assert found.calls_without is not None
    assert (found.calls_without.hits, found.calls_without.tries) == (8, 20)


def test_a_rule_is_counted_by_cue_by_call_and_per_call() -> None:
    found = report((would_be("churn"), would_be("churn")), (would_be("churn"),), (), ())
    churn = next(rule for rule in found.rules if rule.rule == "churn")
    assert (churn.cues, churn.calls, churn.per_call) == (3, 2, 0.75)
    assert [rule.rule for rule in found.rules] == [rule.id for rule in default_playbook().rules]


def test_precision_comes_from_those_who_judged_and_from_nobody_else() -> None:
    answers: tuple[Answer, ...] = ("helped", "acted", "dismissed", "muted", "expired", "unanswered", "not shown")
    found = report(tuple(would_be("churn", answer) for answer in answers))
    churn = next(rule for rule in found.rules if rule.rule == "churn")
    assert churn.precision is not None
    assert (churn.precision.hits, churn.precision.tries, churn.precision.share) == (2, 4, 0.5)
    assert churn.answers == dict.fromkeys(answers, 1)
    assert next(rule for rule in found.rules if rule.rule == "greet").precision is None


def test_few_answers_give_a_wide_interval() -> None:
    few, many = share_of(1, 2), share_of(100, 200)
    assert few is not None
    assert many is not None
    assert few.high - few.low > 4 * (many.high - many.low)


def test_cues_that_are_never_shown_do_not_count_per_call_but_have_their_moments() -> None:
    found = report((would_be("churn"), would_be("greet", shadow=True)))
    assert (found.cues, found.cues_per_call_median) == (1, 1)
    assert [(moment.call_id, moment.rule, moment.shadow) for moment in found.moments] == [
        ("c0", "churn", False),
        ("c0", "greet", True),
    ]


def test_no_calls_are_told_as_such() -> None:
    found = report()
    assert (found.calls, found.cues_per_call_median, found.cues_per_call_p95, found.calls_without) == (
        0,
        None,
        None,
        None,
    )
