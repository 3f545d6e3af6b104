"""``spiegel models`` as a person uses it: against a source on loopback, with what each verb says."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hub_server import SMALL, HubServer
from typer.testing import CliRunner, Result

from server.places import Places
from server.settings import Settings, write_settings
from spiegel import app

Verb = Callable[..., Result]


@pytest.fixture
def places(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A home whose settings name the source on loopback."""
    monkeypatch.setenv("SPIEGEL_HOME", str(tmp_path))
    places = Places.below(tmp_path)
    places.config.mkdir(parents=True)
    write_settings(places.settings, Settings(models_source=hub.url))
    return places


@pytest.fixture
def models(places: Places) -> Verb:
    """Runs ``spiegel models ...``."""
    del places
    return lambda *words, said=None: CliRunner().invoke(app, ["models", *map(str, words)], said)


def rows(models: Verb, *options: str) -> dict[str, dict[str, object]]:
    """What is listed, by name."""
    result = models("list", "--json", *options)
    return {row["name"]: row for row in map(json.loads, result.stdout.splitlines())}


def test_a_model_is_pulled_listed_and_removed(models: Verb, places: Places) -> None:
    pulled = models("pull", "small")
    assert pulled.exit_code == 0, pulled.output
    assert "small is installed: 2.2 MB in " in pulled.stdout
    assert "spiegel models check small" in pulled.stdout
    assert pulled.stderr == "", "no progress where nobody looks"
    assert rows(models)["whisper-small"]["installed"]
    assert "is here already" in models("pull", "small").stdout
    asked = models("remove", "small", said="n\n")
    assert (asked.exit_code, "Remove small from" in asked.stderr) == (1, True)
    assert rows(models)["whisper-small"]["installed"]
    removed = models("remove", "whisper-small", "--yes")
    assert (removed.exit_code, removed.stdout) == (0, "small is removed; 2.2 MB freed.\n")
    assert "whisper-small" not in rows(models)
    assert list((places.models / "whisper").iterdir()) == []


def test_a_download_that_broke_off_is_listed_and_can_be_thrown_away(models: Verb, hub: HubServer) -> None:
    hub.breaks["model.bin"] = [1_000_000, 0]
    broken = models("pull", "small")
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert broken.stderr.startswith("spiegel: The connection to 127.0.0.1:")
    assert "goes on where it stopped" in broken.stderr
    listed = rows(models)["whisper-small"]
    assert not listed["installed"]
    assert "spiegel models pull small" in str(listed["note"])
    assert models("remove", "small", "--yes").exit_code == 0
    assert "whisper-small" not in rows(models)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("pull", "smal"), 2, 'no model "smal"'),
        (("pull", "us/none"), 2, "has no model us/none"),
        (("pull", "small", "--name", "../x"), 2, "cannot be the name"),
        (("add", "/nowhere"), 2, "not a directory"),
        (("remove", "moonshine-tiny-en", "--yes"), 2, "came with Spiegel"),
        (("check", "call.wav"), 2, 'no speech engine "call.wav"'),
        (("check", "auto", "/nowhere.wav"), 2, "There is no file"),
    ],
)
def test_what_cannot_be_is_said_plainly(models: Verb, words: tuple[str, ...], code: int, told: str) -> None:
    result = models(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_network_it_says_what_can_be_done(models: Verb, places: Places) -> None:
    write_settings(places.settings, Settings(models_source="http://127.0.0.1:9"))
    result = models("pull", "small")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be reached" in result.stderr
    assert "spiegel models add DIR" in result.stderr
    assert "models_source" in result.stderr


def test_a_model_is_added_from_a_folder(models: Verb, tiny_whisper: Path) -> None:
    added = models("add", tiny_whisper, "--name", "ours")
    assert added.exit_code == 0, added.output
    assert "ours is installed" in added.stdout
    assert rows(models)["whisper-ours"]["installed"]
    assert "already" in models("add", tiny_whisper, "--name", "ours").stderr


def test_a_changed_file_is_found_when_it_is_asked_for(models: Verb, places: Places, tiny_whisper: Path) -> None:
    models("pull", "small")
    models("add", tiny_whisper, "--name", "ours")
    by_hand = places.models / "whisper" / "by-hand"
    by_hand.mkdir()
    for path in tiny_whisper.iterdir():
        (by_hand / path.name).write_bytes(path.read_bytes())
    assert models("list", "--verify").exit_code == 0
    with (places.models / "whisper" / "small" / "model.bin").open("r+b") as file:
        file.seek(1000)
        file.write(b"?")
    assert models("list").exit_code == 0
    verified = models("list", "--verify")
    assert (verified.exit_code, "damaged" in verified.stdout) == (1, True)
    listed = rows(models, "--verify")
    assert "spiegel models pull small --force" in str(listed["whisper-small"]["note"])
    found = {name: row.get("files") for name, row in listed.items()}
    assert found["whisper-small"] == "damaged: model.bin"
    assert (found["whisper-ours"], found["whisper-by-hand"]) == ("whole", "not known")


def test_listing_asks_nothing_of_a_network(models: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    models("pull", "small")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert "whisper-small" in rows(models, "--verify")


def test_ctrl_c_keeps_what_came_and_says_so(models: Verb, hub: HubServer, places: Places) -> None:
    hub.breaks["model.bin"], hub.waits = [1_000_000], threading.Event()
    command = [sys.executable, "-m", "spiegel", "models", "pull", "small"]
    pulling = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert hub.reached.wait(30)
    pulling.send_signal(signal.SIGINT)
    _, told = pulling.communicate(timeout=30)
    hub.waits.set()
    assert pulling.returncode == 130
    assert "Stopped." in told
    assert "spiegel models remove small" in told
    assert (places.models / "whisper" / ".pulling-small").is_dir()
    hub.waits = None
    assert models("pull", "small").exit_code == 0


def test_a_second_pull_of_the_same_model_says_so(models: Verb, hub: HubServer) -> None:
    hub.breaks["model.bin"], hub.waits = [1_000_000], threading.Event()
    pulling = subprocess.Popen([sys.executable, "-m", "spiegel", "models", "pull", "small"], stdout=subprocess.DEVNULL)
    try:
        assert hub.reached.wait(30)
        second = models("pull", "small")
        assert (second.exit_code, "Another process" in second.stderr) == (1, True)
    finally:
        hub.waits.set()
        assert pulling.wait(30) == 0, "a connection that breaks is made anew"
    assert rows(models)["whisper-small"]["installed"]


def test_a_repository_is_pulled_by_its_own_name(models: Verb, hub: HubServer) -> None:
    hub.repositories["us/faster-whisper-ours"] = hub.repositories[SMALL]
    assert models("pull", "us/faster-whisper-ours").exit_code == 0
    assert "whisper-ours" in rows(models)
