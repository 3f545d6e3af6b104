"""The capture process: options in, exit code out. Everything it does is elsewhere; here it is put together."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from audio_capture.client import CaptureClient, ClientConfig
from audio_capture.devices import DeviceChoice, this_system
from audio_capture.errors import CaptureError, RecordingError, Replaced, ServerError
from audio_capture.headset import HeadsetSource
from audio_capture.logs import log_to_stderr
from audio_capture.pacing import Clock, SystemClock
from audio_capture.recording import open_recording
from audio_capture.session import Session, SessionPlan
from audio_capture.source import AudioSource

EXIT_DONE = 0
EXIT_DEVICES = 1
EXIT_RECORDING = 2
EXIT_SERVER = 3
EXIT_REPLACED = 4
GOODBYE_SECONDS = 5.0
"""How long a stopped capture tries to deliver the end of the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureOptions:
    """What to listen to and where to bring it.

    With ``recording``, ``agent`` or ``customer`` given, those files are played as one call (see ``open_recording``) at
    ``speed`` times real time, or as fast as the server takes it with None; else the ``devices`` (asked for anew now and
    then) are listened to, when the agent says so or, with ``start_at_once``, from the beginning. ``url`` is the
    server's, for example ``ws://127.0.0.1:8477``; ``patience`` the seconds a recording waits for it. ``on_demand``: a
    recording is treated like a headset, played each time the agent starts a call, and the process stays until it is
    stopped.
    """

    url: str
    token: str
    recording: Path | None = None
    agent: Path | None = None
    customer: Path | None = None
    swap: bool = False
    speed: float | None = 1.0
    devices: Callable[[], DeviceChoice] = DeviceChoice
    language: str = "auto"
    start_at_once: bool = False
    on_demand: bool = False
    patience: float = 30.0

    @property
    def plays_recording(self) -> bool:
        """Whether files are played, and not the devices listened to."""
        return any(path is not None for path in (self.recording, self.agent, self.customer))


def run(options: CaptureOptions) -> int:
    """The whole capture process; call it from the main thread. SIGTERM and SIGINT end the call and the process.

    Returns:
        0 when all was delivered, 1 when the devices cannot be used, 2 when the recording cannot, 3 when the server
        did not come, went away for too long or refused, 4 when another capture has taken over. Errors are said on
        stderr, with what to do.
    """
    log_to_stderr()
    try:
        asyncio.run(capture(options, SystemClock()))
    except CaptureError as error:
        sys.stderr.write(f"{error.what}\n{error.advice}\n")
        return exit_code(error)
    return EXIT_DONE


def exit_code(error: CaptureError) -> int:
    """The exit code that goes with an error."""
    if isinstance(error, RecordingError):
        return EXIT_RECORDING
    if isinstance(error, Replaced):
        return EXIT_REPLACED
    return EXIT_SERVER if isinstance(error, ServerError) else EXIT_DEVICES


async def capture(options: CaptureOptions, clock: Clock) -> None:
    """Connects, captures, delivers; returns when all is done.

    Raises:
        CaptureError: as in ``run``.
    """
    plays = options.plays_recording
    source = open_source(options)
    config = ClientConfig(
        url=options.url, token=options.token, patience=options.patience if plays and not options.on_demand else None
    )
    client = CaptureClient(config, clock)
    plan = SessionPlan(
        one_call=plays and not options.on_demand,
        start_at_once=options.start_at_once,
        language=options.language,
        speed=options.speed if plays else 1.0,
    )
    session = Session(plan, source, client, clock)
    tasks = {asyncio.create_task(client.serve()), asyncio.create_task(session.run())}
    try:
        with _stopping_on_signals(session, tasks):
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not task.cancelled():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def open_source(options: CaptureOptions) -> AudioSource:
    """The source that ``options`` name.

    Raises:
        RecordingError: the recording cannot be used.
        PlatformNotYet: there is no support for this system's devices yet.
        SoundDaemonAway: the library that listens to them is not installed.
    """
    if not options.plays_recording:
        return HeadsetSource(this_system(), options.devices)
    return open_recording(
        options.recording,
        agent=options.agent,
        customer=options.customer,
        swap=options.swap,
    )


@contextlib.contextmanager
def _stopping_on_signals(session: Session, tasks: set[asyncio.Task[None]]) -> Generator[None]:
    """The first SIGTERM or SIGINT ends the call; what cannot be delivered soon after is given up."""
    loop = asyncio.get_running_loop()
    pending: set[asyncio.Task[None]] = set()

    def on_signal() -> None:
        task = loop.create_task(session.stop())
        pending.add(task)
        task.add_done_callback(pending.discard)
        loop.call_later(GOODBYE_SECONDS, lambda: [each.cancel() for each in tasks])

    signals = () if sys.platform == "win32" else (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
