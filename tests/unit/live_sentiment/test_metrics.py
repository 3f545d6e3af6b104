"""Who speaks how much, on frames drawn as text: "#" is speech, "." is not, one character is 0.1 s."""

import pytest

from live_sentiment.events import FRAME_SECONDS, Channel, ConversationMetrics
from live_sentiment.metrics import ConversationMeter, MeterConfig

STEP = 0.1


def draw(meter: ConversationMeter, channel: Channel, picture: str, start: float = 0.0) -> float:
    for index, mark in enumerate(picture):
        meter.frame(channel, start + index * STEP, start + (index + 1) * STEP, mark == "#")
    return start + len(picture) * STEP


def heard(agent: str, customer: str) -> ConversationMetrics:
    meter = ConversationMeter()
    end = draw(meter, "agent", agent)
    draw(meter, "customer", customer)
    return meter.snapshot(end)


def test_talk_overlap_and_silence_add_up() -> None:
    metrics = heard(agent="####....##", customer="..####....")
    assert metrics.agent_talk == pytest.approx(0.6)
    assert metrics.customer_talk == pytest.approx(0.4)
    assert metrics.overlap == pytest.approx(0.2)
    assert metrics.silence == pytest.approx(0.2)
    assert metrics.talk_ratio == pytest.approx(0.6)


def test_the_order_in_which_channels_arrive_does_not_matter() -> None:
    agent, customer = "##..####....###" * 4, "....###..###.##" * 4
    one, other = ConversationMeter(), ConversationMeter()
    draw(one, "agent", agent)
    draw(one, "customer", customer)
    for index, (a, c) in enumerate(zip(agent, customer, strict=True)):
        draw(other, "customer", c, index * STEP)
        draw(other, "agent", a, index * STEP)
    first, second = one.snapshot(6.0), other.snapshot(6.0)
    for name in ("agent_talk", "customer_talk", "overlap", "silence", "dead_air"):
        assert getattr(first, name) == pytest.approx(getattr(second, name)), name
    assert first.overlap > 0


def test_before_anybody_spoke() -> None:
    metrics = ConversationMeter().snapshot(3.0)
    assert metrics.talk_ratio is None
    assert metrics.pace is None
    assert metrics.dead_air == 0.0
    assert heard(agent="." * 30, customer="." * 30).dead_air == pytest.approx(3.0)


def test_dead_air_runs_from_the_last_word_of_either() -> None:
    assert heard(agent="##" + "." * 48, customer="...##" + "." * 45).dead_air == pytest.approx(4.5)
    assert heard(agent="....#", customer=".....").dead_air == pytest.approx(0.0)


def test_a_hole_in_the_audio_is_not_dead_air() -> None:
    meter = ConversationMeter()
    draw(meter, "agent", "##")
    draw(meter, "customer", "..")
    draw(meter, "agent", "." * 10, start=60)
    draw(meter, "customer", "." * 10, start=60)
    metrics = meter.snapshot(61)
    assert metrics.dead_air == pytest.approx(1.0)
    assert metrics.silence == pytest.approx(1.0)


def test_a_channel_that_is_not_heard_may_be_speaking() -> None:
    meter = ConversationMeter()
    draw(meter, "agent", "##" + "." * 200)
    draw(meter, "customer", "..")
    assert meter.snapshot(20.2).dead_air == 0.0
    draw(meter, "customer", "." * 20, start=20.2)
    draw(meter, "agent", "." * 20, start=20.2)
    assert meter.snapshot(22.2).dead_air == pytest.approx(2.0)


def test_a_monologue_bridges_pauses_and_backchannels() -> None:
    assert heard(agent="#" * 20 + "." * 8 + "#" * 12, customer="." * 40).monologue == pytest.approx(4.0)
    # a pause of 1.4 s, of which the customer fills 0.5 s with "yes yes"
    agent = "#" * 20 + "." * 14 + "#" * 6
    meter = ConversationMeter()
    for index, (a, c) in enumerate(zip(agent, "." * 24 + "#" * 5 + "." * 11, strict=True)):
        draw(meter, "customer", c, index * STEP)
        draw(meter, "agent", a, index * STEP)
    assert meter.snapshot(4.0).monologue == pytest.approx(4.0)


def test_a_real_answer_or_a_real_pause_ends_the_monologue() -> None:
    assert heard(agent="#" * 20 + "." * 14 + "#" * 6, customer="." * 40).monologue == pytest.approx(0.6)
    assert heard(agent="#" * 20 + "." * 11, customer="." * 31).monologue == 0.0
    assert heard(agent="#" * 20 + "." * 5, customer="." * 8 + "#" * 17).monologue == 0.0


def test_pace_is_words_per_minute_of_speech() -> None:
    meter = ConversationMeter()
    meter.words("agent", 25, 0.0, 10.0)
    meter.words("customer", 100, 10.0, 20.0)
    assert meter.snapshot(30.0).pace == pytest.approx(150.0)


def test_pace_forgets_after_a_minute_and_needs_some_speech() -> None:
    meter = ConversationMeter()
    meter.words("agent", 50, 0.0, 10.0)
    meter.words("agent", 20, 62.0, 72.0)
    assert meter.snapshot(65.0).pace == pytest.approx((25 + 20) / 15 * 60)
    assert meter.snapshot(75.0).pace == pytest.approx(120.0)
    short = ConversationMeter(MeterConfig(pace_speech=5))
    short.words("agent", 10, 0.0, 3.0)
    assert short.snapshot(4.0).pace is None


def test_an_hour_keeps_little() -> None:
    meter = ConversationMeter()
    for index in range(20_000):
        start = index * FRAME_SECONDS
        meter.frame("agent", start, start + FRAME_SECONDS, index % 40 < 20)
        meter.frame("customer", start, start + FRAME_SECONDS, index % 40 >= 25)
    assert all(len(lane.stretches) < 20 for lane in meter._lanes.values())
