"""What the server can do at the moment, put together from the models and the log, in Dutch and English."""

from collections.abc import Callable

from server.protocol import ServerStatus

_LOADING = {"nl": "De spraakmodellen worden geladen.", "en": "The speech models are being loaded."}
_PARTS = {
    "playbook": {"nl": "Draaiboek", "en": "Playbook"},
    "voice detector": {"nl": "Stemherkenning", "en": "Voice detector"},
    "sentiment model": {"nl": "Stemmingsmodel", "en": "Sentiment model"},
    "speech model": {"nl": "Spraakmodel", "en": "Speech model"},
    "measuring this machine": {"nl": "Meten wat deze computer aankan", "en": "Measuring what this computer can do"},
    "ready": {"nl": "Klaar", "en": "Ready"},
}
"""What ``load_parts`` and ``load_fitting`` say that they do, for people."""
_SMALLEST_STEP = 0.02


class StatusBoard:
    """Keeps the parts of the status; ``on_change`` gets the whole when it becomes another. Event loop's thread."""

    def __init__(self, on_change: Callable[[ServerStatus], None]) -> None:
        self._on_change = on_change
        self._progress: float | None = 0.0
        self._doing = _LOADING
        self._troubles: dict[str, dict[str, str]] = {}
        self._last = self.status

    @property
    def status(self) -> ServerStatus:
        """The whole, as an overlay is told it."""
        if self._troubles:
            detail = {
                language: " ".join(trouble[language] for trouble in self._troubles.values())
                for language in ("nl", "en")
            }
            return ServerStatus(state="degraded", detail=detail, progress=self._progress)
        if self._progress is not None:
            return ServerStatus(state="loading", detail=self._doing, progress=self._progress)
        return ServerStatus(state="ready")

    @property
    def models(self) -> str:
        """One of "loading", "ready" and "failed"."""
        if "models" in self._troubles:
            return "failed"
        return "ready" if self._progress is None else "loading"

    @property
    def store(self) -> str:
        """One of "ok" and "trouble"."""
        return "trouble" if "store" in self._troubles else "ok"

    def loading(self, progress: float, what: str) -> None:
        """The models are ``progress`` (0 to 1) on their way; ``what`` names what is being loaded."""
        before = self._progress or 0.0
        self._doing = _PARTS.get(what, _LOADING)
        self._progress = min(1.0, max(0.0, progress))
        if abs(self._progress - before) >= _SMALLEST_STEP:
            self._tell()

    def ready(self) -> None:
        """The models are there."""
        self._progress = None
        self._tell()

    def trouble(self, part: str, detail: dict[str, str] | None) -> None:
        """A part ("store", "models", "pipeline", "playbook") gives trouble, or with None no longer does."""
        if detail is None:
            self._troubles.pop(part, None)
        else:
            self._troubles[part] = detail
        self._tell()

    def _tell(self) -> None:
        if self.status != self._last:
            self._last = self.status
            self._on_change(self._last)
