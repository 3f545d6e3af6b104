"""``spiegel run`` on a desktop without sound: the window comes, a call can begin, it says what is wrong, it ends."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest
from stage_kit import PATIENCE, ROOT, environment, is_open, processes_of, spiegel, until

from server.commands import loopback
from server.places import Places
from server.token import load_token

INTERRUPTIBLE = """
import signal, spiegel
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
spiegel.main()
"""


class Screen(Protocol):
    """A screen of our own, from the fixture."""

    env: dict[str, str]

    def ask(self, *command: str) -> str: ...


@pytest.mark.display
def test_a_shift_without_sound_is_honest_and_ends_cleanly(screen: Screen, home: Path) -> None:
    places, port = Places.below(home), loopback.free_port()
    places.make()
    places.settings.write_text(f"port = {port}\n", "utf-8")
    env = environment(home, DISPLAY=screen.env["DISPLAY"], PULSE_SERVER="/nowhere")
    shift = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "run"],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until(lambda: loopback.is_complete(port), "server, capture and overlay")
        until(lambda: screen.ask("xdotool", "search", "--onlyvisible", "--name", "Spiegel"), "the window")
        loopback.start_call(port, load_token(places.token))

        def silent() -> bool:
            presence = (loopback.health(port) or {}).get("presence", {})
            return set(presence.get("silent", ())) == {"agent", "customer"}

        until(silent, "both channels to be known as silent")
        call = (loopback.health(port) or {})["call_id"]
        assert call, "the agent's call goes on without sound"
        shift.send_signal(signal.SIGINT)
        output, errors = shift.communicate(timeout=PATIENCE)
    finally:
        shift.kill()
        shift.wait()
    assert shift.returncode == 0
    assert output == ""
    assert "Ctrl-C" in errors
    assert len(errors.splitlines()) == 1, "nothing but what a person needs"
    assert processes_of(home) == []
    assert not is_open(port)
    assert "stopped" in spiegel(home, "log").stdout
