"""How a speech model keeps up with calls on this machine, in plain words: for ``spiegel check``."""

from live_sentiment.fitting import Fit

_QUICKER = "A smaller model is quicker (spiegel models list). Was this computer busy just now? spiegel check --measure"
_SETTINGS = {"model": "engine", "threads": "threads", "step": "partial_every"}
"""What can be overruled, by its name in settings.toml."""


def pace(fit: Fit) -> tuple[bool, str, str]:
    """Whether ``fit`` keeps up with two voices at once, what was chosen and measured, and what to do."""
    threads = "one thread" if fit.threads == 1 else f"{fit.threads} threads"
    if fit.step is None:
        what = f"{fit.model}, text at pauses only, on {threads}"
    else:
        what = f"{fit.model}, partial text every {fit.step:g} s on {threads}"
    measured = f"measured on this machine: {_seconds(fit.update_seconds)} an update"
    return fit.keeps_up, f"{what} ({measured}{_decided(fit)})", _advice(fit)


def _decided(fit: Fit) -> str:
    named = [_SETTINGS[name] for name in fit.overruled]
    return f"; settings.toml decides {', '.join(named)}" if named else ""


def _advice(fit: Fit) -> str:
    if fit.keeps_up:
        return ""
    if not fit.in_time:
        late = f"Too slow for two voices at once: {_seconds(fit.final_seconds)} for a sentence of four seconds."
        return f"{late} {_QUICKER}"
    if "step" in fit.overruled:
        return "Partial text will come more rarely than that. Without partial_every it comes as often as fits."
    return f"There is time for the final text of each utterance, not for text before. {_QUICKER}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.01 else "under 0.01 s"  # noqa: PLR2004 - what is not shown
