"""What the tests of pulled models share: a source of models on loopback, and no proxy of the machine's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_server import SMALL, HubServer, serving
from huggingface_hub import close_session
from tiny_whisper import make_tiny_whisper


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model as it lies at the source, with a file that nobody needs."""
    folder = make_tiny_whisper(tmp_path_factory.mktemp("source") / "small")
    (folder / "README.md").write_text("about this model")
    return folder


@pytest.fixture
def hub(tiny_whisper: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A source that has the model "small", and connections of our own only."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "hf_token", "hf_endpoint", "hf_hub_offline"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    close_session()
    with serving({SMALL: tiny_whisper}) as server:
        yield server
    close_session()
