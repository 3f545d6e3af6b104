"""The capture process on real sound devices: what it loses, and what it costs, beside two ``parec`` in the same run.

``python -m benchmarks.capture [--minutes N]`` starts a PulseAudio of its own with null devices, lets tones play on both
and listens to them in real time; nothing is written. An hour takes an hour: the loss is not sped up.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table
from websockets.asyncio.server import ServerConnection, serve

from audio_capture.recorder import OPENING
from live_sentiment.events import FRAME_SECONDS, AudioFrame, Gap
from server.protocol import PROTOCOL_VERSION, Welcome, decode_frame, decode_from_capture, encode

MODULES = (
    "module-native-protocol-unix",
    "module-null-sink sink_name=headset rate=48000",
    "module-null-sink sink_name=room rate=48000",
    "module-remap-source master=room.monitor source_name=headset_mic",
)
RATE, SAMPLE_BYTES = 16_000, 2
SETTLE_SECONDS = 3.0


@dataclass(slots=True)
class Counted:
    """What came: seconds of sound of each of two channels, and seconds told as missing after the opening."""

    sound: dict[str, float] = field(default_factory=dict[str, float])
    missing: float = 0.0

    async def take(self, socket: ServerConnection) -> None:
        """The server's end of a capture's connection."""
        await socket.recv()
        await socket.send(encode(Welcome(version=PROTOCOL_VERSION, now=time.time())))
        async for message in socket:
            item = decode_frame(message) if isinstance(message, bytes) else decode_from_capture(message)
            if isinstance(item, AudioFrame):
                self.sound[item.channel] = self.sound.get(item.channel, 0.0) + FRAME_SECONDS
            elif isinstance(item, Gap) and item.cause != OPENING:
                self.missing += item.end - item.start


@contextmanager
def sound_server(folder: Path) -> Generator[dict[str, str]]:
    """A PulseAudio with a headset and a microphone that hear tones; the environment in which programs find it."""
    folder.chmod(0o700)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "PULSE_RUNTIME_PATH": str(folder), "HOME": str(folder)}
    loads = [part for module in MODULES for part in ("-L", module)]
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", *loads]
    processes = [subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)]
    try:
        while subprocess.run(["pactl", "info"], env=environment, capture_output=True, check=False).returncode:
            time.sleep(0.1)
        for kind, name in (("sink", "headset"), ("source", "headset_mic")):
            subprocess.run(["pactl", f"set-default-{kind}", name], env=environment, check=True)
        for sink in ("headset", "room"):
            player = ["pacat", "--playback", f"--device={sink}", "/dev/urandom"]
            processes.append(subprocess.Popen(player, env=environment, stderr=subprocess.DEVNULL))
        yield environment
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


class Peer:
    """``parec`` on one source, its bytes counted."""

    def __init__(self, source: str, environment: dict[str, str]) -> None:
        command = ["parec", f"--device={source}", f"--rate={RATE}", "--channels=1", "--format=s16le"]
        self.process = subprocess.Popen(
            [*command, "--latency-msec=32"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.seconds = 0.0

    async def count(self) -> None:
        """Reads until it ends."""
        pipe = self.process.stdout
        assert pipe is not None  # noqa: S101 - it was asked for
        while data := await asyncio.to_thread(os.read, pipe.fileno(), 65_536):
            self.seconds += len(data) / RATE / SAMPLE_BYTES


async def measure(minutes: float, environment: dict[str, str]) -> Table:
    """Runs both side by side for ``minutes``."""
    counted = Counted()
    async with serve(counted.take, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        command = [sys.executable, "-m", "spiegel", "capture", "--start", "--url", f"ws://127.0.0.1:{port}"]
        capture = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: ASYNC220 - quick
        peers = [Peer(source, environment) for source in ("headset_mic", "headset.monitor")]
        counting = [asyncio.create_task(peer.count()) for peer in peers]
        try:
            await asyncio.sleep(SETTLE_SECONDS)
            return await _watched(minutes, capture, counted, peers)
        finally:
            for process in (capture, *(peer.process for peer in peers)):
                process.terminate()
            await asyncio.gather(*counting)
            await asyncio.to_thread(capture.wait)


async def _watched(minutes: float, capture: "subprocess.Popen[bytes]", counted: Counted, peers: list[Peer]) -> Table:
    ours = [psutil.Process(capture.pid)]
    theirs = [psutil.Process(peer.process.pid) for peer in peers]
    began, busy = time.monotonic(), (_busy(ours), _busy(theirs))
    sound, heard = sum(counted.sound.values()), sum(peer.seconds for peer in peers)
    for _ in track(range(round(minutes * 60)), "Listening", console=Console(stderr=True), transient=True):
        await asyncio.sleep(1.0)
    lasted = time.monotonic() - began
    table = Table(
        *("", "seconds heard", "by the clock", "told missing", "of one core", "memory"),
        title=f"Two channels for {minutes:g} minutes",
    )
    for name, processes, before, seconds, missing in (
        ("Spiegel's capture", ours, busy[0], sum(counted.sound.values()) - sound, f"{counted.missing:.2f} s"),
        ("two parec", theirs, busy[1], sum(peer.seconds for peer in peers) - heard, "-"),
    ):
        share = (_busy(processes) - before) / lasted
        memory = sum(process.memory_info().rss for process in processes) / 1e6
        row = (f"{seconds / 2:.2f}", f"{lasted:.2f}", missing, f"{share:.1%}", f"{memory:.0f} MB")
        table.add_row(name, *row)
    return table


def _busy(processes: list[psutil.Process]) -> float:
    """Processor seconds so far."""
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    minutes: float = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder, sound_server(Path(folder)) as environment:
        environment["SPIEGEL_HOME"] = folder
        Console().print(asyncio.run(measure(minutes, environment)))


if __name__ == "__main__":
    main()
