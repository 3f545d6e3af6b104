"""Opening the session log: engine, SQLite's own settings, migrations, and what its troubles mean in plain words."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=2000",
    "PRAGMA secure_delete=ON",
)
_MIGRATIONS = Path(__file__).parent / "migrations"


def make_engine(path: Path) -> Engine:
    """An engine on the SQLite file ``path``, which is made, readable by its user alone, when first connected to.

    Its errors do not show the values of a statement, which hold people's words.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)

    def set_up(connection: sqlite3.Connection, record: object) -> None:
        del record
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    event.listen(engine, "connect", set_up)
    return engine


def make_file(path: Path) -> None:
    """Makes the file, readable by its user alone; SQLite's side files take its rights over.

    Raises:
        OSError: it cannot be made.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def migrate(connection: Connection) -> None:
    """Brings the tables up to date."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()


def trouble(error: Exception, path: Path) -> dict[str, str]:
    """What is wrong with the log, in Dutch and English, and what to do."""
    for names, sentence in _SENTENCES:
        if any(name in _error_name(error) for name in names):
            return {language: text.format(path=path) for language, text in sentence.items()}
    return {language: text.format(path=path) for language, text in _ANY.items()}


def _error_name(error: Exception) -> str:
    """SQLite's own name of an error, such as SQLITE_FULL."""
    origin: Any = error.orig if isinstance(error, DBAPIError) else error
    name: str = getattr(origin, "sqlite_errorname", "")
    return name or type(error).__name__


_SENTENCES: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    (
        ("FULL",),
        {
            "nl": "De schijf is vol: gesprekken worden niet bewaard. Maak ruimte vrij; daarna gaat het vanzelf verder.",
            "en": "The disk is full: calls are not being kept. Free some space; keeping then goes on by itself.",
        },
    ),
    (
        ("READONLY", "PERM", "CANTOPEN", "PermissionError"),
        {
            "nl": "In {path} kan niet geschreven worden: gesprekken worden niet bewaard. Controleer de rechten.",
            "en": "{path} cannot be written: calls are not being kept. Check its permissions.",
        },
    ),
    (
        ("CORRUPT", "NOTADB"),
        {
            "nl": "{path} is beschadigd: gesprekken worden niet bewaard. Zet het bestand opzij en start opnieuw.",
            "en": "{path} is damaged: calls are not being kept. Move the file away and start again.",
        },
    ),
    (
        ("CommandError",),
        {
            "nl": "{path} is van een nieuwere Spiegel: gesprekken worden niet bewaard. Werk Spiegel bij.",
            "en": "{path} is a newer Spiegel's: calls are not being kept. Update Spiegel.",
        },
    ),
    (
        ("BUSY", "LOCKED"),
        {
            "nl": "Een ander programma houdt {path} bezet: gesprekken worden zolang niet bewaard. Sluit dat programma.",
            "en": "Another program holds {path}: calls are not being kept meanwhile. Close that program.",
        },
    ),
)
_ANY = {
    "nl": "Gesprekken worden niet bewaard: {path} geeft een fout. Kijk in het logboek van de server.",
    "en": "Calls are not being kept: {path} gives an error. The server's log says which.",
}
