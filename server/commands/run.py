"""``spiegel run``: the three processes of a shift, started, watched and stopped together."""

import sys

from server.commands.loopback import has_display, health
from server.commands.supervisor import Child, Supervisor, server_healthy
from server.errors import ServerFault
from server.logs import set_up_logs
from server.places import Places
from server.settings import Settings


class NoWindowHere(ServerFault):
    """There is no display to show the overlay on."""

    code = "no_display"


class AlreadyRunning(ServerFault):
    """Another Spiegel serves this user; a second one would take its call away."""

    code = "already_running"


def run_all(places: Places, settings: Settings, *, theme: str) -> int:
    """Runs server, capture and overlay until the overlay is closed or Ctrl-C; the exit code.

    Raises:
        NoWindowHere: there is no display.
        AlreadyRunning: a server answers already where ours would listen.
        FolderUnusable: the folders for log and settings cannot be made.
        ChildGaveUp: the server does not come up.
    """
    if not has_display():
        raise NoWindowHere(
            "There is no display to show the overlay on.",
            "Log in to a desktop, or see it all without one: spiegel demo",
        )
    _refuse_a_second(settings)
    set_up_logs("warning")
    places.make()
    children = [
        Child("server", ("server", "--language", settings.language)),
        Child("capture", ("capture", "--language", settings.language)),
        Child("overlay", ("overlay", "--theme", theme), ends_all=True),
    ]

    def healthy() -> bool:
        """Whether our own server answers, and not one that was quicker. Windows starts Python through a launcher."""
        pid = None if sys.platform == "win32" else supervisor.pid("server") or 0
        return server_healthy(settings.port, settings.client_host, pid)

    supervisor = Supervisor(children, places.logs, healthy)
    sys.stderr.write("Spiegel is starting; its window appears in a moment. Ctrl-C here, or closing it, stops all.\n")
    with supervisor:
        return supervisor.run()


def _refuse_a_second(settings: Settings) -> None:
    found = health(settings.port, settings.client_host)
    if found is not None and "pid" in found:
        raise AlreadyRunning(
            f"Spiegel is already running here (its server is process {found['pid']}).",
            "Use its window, or stop it first.",
        )
