"""A source of models: which files a model consists of, what each must be, and their bytes from any place on.

Talks with the public hub, or with a mirror that speaks the same way, through huggingface_hub: its list of files, its
addresses, and its HTTP session, which follows the proxy variables and trusts the system's certificates. Its own
download is not used: it throws away what it has when the connection breaks (2.4), and cannot be watched by the byte.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from huggingface_hub import HfApi, constants, get_session, hf_hub_url
from huggingface_hub.hf_api import RepoSibling
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # pyright: ignore[reportUnknownVariableType]

from server.errors import SourceUnclear
from server.models.shelf import MODEL_FILES
from server.models.trouble import BY_HAND, host, plain_trouble

ANSWER_WITHIN = 20.0
"""Seconds without a byte after which a source counts as gone."""
_FROM_THERE_ON = 206
_NAME = "spiegel"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a model: its ``size`` in bytes, and its ``sha256``, or else ("") the ``git`` SHA-1 of small files."""

    name: str
    url: str
    size: int
    sha256: str
    git: str

    @property
    def digest(self) -> str:
        """The hash that it is checked by, in hexadecimal digits."""
        return self.sha256 or self.git


@dataclass(frozen=True, slots=True)
class Listing:
    """A model at one ``revision``: the files of it that Spiegel needs, the small ones first."""

    source: str
    repository: str
    revision: str
    files: tuple[RemoteFile, ...]

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size for file in self.files)


class Hub:
    """One source; ``source`` is a mirror's address, "" for the public hub (or what HF_ENDPOINT names)."""

    def __init__(self, source: str = "") -> None:
        constants.HF_HUB_DISABLE_TELEMETRY = True  # says nothing about this machine but our name
        self.source = source.rstrip("/") or constants.ENDPOINT
        # A token that was stored by logging in belongs to the public hub; a mirror gets one only when it is named.
        self._token = None if not source else os.environ.get("HF_TOKEN") or False
        self._headers = build_hf_headers(token=self._token, library_name=_NAME, library_version=version(_NAME))

    def listing(self, repository: str) -> Listing:
        """The files of ``repository`` as it is now; later changes there do not mix in.

        Raises:
            SpeechModelFault: one of its kinds, with what to do.
        """
        api = HfApi(self.source, self._token, library_name=_NAME, library_version=version(_NAME))
        with plain_trouble(self.source, repository):
            info = api.model_info(repository, files_metadata=True, timeout=ANSWER_WITHIN)
        revision, there = info.sha or "", {sibling.rfilename: sibling for sibling in info.siblings or ()}
        if not revision:
            raise self._unclear(f"it does not tell the revision of {repository}")
        found = tuple(self._file(repository, revision, there[name]) for name in MODEL_FILES if name in there)
        return Listing(self.source, repository, revision, found)

    def chunks(self, file: RemoteFile, start: int) -> Iterator[bytes]:
        """The bytes of ``file`` from ``start`` on.

        Raises:
            SpeechModelFault: one of its kinds, with what to do.
        """
        # identity: what is checked and resumed are the file's own bytes, not a compressed form of them
        headers = {**self._headers, "Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        with (
            plain_trouble(file.url, file.name),
            get_session().stream("GET", file.url, headers=headers, timeout=ANSWER_WITHIN) as response,
        ):
            hf_raise_for_status(response)
            passed_over = 0 if response.status_code == _FROM_THERE_ON else start
            for chunk in response.iter_bytes():  # as it comes in; a source that cannot resume sends all again
                yield chunk[passed_over:]
                passed_over = max(0, passed_over - len(chunk))

    def _file(self, repository: str, revision: str, sibling: RepoSibling) -> RemoteFile:
        name, lfs = sibling.rfilename, sibling.lfs
        size, sha256 = (lfs.size, lfs.sha256) if lfs else (sibling.size, "")
        git = "" if lfs else sibling.blob_id or ""
        if size is None or not (sha256 or git):
            raise self._unclear(f"it does not tell the size and hash of {name}, so nothing could be checked")
        url = hf_hub_url(repository, name, revision=revision, endpoint=self.source)
        return RemoteFile(name, url, size, sha256, git)

    def _unclear(self, why: str) -> SourceUnclear:
        return SourceUnclear(f"{host(self.source)} is no source of models that Spiegel can use: {why}.", BY_HAND)
