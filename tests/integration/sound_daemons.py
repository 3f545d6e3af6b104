"""Real sound daemons of a test's own, with null sinks for a headset, and tones played into them."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame

AGENT_HERTZ, CUSTOMER_HERTZ, OTHER_HERTZ = 440.0, 1000.0, 2500.0
HEADSET = "module-null-sink sink_name=headset rate=48000 sink_properties=device.description=Headset"
ROOM = "module-null-sink sink_name=room rate=44100"
SPEAKER = "module-null-sink sink_name=speaker rate=48000 sink_properties=device.description=Speaker"
MICROPHONE = "module-remap-source master=room.monitor source_name=headset_mic remix=no"


class PulseAudio:
    """A PulseAudio daemon in its own folder: a headset's output, a speaker, and a room whose sound is the microphone's.

    It has the modules that move streams about when devices come and go, as on a desktop.
    """

    programs: tuple[str, ...] = ("pulseaudio", "pactl", "pacat")
    _FIXED = ("-n", "--daemonize=no", "--exit-idle-time=-1", "--system=false", "--use-pid-file=no", "--log-level=error")

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o700)
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder / "pulse"),
            "PULSE_STATE_PATH": str(folder / "state"),
        }
        self._processes: list[subprocess.Popen[bytes]] = []
        self._modules: dict[str, str] = {}

    def start(self) -> None:
        """Starts it with its devices; headset and microphone are the defaults."""
        movers = ("module-native-protocol-unix", "module-rescue-streams", "module-stream-restore")
        self._spawn("pulseaudio", *self._FIXED, *(part for module in movers for part in ("-L", module)))
        self._set_up()

    def kill(self) -> None:
        """Ends it without a word to anybody."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGKILL)
            process.wait()
        self._processes = []

    def control(self, *words: str, check: bool = True) -> str:
        """What ``pactl`` says; raises if it fails."""
        done = subprocess.run(["pactl", *words], env=self.environment, check=check, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    def load(self, module: str) -> None:
        """Plugs a device in."""
        self._modules[module] = self.control("load-module", *module.split())

    def unload(self, module: str) -> None:
        """Unplugs it."""
        self.control("unload-module", self._modules.pop(module))

    def _set_up(self) -> None:
        wait_until(lambda: bool(self.control("info", check=False)))
        for module in (ROOM, SPEAKER, HEADSET, MICROPHONE):
            self.load(module)
        self.make_default(sink="headset", source="headset_mic")

    def make_default(self, *, sink: str = "", source: str = "") -> None:
        """Chooses what the desktop uses, and waits until it does."""
        for kind, name in (("sink", sink), ("source", source)):
            if name:
                self.control(f"set-default-{kind}", name)
                wait_until(lambda kind=kind, name=name: self.control(f"get-default-{kind}") == name)

    def _spawn(self, *command: str) -> None:
        self._processes.append(
            subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )


class PipeWire(PulseAudio):
    """PipeWire, WirePlumber and the pulse server, on a message bus of their own; otherwise the same."""

    programs = ("pipewire", "wireplumber", "pipewire-pulse", "dbus-daemon", "pactl", "pacat")

    def start(self) -> None:
        """Starts all three with the same devices."""
        runtime = Path(self.environment["XDG_RUNTIME_DIR"])
        bus = f"unix:path={runtime / 'bus'}"
        self.environment |= {"DBUS_SESSION_BUS_ADDRESS": bus, "PULSE_RUNTIME_PATH": str(runtime / "pulse")}
        self._spawn("dbus-daemon", "--session", "--nofork", f"--address={bus}")
        wait_until((runtime / "bus").exists)
        self._spawn("pipewire")
        wait_until((runtime / "pipewire-0").exists)
        self._spawn("wireplumber")
        self._spawn("pipewire-pulse")
        self._set_up()

    def kill(self) -> None:
        """Ends all; what they leave on the disk would be taken for life."""
        super().kill()
        runtime = Path(self.environment["XDG_RUNTIME_DIR"])
        for name in ("bus", "pipewire-0", "pulse/native"):
            (runtime / name).unlink(missing_ok=True)


class Tone:
    """A sine played into a sink for as long as it is wanted. When its sink goes, the daemon moves it to another."""

    def __init__(self, daemon: PulseAudio, sink: str, hertz: float) -> None:
        named = [f"--client-name={sink}'s tone", f"--stream-name={sink}'s tone"]  # or the daemon takes them for one
        fixed = ["--rate=48000", "--channels=1", "--latency-msec=100"]
        command = ["pacat", "--playback", f"--device={sink}", *named, *fixed]
        self._player = subprocess.Popen(
            command, env=daemon.environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        second = (8000 * np.sin(2 * np.pi * hertz * np.arange(48_000) / 48_000)).astype("<i2").tobytes()
        self._feeder = threading.Thread(target=self._feed, args=(second,), daemon=True)
        self._feeder.start()

    def _feed(self, second: bytes) -> None:
        assert self._player.stdin is not None
        try:
            while True:
                self._player.stdin.write(second)
        except (BrokenPipeError, ValueError):
            return

    def stop(self) -> None:
        """Ends it."""
        self._player.kill()
        self._player.wait()
        self._feeder.join(5)
        assert self._player.stdin is not None
        try:
            self._player.stdin.close()
        except BrokenPipeError:
            return


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Looks again and again, as other processes are waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def pitch_level(frames: list[AudioFrame], hertz: float) -> float:
    """The amplitude of one pitch in ``frames``, all of one channel."""
    samples = np.frombuffer(b"".join(frame.pcm for frame in frames), dtype="<i2").astype(float)
    wave = np.exp(-2j * np.pi * hertz * np.arange(samples.size) / SAMPLE_RATE)
    return float(2 * abs(np.dot(samples, wave)) / samples.size) if samples.size else 0.0


def loudness(frames: list[AudioFrame], channel: str, hertz: float) -> float:
    """The amplitude of one pitch in the last second of a channel; 0 while there is no second of it."""
    last = [frame for frame in frames if frame.channel == channel][-31:]
    return pitch_level(last, hertz) if len(last) * FRAME_SAMPLES >= 31 * FRAME_SAMPLES else 0.0


def both_sound(frames: list[AudioFrame]) -> bool:
    """Whether each channel has its own tone; the players may need a while to start."""
    return loudness(frames, "agent", AGENT_HERTZ) > 3000 and loudness(frames, "customer", CUSTOMER_HERTZ) > 3000
