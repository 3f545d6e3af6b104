"""Where things live on this machine: data, settings, and what lasts only as long as a run.

Nothing is read or written here apart from making the folders; what is in the files is the business of their owners.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from server.errors import FolderUnusable

HOME_VARIABLE = "SPIEGEL_HOME"
"""Environment variable that puts everything into one folder."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one user: ``data`` (session log, models), ``config`` (settings, playbook), ``runtime`` (logs)."""

    data: Path
    config: Path
    runtime: Path

    @classmethod
    def default(cls) -> "Places":
        """The operating system's own folders, or all below ``$SPIEGEL_HOME`` when that is set."""
        home = os.environ.get(HOME_VARIABLE, "").strip()
        if home:
            return cls.below(Path(home).expanduser())
        return cls(
            data=platformdirs.user_data_path("spiegel", appauthor=False),
            config=platformdirs.user_config_path("spiegel", appauthor=False),
            # not the runtime folder: where a session has none, that is a shared one, and logs are private
            runtime=platformdirs.user_state_path("spiegel", appauthor=False),
        )

    @classmethod
    def below(cls, home: Path) -> "Places":
        """All folders below one."""
        return cls(data=home / "data", config=home / "config", runtime=home / "runtime")

    @property
    def database(self) -> Path:
        """The session log."""
        return self.data / "spiegel.sqlite3"

    @property
    def models(self) -> Path:
        """Where pulled models live."""
        return self.data / "models"

    @property
    def token(self) -> Path:
        """The per-user secret that clients show."""
        return self.config / "token"

    @property
    def settings(self) -> Path:
        """The settings file, which need not exist."""
        return self.config / "settings.toml"

    @property
    def logs(self) -> Path:
        """What the supervised processes write to stderr."""
        return self.runtime / "logs"

    def make(self) -> None:
        """Makes the folders, readable by their user alone.

        Raises:
            FolderUnusable: one cannot be made.
        """
        for folder in (self.data, self.config, self.runtime, self.logs):
            make_folder(folder, 0o700)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Makes ``folder`` and those above it, unless it is there.

    Raises:
        FolderUnusable: that is not allowed, or a file is in the way.
    """
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise FolderUnusable(f"The folder {folder} cannot be made: {reason}.", "Name another one.") from error
