"""Where programs find a server that listens as the settings say."""

from pathlib import Path

import pytest

from server.errors import SettingsError
from server.settings import Settings, change_settings, load_settings, parse_settings, write_settings


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "ws://127.0.0.1:8477"),
        ("localhost", "ws://127.0.0.1:8477"),
        ("::1", "ws://[::1]:8477"),
        ("0.0.0.0", "ws://127.0.0.1:8477"),  # noqa: S104 - only read
        ("::", "ws://[::1]:8477"),
        ("192.168.1.5", "ws://192.168.1.5:8477"),
    ],
)
def test_the_address_follows_the_host(host: str, url: str) -> None:
    assert Settings(host=host).url == url


def test_a_host_of_its_own_may_be_called_by_that_name() -> None:
    assert Settings(host="192.168.1.5", hosts=("desk",)).allowed_hosts == ("desk", "192.168.1.5")
    assert Settings(host="0.0.0.0", hosts=("desk",)).allowed_hosts == ("desk",)  # noqa: S104 - only read


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_clients_could_not_find_is_refused(port: int) -> None:
    with pytest.raises(SettingsError, match="port"):
        parse_settings(f"port = {port}".encode())


@pytest.mark.parametrize(
    "settings",
    [Settings(), Settings(host="::1", hosts=("a", 'b "c"'), port=1, whisper_model="C:\\models\\é", language="nl")],
)
def test_what_is_written_is_read_back(settings: Settings, tmp_path: Path) -> None:
    write_settings(tmp_path / "settings.toml", settings)
    assert load_settings(tmp_path / "settings.toml") == settings


def test_a_folder_in_the_files_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        write_settings(tmp_path, Settings())


@pytest.mark.parametrize("port", [1, 65535])
def test_every_other_port_will_do(port: int) -> None:
    assert parse_settings(f"port = {port}".encode()).port == port


def test_a_change_leaves_every_other_line_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.toml"
    assert change_settings(path, output="Jabra").output == "Jabra"
    path.write_text('# calls\nport = 9000\nhotwords = [\n  "Spiegel", # us\n]\noutput = "Jabra" # old\n')
    changed = change_settings(path, output='A "good" one', microphone="Mic")
    assert (changed.output, changed.microphone, changed.port) == ('A "good" one', "Mic", 9000)
    assert load_settings(path) == changed
    assert '# calls\nport = 9000\nhotwords = [\n  "Spiegel", # us\n]\n' in path.read_text()


def test_a_file_that_is_written_in_an_odd_way_is_not_spoilt(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    odd = 'output = """\nJabra\n"""\n'
    path.write_text(odd)
    with pytest.raises(SettingsError) as caught:
        change_settings(path, output="Poly")
    assert "by hand" in caught.value.advice or "Correct" in caught.value.advice
    assert path.read_text() == odd
