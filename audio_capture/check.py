"""``spiegel check``'s part of the headset: whether both devices are there and carry what they should."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Literal, NamedTuple

from audio_capture.devices import ROLES, DeviceChoice, DeviceSystem, pick, this_system
from audio_capture.errors import CaptureError
from audio_capture.logs import log_to_stderr
from audio_capture.preshift import judge
from audio_capture.preshift_listen import LISTEN_SECONDS, listen
from audio_capture.preshift_words import SAY_SOMETHING, Judged
from live_sentiment.events import CHANNELS


class SoundFinding(NamedTuple):
    """One thing that was looked at. ``needed`` False: it can wait."""

    name: str
    works: bool
    detail: str
    advice: str = ""
    needed: bool = False


Progress = Callable[[str, float], AbstractContextManager[Callable[[float], None]]]
"""Shows a title and how far of so many seconds one is."""


def check_sound(
    chosen: Callable[[], DeviceChoice] = DeviceChoice,
    *,
    language: Literal["nl", "en"] = "en",
    listening: bool = False,
    tone: bool = False,
    progress: Progress = lambda title, total: nullcontext(lambda _: None),  # noqa: ARG005 - shows nothing
    system: DeviceSystem | None = None,
) -> Iterator[SoundFinding]:
    """Which devices a call would have, or what is wrong; with ``listening``, also what eight seconds of them tell."""
    try:
        system = system or this_system()
        choice, devices = chosen(), system.devices()
        agent, customer = (pick(devices, ROLES[channel], choice.of(ROLES[channel])) for channel in CHANNELS)
    except CaptureError as error:
        yield SoundFinding("headset", works=False, detail=error.what, advice=error.advice)
        return
    yield SoundFinding("headset", works=True, detail=f"you: {agent.label}; the customer: {customer.label}")
    if not listening:
        return
    log_to_stderr(level=logging.ERROR)
    try:
        with progress(SAY_SOMETHING.of(language), LISTEN_SECONDS) as reached:
            heard = asyncio.run(listen(system, chosen, tone=tone, reached=reached))
    except CaptureError as error:
        yield SoundFinding("headset", works=False, detail=error.what, advice=error.advice, needed=True)
        return
    yield from (_finding(one, language) for one in judge(heard))


def _finding(one: Judged, language: Literal["nl", "en"]) -> SoundFinding:
    """What is bad must be put right before a call, what is unsure may wait."""
    return SoundFinding(
        name=one.about,
        works=one.state == "good",
        detail=one.said.of(language),
        advice=one.advice.of(language),
        needed=one.state == "bad",
    )
