"""Places, token, settings, logs, schema: what the server reads and writes besides its log."""

import logging
import stat
import sys
from pathlib import Path

import pytest
import structlog

from server import schema
from server.errors import SettingsError, TokenUnusable
from server.logs import TraceFormatter, set_up_logs
from server.places import HOME_VARIABLE, Places
from server.protocol import DEFAULT_PORT
from server.settings import Settings, load_settings, parse_settings
from server.token import load_token, same_token

ROOT = Path(__file__).resolve().parents[3]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_one_folder_can_hold_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    places = Places.default()
    places.make()
    for folder in (places.data, places.config, places.runtime, places.logs):
        assert folder.is_relative_to(tmp_path / "home")
        assert mode(folder) == 0o700


def test_without_it_the_systems_own_folders_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, " ")
    monkeypatch.setenv("XDG_DATA_HOME", "/some/data")
    assert Places.default().database == Path("/some/data/spiegel/spiegel.sqlite3")


def test_a_token_is_made_once_and_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "config" / "token"
    token = load_token(path)
    assert len(token) >= 40
    assert mode(path) == 0o600
    assert load_token(path) == token
    assert [file.name for file in path.parent.iterdir()] == ["token"]


def test_a_token_that_others_can_read_is_closed_to_them_and_told(tmp_path: Path) -> None:
    path = tmp_path / "token"
    token = load_token(path)
    path.chmod(0o644)
    with structlog.testing.capture_logs() as logs:
        assert load_token(path) == token
    assert mode(path) == 0o600
    assert [entry["event"] for entry in logs] == ["token_file_was_open"]
    assert token not in str(logs)


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff\xfe" * 30])
def test_a_file_that_is_no_token_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(TokenUnusable, match="token"):
        load_token(path)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenUnusable, match="cannot be used"):
        load_token(tmp_path)


def test_tokens_are_compared_whole() -> None:
    assert same_token("abc", "abc")
    assert not same_token("ab", "abc")
    assert not same_token("", "abc")
    assert not same_token("\ud800", "abc")


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "none.toml")
    assert settings == Settings()
    assert settings.port == DEFAULT_PORT
    assert settings.loopback


def test_settings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('language = "nl"\nport = 9000\nengine = "whisper"\nhost = "0.0.0.0"\nhosts = ["desk.local"]\n')
    settings = load_settings(path)
    assert (settings.language, settings.port, settings.hosts) == ("nl", 9000, ("desk.local",))
    assert not settings.loopback


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('language = "fr"', "language"),
        ("port = 70000", "port"),
        ('port = "many"', "port"),
        ("prot = 8000", "prot"),
        ("hosts = [1]", "hosts"),
        ("port = ", ""),
        ("\xff", ""),
    ],
)
def test_what_cannot_be_meant_is_told_by_its_name(text: str, key: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_settings(text.encode("latin-1"))
    assert refused.value.key == key
    assert key in refused.value.what
    assert refused.value.advice


def test_settings_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


def test_logs_hide_what_people_say(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIEGEL_LOG", "info")
    before = structlog.get_config()
    try:
        set_up_logs()
        log = structlog.get_logger("test")
        log.debug("too_quiet")
        log.info("said", text="secret words", token="abc", count=3)  # noqa: S106 - it must not appear
    finally:
        structlog.configure(**before)
    out, err = capfd.readouterr()
    assert not out
    assert "event=said" in err
    assert "count=3" in err
    assert "secret" not in err
    assert "abc" not in err
    assert "too_quiet" not in err


def test_an_error_is_logged_without_what_it_quotes(capfd: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    words = "my secret words"
    try:
        set_up_logs()
        log = structlog.get_logger("test")
        cause = ValueError(words)
        try:
            raise RuntimeError(words) from cause  # noqa: TRY301 - to have it caught here
        except RuntimeError as error:
            log.exception("failed")
            log.warning("failed_too", exc_info=error)
            record = logging.LogRecord("x", logging.ERROR, "y", 1, "failed", None, sys.exc_info())
            library = TraceFormatter("%(message)s").format(record)
    finally:
        structlog.configure(**before)
    err = capfd.readouterr().err
    assert err.count("from ValueError") == 2
    assert library.endswith("RuntimeError\n from ValueError")
    assert "test_server_files.py" in err
    assert words not in err + library


@pytest.mark.parametrize("name", sorted(schema.rendered()))
def test_the_schema_in_the_documentation_is_that_of_the_types(name: str) -> None:
    written = (ROOT / "docs/schema" / name).read_text(encoding="utf-8")
    assert written == schema.rendered()[name], "run: make docs"


def test_no_schema_lies_there_without_a_type() -> None:
    assert {path.name for path in (ROOT / "docs/schema").glob("*.json")} == set(schema.rendered())


def test_the_schema_knows_every_event_and_no_mood_of_the_agent() -> None:
    definitions = schema.schemas()["events.json"]["$defs"]
    assert {"CallStarted", "TranscriptFinal", "SentimentReading", "CueOutcome"} <= set(definitions)
    for name in ("SentimentReading", "SentimentTrend", "SignalDetected"):
        assert "channel" not in definitions[name]["properties"]


def test_schemas_are_written_where_asked(tmp_path: Path) -> None:
    assert {path.name for path in schema.write(tmp_path / "new")} == {"events.json", "protocol.json"}
