"""A source of models on loopback that speaks as the public hub does, and misbehaves when told to. For tests only."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

SMALL = "Systran/faster-whisper-small"
"""Where the model "small" lies."""
REVISION = "0123456789abcdef0123456789abcdef01234567"
LARGE = "model.bin"
"""Kept as the hub keeps large files: known by its SHA-256, and sent from another address."""


@dataclass
class HubServer:
    """What is served (``repositories``: owner/name → folder), how it misbehaves, and what was asked.

    ``breaks``: how many bytes of a file's answer are sent before the connection closes, one entry an answer.
    ``flipped``: files with a wrong last bit. ``answer`` and ``page``: this status or text for everything.
    ``resumes`` False: ``Range`` is ignored. ``waits``: a connection breaks only when that is
    set; ``reached`` is set before.
    ``sent`` counts bytes by file. It is a forwarding proxy as well, for addresses that it serves itself.
    """

    repositories: dict[str, Path]
    url: str = ""
    revision: str = REVISION
    breaks: dict[str, list[int]] = field(default_factory=dict)
    flipped: set[str] = field(default_factory=set)
    answer: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)
    page: bytes = b""
    hides_hashes: bool = False
    resumes: bool = True
    waits: threading.Event | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    sent: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def model_info(self, repository: str) -> dict[str, Any]:
        """As ``GET /api/models/owner/name?blobs=true`` answers."""
        files = [path for path in sorted(self.repositories[repository].rglob("*")) if path.is_file()]
        siblings = [self._sibling(path, self.repositories[repository]) for path in files]
        return {"_id": "1", "id": repository, "sha": self.revision, "private": False, "siblings": siblings}

    def _sibling(self, path: Path, root: Path) -> dict[str, Any]:
        data = path.read_bytes()
        git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        sibling: dict[str, Any] = {"rfilename": str(path.relative_to(root)), "size": len(data)}
        if self.hides_hashes:
            return sibling
        if path.name == LARGE:
            sibling["lfs"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "pointerSize": 134}
        return sibling | {"blobId": git}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: HubServer

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append((path, {key.lower(): value for key, value in self.headers.items()}))
        parts = path.strip("/").split("/")
        if self.hub.answer or self.hub.page:
            self._whole(self.hub.page or b"no", self.hub.answer or 200, self.hub.answer_headers)
        elif parts[:2] == ["api", "models"]:
            self._info("/".join(parts[2:4]))
        elif parts[0] == "elsewhere":
            self._file(self.hub.repositories["/".join(parts[1:3])] / parts[-1])
        else:
            self._resolve("/".join(parts[:2]), parts[3], parts[-1])

    def _info(self, repository: str) -> None:
        if repository not in self.hub.repositories:
            self._whole(b"{}", 404, {"X-Error-Code": "RepoNotFound"})
        else:
            self._whole(json.dumps(self.hub.model_info(repository)).encode())

    def _resolve(self, repository: str, revision: str, name: str) -> None:
        if revision != self.hub.revision:
            self._whole(b"", 404, {"X-Error-Code": "RevisionNotFound"})
        elif name == LARGE:
            self._whole(b"", 302, {"Location": f"{self.hub.url}/elsewhere/{repository}/{name}"})
        else:
            self._file(self.hub.repositories[repository] / name)

    def _file(self, path: Path) -> None:
        data = path.read_bytes()
        if path.name in self.hub.flipped:
            data = data[:-1] + bytes([data[-1] ^ 1])
        start = self._start() if self.hub.resumes else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        breaks = self.hub.breaks.get(path.name)
        body = data[start : start + breaks.pop(0)] if breaks else data[start:]
        self.hub.sent[path.name] += len(body)
        self.wfile.write(body)
        self.close_connection = len(body) < len(data) - start
        if self.close_connection and self.hub.waits:
            self.wfile.flush()
            self.hub.reached.set()
            self.hub.waits.wait(30)

    def _start(self) -> int:
        asked = self.headers.get("Range", "")
        return int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0

    def _whole(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests keep quiet."""


@contextmanager
def serving(repositories: dict[str, Path]) -> Iterator[HubServer]:
    """Serves until the block is left."""
    hub = HubServer(repositories)
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
