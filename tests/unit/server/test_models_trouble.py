"""What goes wrong with a source of models becomes a plain error with what to do."""

import httpx2
import pytest
from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled

from server.errors import ProxyAway, SourceAway, SourceUnclear, SpeechModelFault, UnknownModel
from server.models.trouble import host, plain_trouble, proxy_for

URL = "https://models.example/api"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("error", "kind", "words", "advice"),
    [
        (httpx2.ConnectError("[Errno -2] Name or service not known"), SourceAway, "service not known.", "HTTPS_PROXY"),
        (httpx2.ConnectTimeout("timed out"), SourceAway, "cannot be reached", "spiegel models add DIR"),
        (httpx2.ReadTimeout("timed out"), SourceAway, "did not answer in time", "goes on where it stopped"),
        (httpx2.ReadError("[Errno 104] reset"), SourceAway, "broke", "goes on where it stopped"),
        (httpx2.RemoteProtocolError("peer closed"), SourceAway, "broke", "goes on where it stopped"),
        (httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] bad"), SourceAway, "be trusted: bad.", "SSL_CERT_FILE"),
        (httpx2.TooManyRedirects("30 redirects"), SourceUnclear, "30 redirects", "models_source"),
        (httpx2.InvalidURL("no port"), SourceUnclear, "no port", "models_source"),
        (OfflineModeIsEnabled("offline"), SourceAway, "HF_HUB_OFFLINE", "Unset"),
        (HFValidationError("bad"), UnknownModel, "cannot be a repository", "owner/name"),
        (TypeError("not a mapping"), SourceUnclear, "no list of a model's files", "browser"),
    ],
)
def test_each_trouble_is_said_with_what_to_do(
    error: Exception, kind: type[SpeechModelFault], words: str, advice: str
) -> None:
    with pytest.raises(SpeechModelFault) as caught, plain_trouble(URL, "us/model"):
        raise error
    assert type(caught.value) is kind
    assert words in caught.value.what
    assert advice in caught.value.advice
    assert caught.value.retryable == (kind is SourceAway)


def test_a_bug_stays_a_bug() -> None:
    with pytest.raises(ZeroDivisionError), plain_trouble(URL, "us/model"):
        raise ZeroDivisionError


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_a_dead_proxy_is_named_by_its_variable_and_without_its_password(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "http://me:secret@proxy.example:3128")
    with pytest.raises(ProxyAway) as caught, plain_trouble(URL, "us/model"):
        raise httpx2.ConnectError("[Errno 111] Connection refused")
    assert variable in caught.value.what
    assert "http://proxy.example:3128" in caught.value.what
    assert "NO_PROXY" in caught.value.advice
    assert "secret" not in caught.value.sentence


def test_no_proxy_is_blamed_that_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert proxy_for(URL) is None, "that one is for http"
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert proxy_for(URL) == ("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "models.example")
    assert proxy_for(URL) is None


def test_a_host_is_told_without_its_password() -> None:
    assert host("https://me:secret@models.example:8443/x") == "models.example:8443"
    assert host("nonsense") == "nonsense"
