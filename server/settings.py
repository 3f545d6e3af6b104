"""What a user may choose, from settings.toml; every setting has a default, so the file need not exist."""

import json
import os
import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from live_sentiment.engine_family import LANGUAGES
from server.errors import SettingsError
from server.protocol import DEFAULT_PORT

LanguageCode = Annotated[str, Meta(pattern="^[a-z]{2,3}$")]
"""ISO 639."""
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
_REACHED_AT = {"localhost": "127.0.0.1", "0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - read only
"""Hosts to listen on that are no addresses to call, or ambiguous ones."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The choices of one user.

    ``microphone`` and ``output`` are the devices to listen to, by name or label, "" being what the system uses itself.
    ``language`` is that of the speech ("auto", "nl", "en"), ``languages`` what "auto" may choose among,
    ``screen_language`` that of the window. ``engine`` is the speech engine ("auto" takes the best one that fits the
    machine; else a kind, a model's name or its folder); ``whisper_model`` the folder of a faster-whisper model;
    ``models`` the folder of pulled models, when it is not the usual one; ``models_source`` the address of a mirror to
    pull them from, "" for the public hub. ``prompt`` is a line about what calls here are
    about, ``hotwords`` names of products and people to listen for. ``threads`` for one decode and ``partial_every``
    seconds of new speech overrule what was measured to fit this machine; 0 leaves it to that. ``sentiment_model`` and
    ``playbook`` replace the ones that ship. ``host`` other than loopback opens the server to
    the network; ``hosts`` then names what clients may call it, without the port.
    """

    language: Literal["auto", "nl", "en"] = "auto"
    languages: Annotated[tuple[LanguageCode, ...], Meta(min_length=1)] = LANGUAGES
    screen_language: Literal["auto", "nl", "en"] = "auto"
    microphone: Annotated[str, Meta(max_length=300)] = ""
    output: Annotated[str, Meta(max_length=300)] = ""
    host: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    port: Annotated[int, Meta(ge=1, le=65535)] = DEFAULT_PORT
    engine: Annotated[str, Meta(min_length=1)] = "auto"
    whisper_model: str = ""
    models: str = ""
    models_source: Annotated[str, Meta(pattern=r"^(https?://\S+)?$")] = ""
    prompt: Annotated[str, Meta(max_length=500)] = ""
    hotwords: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    threads: Annotated[int, Meta(ge=0, le=64)] = 0
    partial_every: Annotated[float, Meta(ge=0.0, le=5.0)] = 0.0
    sentiment_model: str = ""
    playbook: str = ""

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK_HOSTS

    @property
    def window_language(self) -> Literal["nl", "en"]:
        """The language of what an agent sees: the chosen one, or else what the desktop speaks."""
        if self.screen_language != "auto":
            return self.screen_language
        spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
        return "nl" if spoken.startswith("nl") else "en"

    @property
    def client_host(self) -> str:
        """The host by which programs on this machine reach the server, as it stands in an address."""
        host = _REACHED_AT.get(self.host, self.host)
        return f"[{host}]" if ":" in host else host

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """The names by which clients may call the server, besides loopback's own."""
        return self.hosts if self.host in _REACHED_AT else (*self.hosts, self.host)

    @property
    def url(self) -> str:
        """Where capture and overlay find the server."""
        return f"ws://{self.client_host}:{self.port}"


def load_settings(path: Path) -> Settings:
    """The settings in ``path``, or the defaults when there is no such file.

    Raises:
        SettingsError: the file cannot be read, is not TOML, or has an unknown or impossible setting.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}.", "Check its permissions.") from error
    return parse_settings(text, str(path))


def write_settings(path: Path, settings: Settings) -> None:
    """Writes what differs from the defaults to ``path``, which ``load_settings`` reads back.

    Raises:
        SettingsError: that is not allowed there.
    """
    plain = Settings()
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n"  # strings, numbers and lists are written as in TOML
        for key, value in msgspec.structs.asdict(settings).items()
        if value != getattr(plain, key)
    ]
    try:
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written: {error.strerror or error}.", "Check its permissions."
        ) from error


def change_settings(path: Path, **changes: str) -> Settings:
    """Puts ``changes`` into the file at ``path``, which need not exist, and leaves its other lines as they are.

    Raises:
        SettingsError: the file cannot be read or written, is wrong already, or is written in a way that is not
            understood here.
    """
    wanted = msgspec.structs.replace(load_settings(path), **changes)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for key, value in changes.items():
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        at = [number for number, old in enumerate(lines) if re.match(rf"\s*{key}\s*=", old)]
        lines[at[0] if at else 0 : at[0] + 1 if at else 0] = [line]
    text = "\n".join(lines) + "\n"
    if parse_settings(text.encode(), str(path)) != wanted:
        names = ", ".join(changes)
        raise SettingsError(f"{path} is written in a way that Spiegel cannot change.", f"Set {names} there by hand.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written: {error.strerror or error}.", "Check its permissions."
        ) from error
    return wanted


def parse_settings(text: bytes, name: str = "settings.toml") -> Settings:
    """The settings in ``text``; ``name`` is used in errors.

    Raises:
        SettingsError: not TOML, or an unknown or impossible setting.
    """
    try:
        return msgspec.toml.decode(text, type=Settings)
    except msgspec.ValidationError as error:
        key = _key(str(error))
        known = ", ".join(Settings.__struct_fields__)
        raise SettingsError(f"{name}: {key or 'a setting'}: {error}.", f"Known settings: {known}.", key) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name} is not TOML: {error}.", "Correct that line, or remove the file.") from error


def _key(message: str) -> str:
    """The setting that msgspec complains of: "... - at `$.port`" or "... unknown field `prot`"."""
    if "`$." in message:
        return message.split("`$.", 1)[1].split("`", 1)[0].split("[", 1)[0]
    if "unknown field `" in message:
        return message.split("unknown field `", 1)[1].split("`", 1)[0]
    return ""
