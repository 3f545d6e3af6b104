"""What can go wrong in the server process.

ServerFault
├── SettingsError         settings.toml says something that cannot be meant
├── PortTaken             another program listens there already
├── TokenUnusable         the token file cannot be read or written
├── FolderUnusable        a folder cannot be made or written
├── StoreUnavailable      the session log cannot be read or written at the moment
├── Unreadable            something in the session log cannot be understood
├── NotFound              no such call
├── SessionUnusable       a file of a past call cannot be read as one
├── Conflict              an idempotency key was used before for something else
├── Refused               a client said something that is not allowed; carries the WebSocket close code
├── ChildGaveUp           a supervised process keeps dying, or never became healthy
└── SpeechModelFault      a speech model cannot be fetched, added or removed
    ├── UnknownModel      there is no model of that name
    ├── NameTaken         there is another model of that name already
    ├── NotAModel         what was found is no Whisper model for CTranslate2
    ├── BeingPulled       another process is at the same model (retryable)
    ├── NoRoom            the disk is too full
    ├── SourceAway        no network, no answer in time, or a connection that broke (retryable)
    │   └── ProxyAway     the proxy that the environment names does not let us through
    ├── SourceBusy        the source has trouble of its own, or wants us to wait (retryable)
    ├── SourceRefuses     the source wants an account or a permission
    ├── SourceUnclear     the source's answer cannot be understood
    └── DamagedDownload   a file is not what the source announced (retryable)
"""

from typing import ClassVar


class ServerFault(Exception):
    """The root of this folder's errors: ``what`` happened, and in ``advice`` what to do about it.

    ``status`` is the HTTP status that says the same, ``code`` a word for programs, ``exit_code`` what a verb that
    fails of it leaves with: 2 when what was given cannot be used.
    """

    retryable: ClassVar[bool] = False
    status: ClassVar[int] = 500
    code: ClassVar[str] = "server_fault"
    exit_code: ClassVar[int] = 2

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


class SessionUnusable(ServerFault):
    """A file that should hold a past call cannot be read as one."""

    code = "session_unusable"


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


class SpeechModelFault(ServerFault):
    """A speech model cannot be fetched, added or removed; raised by ``server.models`` alone."""

    code = "speech_model"
    exit_code = 1


class UnknownModel(SpeechModelFault):
    """There is no model of that name, here or at the source."""

    code = "unknown_model"
    exit_code = 2


class NameTaken(SpeechModelFault):
    """There is another model of that name already."""

    code = "name_taken"
    exit_code = 2


class NotAModel(SpeechModelFault):
    """What was found is no Whisper model for CTranslate2, or not a whole one."""

    code = "not_a_model"
    exit_code = 2


class BeingPulled(SpeechModelFault):
    """Another process is pulling, adding or removing the same model."""

    retryable = True
    code = "being_pulled"


class NoRoom(SpeechModelFault):
    """The disk is too full."""

    code = "no_room"


class SourceAway(SpeechModelFault):
    """The source of models cannot be reached, does not answer in time, or the connection broke."""

    retryable = True
    code = "source_away"


class ProxyAway(SourceAway):
    """The proxy that an environment variable names does not let us through."""

    retryable = False
    code = "proxy_away"


class SourceBusy(SpeechModelFault):
    """The source has trouble of its own, or wants us to wait."""

    retryable = True
    code = "source_busy"


class SourceRefuses(SpeechModelFault):
    """The source wants an account or a permission."""

    code = "source_refuses"


class SourceUnclear(SpeechModelFault):
    """The source's answer cannot be understood; it may be no source of models."""

    code = "source_unclear"


class DamagedDownload(SpeechModelFault):
    """A file is not what the source announced; it has been thrown away."""

    retryable = True
    code = "damaged_download"
