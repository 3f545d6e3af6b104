"""``spiegel run``: the three processes of a shift, started, watched and stopped together."""

import sys

from server.errors import ServerFault
from server.logs import set_up_logs
from server.loopback import has_display
from server.places import Places
from server.settings import Settings
from server.supervisor import Child, Supervisor, server_healthy


class NoWindowHere(ServerFault):
    """There is no display to show the overlay on."""

    code = "no_display"


def run_all(places: Places, settings: Settings, *, theme: str) -> int:
    """Runs server, capture and overlay until the overlay is closed or Ctrl-C; the exit code.

    Raises:
        NoWindowHere: there is no display.
        FolderUnusable: the folders for log and settings cannot be made.
        ChildGaveUp: the server does not come up.
    """
    if not has_display():
        raise NoWindowHere(
            "There is no display to show the overlay on.",
            "Log in to a desktop, or see it all without one: spiegel demo",
        )
    set_up_logs("warning")
    places.make()
    children = [
        Child("server", ("server", "--language", settings.language)),
        Child("capture", ("capture", "--language", settings.language)),
        Child("overlay", ("overlay", "--theme", theme), ends_all=True),
    ]
    supervisor = Supervisor(children, places.logs, lambda: server_healthy(settings.port))
    sys.stderr.write("Spiegel is starting; its window appears in a moment. Ctrl-C here, or closing it, stops all.\n")
    with supervisor:
        return supervisor.run()
