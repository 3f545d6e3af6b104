"""What can go wrong in the server process.

ServerFault
├── SettingsError         settings.toml says something that cannot be meant
├── PortTaken             another program listens there already
├── TokenUnusable         the token file cannot be read or written
├── FolderUnusable        a folder cannot be made or written
├── StoreUnavailable      the session log cannot be read or written at the moment
├── Unreadable            something in the session log cannot be understood
├── NotFound              no such call
├── Conflict              an idempotency key was used before for something else
├── Refused               a client said something that is not allowed; carries the WebSocket close code
└── ChildGaveUp           a supervised process keeps dying, or never became healthy
"""

from typing import ClassVar


class ServerFault(Exception):
    """The root of this folder's errors: ``what`` happened, and in ``advice`` what to do about it.

    ``status`` is the HTTP status that says the same, ``code`` a word for programs.
    """

    retryable: ClassVar[bool] = False
    status: ClassVar[int] = 500
    code: ClassVar[str] = "server_fault"

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice

    @property
    def sentence(self) -> str:
        """What happened and what to do, for people."""
        return f"{self.what} {self.advice}".strip()


class SettingsError(ServerFault):
    """settings.toml cannot be used; ``key`` is the setting at fault, "" when the whole file is."""

    code = "settings"

    def __init__(self, what: str, advice: str = "", key: str = "") -> None:
        super().__init__(what, advice)
        self.key = key


class PortTaken(ServerFault):
    """Another program listens on the port already."""

    code = "port_taken"


class TokenUnusable(ServerFault):
    """The per-user token can neither be read nor made."""

    code = "token"


class FolderUnusable(ServerFault):
    """A folder that Spiegel needs can neither be made nor written."""

    code = "folder"


class StoreUnavailable(ServerFault):
    """The session log cannot be read or written at the moment."""

    retryable = True
    status = 503
    code = "store_unavailable"


class Unreadable(ServerFault):
    """Something in the session log cannot be understood: a newer Spiegel's, or damaged."""

    code = "unreadable"


class NotFound(ServerFault):
    """There is no such thing in the log."""

    status = 404
    code = "not_found"


class Conflict(ServerFault):
    """The same idempotency key came with something else."""

    status = 409
    code = "conflict"


class Refused(ServerFault):
    """A client may not go on; ``close`` is the WebSocket close code that ends its connection."""

    status = 400
    code = "refused"

    def __init__(self, code: str, what: str, close: int) -> None:
        super().__init__(what)
        self.reason = code
        self.close = close


class ChildGaveUp(ServerFault):
    """A supervised process keeps dying, or never became healthy; ``what`` ends with its last words."""

    code = "child_gave_up"
