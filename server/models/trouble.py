"""Turns what goes wrong between us and a source of models into this project's errors, each with what to do.

The one place that knows the exceptions of huggingface_hub and of the HTTP library under it.
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import httpx2
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from server.errors import (
    ProxyAway,
    SourceAway,
    SourceBusy,
    SourceRefuses,
    SourceUnclear,
    SpeechModelFault,
    UnknownModel,
)
from server.models.catalogue import USUAL

BY_HAND = "Or fetch the model on another machine, copy its folder here, and: spiegel models add DIR"
MIRROR = "In a closed network, models_source in settings.toml names a mirror."
AGAIN = "Give the same command again: it goes on where it stopped."
_BY_NAME = f"Look whether the name is right, or take one of: {', '.join(USUAL)}."
_NOT_FOUND, _TOO_MANY, _SERVER_ERRORS = 404, 429, 500
_WHEN_REFUSED = (401, 403)


@contextmanager
def plain_trouble(url: str, repository: str) -> Generator[None]:
    """Raises what goes wrong while ``url`` is asked about ``repository`` as one of our own errors.

    Raises:
        SpeechModelFault: one of its kinds.
    """
    try:
        yield
    except HfHubHTTPError as error:
        raise _answered(error, url, repository) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled) as error:
        raise _not_reached(error, url) from error
    except HFValidationError as error:
        raise UnknownModel(
            f'"{repository}" cannot be a repository.',
            "Write it as owner/name, for example Systran/faster-whisper-small.",
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # what huggingface_hub does to an odd answer
        raise _unclear(url, "its answer is no list of a model's files") from error


def proxy_for(url: str, environment: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """The environment variable that sends ``url`` through a proxy, and that proxy without its password; or None."""
    parts = urlsplit(url)
    if not parts.hostname or proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    for scheme in (parts.scheme, "all"):
        if proxy := proxies.get(scheme):
            names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY")
            return next((name for name in names if environment.get(name)), names[1]), _without_password(proxy)
    return None


def host(url: str) -> str:
    """The name of the machine in ``url``, for people."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def _not_reached(error: Exception, url: str) -> SpeechModelFault:
    """No answer came, or the connection broke."""
    if isinstance(error, OfflineModeIsEnabled):
        return SourceAway("HF_HUB_OFFLINE forbids fetching anything.", f"Unset that variable. {BY_HAND}")
    if isinstance(error, httpx2.ProxyError | httpx2.ConnectError | httpx2.ConnectTimeout):
        return _no_connection(error, url)
    if isinstance(error, httpx2.TimeoutException):
        return SourceAway(f"{host(url)} did not answer in time.", AGAIN)
    if isinstance(error, httpx2.NetworkError | httpx2.ProtocolError):
        return SourceAway(f"The connection to {host(url)} broke.", AGAIN)
    return _unclear(url, _reason(error))


def _no_connection(error: httpx2.TransportError, url: str) -> SourceAway:
    """Not even a connection came about."""
    if proxy := proxy_for(url):
        name, address = proxy
        return ProxyAway(
            f"The proxy {address}, which {name} names, does not lead to {host(url)}: {_reason(error)}.",
            f"Correct {name}, or add {host(url)} to NO_PROXY when no proxy is needed for it. {BY_HAND}",
        )
    if "CERTIFICATE" in str(error).upper():
        return SourceAway(
            f"{host(url)} cannot be trusted: {_reason(error)}.",
            "Where the company's network looks into connections, name its root certificate: SSL_CERT_FILE=/path/to.pem",
        )
    return SourceAway(
        f"{host(url)} cannot be reached: {_reason(error)}.",
        f"Connect this machine to the network, or name the proxy in HTTPS_PROXY. {MIRROR} {BY_HAND}",
    )


def _answered(error: HfHubHTTPError, url: str, repository: str) -> SpeechModelFault:
    """The source answered that it does not give what we want."""
    status = error.response.status_code
    if isinstance(error, GatedRepoError) or (
        status in _WHEN_REFUSED and not isinstance(error, RepositoryNotFoundError)
    ):
        return SourceRefuses(
            f"{host(url)} does not give {repository} to everybody (HTTP {status}).",
            "Log in there with a browser and accept the model's terms; then set HF_TOKEN to your access token.",
        )
    if isinstance(error, RepositoryNotFoundError):
        return UnknownModel(
            f"{host(url)} has no model {repository}, or it is a private one.",
            f"{_BY_NAME} For a private model set HF_TOKEN to your access token.",
        )
    if status == _TOO_MANY or status >= _SERVER_ERRORS:
        wait = error.response.headers.get("Retry-After", "")
        pause = f"Wait {wait} seconds." if wait.isdecimal() else "Wait a few minutes."
        return SourceBusy(f"{host(url)} is in trouble or too busy (HTTP {status}).", f"{pause} {AGAIN}")
    if status == _NOT_FOUND:
        return UnknownModel(
            f"{host(url)} has no {repository} (HTTP 404).",
            f"{_BY_NAME} Should models_source be set in settings.toml, look whether that is right.",
        )
    return _unclear(url, f"HTTP {status}")


def _unclear(url: str, why: str) -> SourceUnclear:
    return SourceUnclear(
        f"{host(url)} does not answer as a source of models does ({why}).",
        "Look whether the network asks you to log in with a browser first, and whether models_source in settings.toml "
        f"is right. {BY_HAND}",
    )


def _reason(error: Exception) -> str:
    """Why, without the number that the operating system gives it."""
    return str(error).rpartition("] ")[2].rstrip(".") or type(error).__name__


def _without_password(proxy: str) -> str:
    parts = urlsplit(proxy)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
