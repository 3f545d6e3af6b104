"""Presence and status: when the overlays are told what."""

from collections.abc import Callable

import pytest

from server.presence import PresenceBoard
from server.protocol import ChannelLevels, Presence, ServerStatus
from server.status import StatusBoard

TROUBLE = {"nl": "Vol.", "en": "Full."}


class Present:
    def __init__(self) -> None:
        self.told: list[Presence] = []
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.board = PresenceBoard(self.told.append, lambda: self.now, self.later)

    def later(self, seconds: float, action: Callable[[], None]) -> "Present":
        self.timers = [(self.now + seconds, action)]
        return self

    def cancel(self) -> None:
        self.timers.clear()

    def wait_to(self, now: float) -> None:
        """Time passes; what is due is done."""
        while self.timers and self.timers[0][0] <= now:
            self.now, action = self.timers.pop()
            action()
        self.now = now

    def level(self, agent: float, customer: float, *, alive: bool = True) -> None:
        self.board.levels(ChannelLevels(agent_dbfs=agent, customer_dbfs=customer, customer_alive=alive))


def test_a_channel_is_silent_after_five_seconds_below_the_floor() -> None:
    present = Present()
    present.board.capture(there=True)
    for second in range(8):
        present.now = float(second)
        present.level(-30, -90)
        assert present.board.presence.silent == (("customer",) if second >= 5 else ())
    present.level(-30, -60)
    assert present.board.presence.silent == ()
    assert [presence.silent for presence in present.told] == [(), ("customer",), ()]


def test_a_softphone_that_mutes_silence_is_given_a_minute() -> None:
    present = Present()
    present.board.capture(there=True)
    present.board.call(going=True)
    present.level(-30, -30)
    for second in range(70):
        present.now = float(second)
        present.level(-30, -120)
        assert present.board.presence.silent == (("customer",) if second >= 60 else ())


def test_a_new_call_and_a_resumed_one_are_listened_to_afresh() -> None:
    present = Present()
    present.board.capture(there=True)
    for going, paused in ((True, False), (True, True), (True, False), (False, False), (True, False)):
        present.board.call(going=going, paused=paused)
        present.level(-30, -90)
        assert present.board.presence.silent == ()
        present.now += 6.0
        present.level(-30, -90)
        assert present.board.presence.silent == ("customer",)


def test_a_capture_that_stalls_is_told_until_it_speaks_again() -> None:
    present = Present()
    present.board.capture(there=True)
    present.board.call(going=True)
    for second in range(5):
        present.wait_to(float(second))
        present.level(-30, -30)
    present.wait_to(6.9)
    assert present.board.presence.silent == ()
    present.wait_to(7.1)
    assert present.told[-1].silent == ("agent", "customer")
    present.level(-30, -30)
    assert present.told[-1].silent == ()


@pytest.mark.parametrize(("going", "paused", "live"), [(True, True, True), (True, False, False), (False, False, True)])
def test_nobody_waits_for_a_pause_a_fast_recording_or_no_call(
    going: bool,
    paused: bool,
    live: bool,
) -> None:
    present = Present()
    present.board.capture(there=True)
    present.board.call(going=True)
    present.board.call(going=going, paused=paused, live=live)
    present.wait_to(20.0)
    assert present.board.presence.silent == ()


def test_a_dip_is_no_silence() -> None:
    present = Present()
    present.board.capture(there=True)
    for second in range(20):
        present.now = float(second)
        present.level(-90 if second % 4 else -40, -40)
        assert present.board.presence.silent == ()


def test_a_channel_that_does_not_deliver_is_silent_at_once() -> None:
    present = Present()
    present.board.capture(there=True)
    present.level(-20, -20, alive=False)
    assert present.board.presence.silent == ("customer",)
    present.level(-20, -20)
    assert present.board.presence.silent == ()


def test_nothing_is_silent_without_a_capture() -> None:
    present = Present()
    present.board.capture(there=True)
    present.level(-20, -20, alive=False)
    present.board.capture(there=False)
    assert present.board.presence == Presence(capture=False)


def test_calls_can_be_started_from_here_between_calls_only() -> None:
    present = Present()
    assert not present.board.presence.controllable
    present.board.capture(there=True)
    assert present.board.presence.controllable
    present.board.call(going=True, paused=True)
    assert present.board.presence == Presence(capture=True, paused=True, controllable=False)
    present.board.call(going=False)
    assert present.board.presence == Presence(capture=True, controllable=True)


def test_nothing_is_told_twice() -> None:
    present = Present()
    for _ in range(3):
        present.board.capture(there=True)
        present.level(-20, -20)
    assert len(present.told) == 1


def test_the_status_follows_the_models() -> None:
    told: list[ServerStatus] = []
    board = StatusBoard(told.append)
    assert (board.status.state, board.models) == ("loading", "loading")
    board.loading(0.5, "speech model")
    board.loading(0.505, "speech model")
    board.loading(0.7, "measuring this machine")
    board.ready()
    assert [(status.state, status.progress) for status in told] == [("loading", 0.5), ("loading", 0.7), ("ready", None)]
    assert told[0].detail == {"nl": "Spraakmodel", "en": "Speech model"}
    assert told[1].detail == {"nl": "Meten wat deze computer aankan", "en": "Measuring what this computer can do"}
    assert board.models == "ready"


def test_trouble_is_told_in_both_languages_until_it_is_over() -> None:
    told: list[ServerStatus] = []
    board = StatusBoard(told.append)
    board.ready()
    board.trouble("store", TROUBLE)
    board.trouble("models", {"nl": "Weg.", "en": "Gone."})
    board.trouble("store", None)
    board.trouble("models", None)
    assert [status.state for status in told] == ["ready", "degraded", "degraded", "degraded", "ready"]
    assert told[2].detail == {"nl": "Vol. Weg.", "en": "Full. Gone."}
    assert (board.store, board.models) == ("ok", "ready")
