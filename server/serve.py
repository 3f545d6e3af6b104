"""The server process from start to end: the token, the port, uvicorn, and a clean way out on a signal."""

import contextlib
import errno
import signal
import socket
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import structlog
import uvicorn

from server.app import AppConfig, make_app
from server.backend import BackendConfig
from server.connection import CuttableConnection
from server.errors import PortTaken, ServerFault
from server.guard import HostGuard
from server.logs import set_up_logs
from server.places import Places
from server.playbook_watch import PlaybookSource
from server.settings import Settings
from server.sockets import SocketConfig
from server.token import load_token
from server.worker import PipelineFactory

LoadWithPlaybook = Callable[[Callable[[float, str], None], PlaybookSource], PipelineFactory]
"""As ``server.backend.Load``; its calls take what the source has when they begin."""

_LARGEST_MESSAGE = 256 * 1024
_USAGE = 2
_log = structlog.get_logger(__name__)


def serve(settings: Settings, places: Places, load: LoadWithPlaybook) -> int:
    """Serves until SIGINT or SIGTERM; ``load`` loads the models, on a thread of its own.

    Each call takes the settings' playbook as it is when the call begins; its file is read anew when it changes.

    Returns the process's exit code: 0, or 2 with a sentence on stderr when the server cannot start as asked.
    """
    set_up_logs()
    try:
        places.make()
        token = load_token(places.token)
        listener = listen(settings.host, settings.port)
    except (ServerFault, OSError) as error:
        sys.stderr.write(f"{error.sentence if isinstance(error, ServerFault) else error}\n")
        return _USAGE
    if not settings.loopback:
        _log.warning("open_to_the_network", host=settings.host)
    playbook = PlaybookSource(Path(settings.playbook).expanduser() if settings.playbook else None)
    app = make_app(
        AppConfig(
            database=places.database,
            socket=SocketConfig(token),
            load=lambda progress: load(progress, playbook),
            hosts=settings.allowed_hosts,
            backend=BackendConfig(playbook=playbook),
        )
    )
    host, port = listener.getsockname()[:2]
    _log.info("listening", host=host, port=port)
    make_server(app).run(sockets=[listener])
    _log.info("stopped")
    return 0


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to ``host`` and ``port`` (0: any free one).

    Raises:
        PortTaken: another program listens there.
        OSError: this machine has no such address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            advice = f"Stop it, or choose another with port = {port + 1} in settings.toml or --port {port + 1}."
            raise PortTaken(f"Port {port} is taken by another program, perhaps another Spiegel.", advice) from error
        raise
    return listener


class Server(uvicorn.Server):
    """uvicorn's server, which ends quietly on a signal instead of being ended by it once more afterwards."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Ends the server on SIGINT and SIGTERM, when run in the main thread."""
        try:
            before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        except ValueError:  # not the main thread: whoever runs us there sets should_exit
            before = {}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def make_server(app: HostGuard) -> Server:
    """A uvicorn server for ``app``; run it with ``run(sockets=[...])``."""
    config = uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType] - uvicorn's own scope types, ours are plain mappings
        ws=CuttableConnection,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=_LARGEST_MESSAGE,
        ws_per_message_deflate=False,  # loopback: bytes are cheaper than cycles
        timeout_graceful_shutdown=2,
    )
    return Server(config)
