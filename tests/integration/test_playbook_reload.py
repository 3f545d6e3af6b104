"""A server whose playbook is changed under its hands: a real file, real overlays, and the server as a process."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
from server_kit import PATIENCE, running, wait_until

from live_sentiment.playbook import default_text
from server.backend import BackendConfig
from server.commands.loopback import free_port
from server.places import Places
from server.playbook_watch import PlaybookSource
from server.protocol import ServerStatus


def watching(source: PlaybookSource) -> BackendConfig:
    return BackendConfig(playbook=source, look_every=0.02)


def replaced(file: Path, text: str) -> None:
    """As editors save: written beside it, and moved into its place."""
    new = file.with_suffix(".new")
    new.write_text(text, "utf-8")
    new.replace(file)


def test_the_overlay_is_told_of_a_mistake_and_when_it_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(default_text(), "utf-8")
    source = PlaybookSource(file)
    with running(tmp_path, backend=watching(source)) as server, server.overlay() as overlay:
        overlay.until(ServerStatus, lambda status: status.state == "ready")
        replaced(file, default_text().replace("max_cues = 3", "max_cues = 33"))
        status = overlay.until(ServerStatus, lambda status: status.state == "degraded")
        assert "ours.toml" in status.detail["nl"]
        assert " in line " in status.detail["en"]
        assert source.playbook.max_cues == 3
        replaced(file, default_text().replace("max_cues = 3", "max_cues = 2"))
        overlay.until(ServerStatus, lambda status: status.state == "ready")
        assert source.playbook.max_cues == 2


def test_an_overlay_that_comes_later_is_told_what_was_wrong_from_the_start(tmp_path: Path) -> None:
    source = PlaybookSource(tmp_path / "none.toml")
    with running(tmp_path, backend=watching(source)) as server, server.overlay() as overlay:
        status = overlay.until(ServerStatus, lambda status: status.progress is None)
        assert status.state == "degraded"
        assert "none.toml" in status.detail["en"]


def test_a_server_with_a_broken_playbook_starts_says_so_and_takes_the_mended_one(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text("name = broken\n")
    places = Places.below(tmp_path)
    places.config.mkdir()
    places.settings.write_text(f'playbook = "{file}"\n')
    port = free_port()
    command = [sys.executable, "-m", "spiegel", "--home", str(tmp_path), "server", "--port", str(port)]
    log = tmp_path / "server.log"
    with log.open("w") as errors:
        process = subprocess.Popen(command, stderr=errors, env={**os.environ, "SPIEGEL_HOME": str(tmp_path)})
    try:
        wait_until(lambda: said(port).get("status", {}).get("progress", 0) is None, "the models' loading")
        assert "ours.toml is wrong in line 1" in said(port)["status"]["detail"]["en"]
        assert said(port)["models"] == "ready"
        replaced(file, default_text())
        wait_until(lambda: said(port)["status"]["state"] == "ready", "the playbook's mending")
    finally:
        psutil.Process(process.pid).terminate()
        process.wait(PATIENCE)
    told = log.read_text("utf-8")
    assert told.index("playbook_not_taken") < told.index("playbook_taken")
    assert process.returncode == 0


def said(port: int) -> dict[str, dict[str, dict[str, str]]]:
    """What the server says of itself; {} when it does not answer yet."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v1/health", trust_env=False).json()
    except httpx.TransportError:
        return {}
