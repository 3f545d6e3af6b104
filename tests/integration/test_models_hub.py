"""What a source of models tells and gives, over a real connection."""

from pathlib import Path

import pytest
from hub_server import REVISION, SMALL, HubServer
from huggingface_hub import close_session

from server.errors import (
    ProxyAway,
    SourceAway,
    SourceBusy,
    SourceRefuses,
    SourceUnclear,
    SpeechModelFault,
    UnknownModel,
)
from server.models.hub import Hub
from server.models.shelf import MODEL_FILES


def test_a_listing_has_the_files_of_a_model_with_size_and_hash(hub: HubServer, tiny_whisper: Path) -> None:
    listing = Hub(hub.url).listing(SMALL)
    assert (listing.source, listing.revision) == (hub.url, REVISION)
    assert [file.name for file in listing.files] == [name for name in MODEL_FILES if (tiny_whisper / name).exists()]
    assert listing.size_bytes == sum((tiny_whisper / file.name).stat().st_size for file in listing.files)
    large = listing.files[-1]
    assert (large.name, len(large.sha256), large.git) == ("model.bin", 64, "")
    assert all(len(file.git) == 40 and not file.sha256 for file in listing.files[:-1])


def test_bytes_come_from_any_place_on(hub: HubServer, tiny_whisper: Path) -> None:
    source = Hub(hub.url)
    large = source.listing(SMALL).files[-1]
    data = (tiny_whisper / large.name).read_bytes()
    assert b"".join(source.chunks(large, 0)) == data
    assert b"".join(source.chunks(large, 1_000_000)) == data[1_000_000:]
    assert hub.sent[large.name] == 2 * len(data) - 1_000_000


def test_a_source_that_cannot_resume_is_listened_to_from_the_start(hub: HubServer, tiny_whisper: Path) -> None:
    hub.resumes = False
    source = Hub(hub.url)
    large = source.listing(SMALL).files[-1]
    assert b"".join(source.chunks(large, 1_000_000)) == (tiny_whisper / large.name).read_bytes()[1_000_000:]


def test_all_requests_are_for_one_revision_and_say_nothing_of_this_machine(hub: HubServer) -> None:
    source = Hub(hub.url)
    for file in source.listing(SMALL).files:
        list(source.chunks(file, 0))
    asked = [path for path, _ in hub.asked if "/resolve/" in path]
    assert asked
    assert all(f"/resolve/{REVISION}/" in path for path in asked)
    for _, headers in hub.asked:
        assert set(headers) <= {
            "host",
            "accept",
            "accept-encoding",
            "connection",
            "user-agent",
            "x-amzn-trace-id",
        }
        assert headers["user-agent"].startswith("spiegel/")


def test_a_mirror_gets_a_token_only_when_one_is_named(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_named")
    source = Hub(hub.url)
    list(source.chunks(source.listing(SMALL).files[0], 0))
    assert {headers.get("authorization") for _, headers in hub.asked} == {"Bearer hf_named"}


@pytest.mark.parametrize(
    ("status", "headers", "kind", "words"),
    [
        (401, {}, SourceRefuses, "HF_TOKEN"),
        (403, {}, SourceRefuses, "HF_TOKEN"),
        (401, {"X-Error-Code": "GatedRepo"}, SourceRefuses, "accept the model's terms"),
        (404, {}, UnknownModel, "small, medium"),
        (404, {"X-Error-Code": "RepoNotFound"}, UnknownModel, "small, medium"),
        (418, {}, SourceUnclear, "HTTP 418"),
        (429, {"Retry-After": "30"}, SourceBusy, "Wait 30 seconds"),
        (500, {}, SourceBusy, "Wait a few minutes"),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, SourceBusy, "Wait a few minutes"),
    ],
)
def test_each_refusal_is_said_with_what_to_do(
    hub: HubServer, status: int, headers: dict[str, str], kind: type[SpeechModelFault], words: str
) -> None:
    source = Hub(hub.url)
    file = source.listing(SMALL).files[-1]
    hub.answer, hub.answer_headers = status, headers
    for ask in (lambda: source.listing(SMALL), lambda: list(source.chunks(file, 0))):
        with pytest.raises(SpeechModelFault) as caught:
            ask()
        assert type(caught.value) is kind
        assert words in caught.value.sentence
        assert caught.value.retryable == (kind is SourceBusy)


def test_a_page_to_log_in_to_the_network_is_no_source(hub: HubServer) -> None:
    hub.page = b"<html>Welcome to our Wi-Fi"
    with pytest.raises(SourceUnclear, match="does not answer as a source") as caught:
        Hub(hub.url).listing(SMALL)
    assert "browser" in caught.value.advice


def test_a_source_without_hashes_is_not_trusted(hub: HubServer) -> None:
    hub.hides_hashes = True
    with pytest.raises(SourceUnclear, match=r"size and hash of config\.json"):
        Hub(hub.url).listing(SMALL)
    hub.hides_hashes, hub.revision = False, ""
    with pytest.raises(SourceUnclear, match="revision"):
        Hub(hub.url).listing(SMALL)


def test_without_a_connection_it_says_what_can_be_done(hub: HubServer) -> None:
    del hub
    with pytest.raises(SourceAway, match=r"127\.0\.0\.1:9 cannot be reached: Connection refused") as caught:
        Hub("http://127.0.0.1:9").listing(SMALL)
    assert "spiegel models add DIR" in caught.value.advice
    assert caught.value.retryable


def test_a_proxy_of_the_environment_is_used(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", hub.url)
    close_session()
    listing = Hub("http://models.invalid").listing(SMALL)
    assert listing.files
    assert hub.asked[0][1]["host"] == "models.invalid"


def test_a_dead_proxy_is_named(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://me:secret@127.0.0.1:9")
    close_session()
    with pytest.raises(ProxyAway, match=r"The proxy http://127\.0\.0\.1:9, which http_proxy names"):
        Hub("http://models.invalid").listing(SMALL)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    close_session()
    assert Hub(hub.url).listing(SMALL).files
