"""Moonshine's two networks on onnxruntime: audio to features, features and tokens to logits.

Moonshine (Jeffries et al. 2024) is an encoder and decoder without fixed window: the cost grows with the audio. The
decoder file holds two graphs, chosen by ``use_cache_branch``: the first run computes the keys and values of the audio,
the others reuse them. What to feed and when to stop is decided in ``decoding``; files are found by ``files``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from live_sentiment.errors import EngineUnavailable
from live_sentiment.moonshine.decoding import Logits
from live_sentiment.moonshine.files import ADVICE, MoonshineFiles
from live_sentiment.onnx_sessions import LOAD_ERRORS, open_session
from live_sentiment.transcriber import Samples

HEADS = 8
HEAD_SIZE = 36
SHORTEST = 1600
"""Samples; shorter audio is padded with silence, for the encoder's convolutions need 895."""

_PAST = "past_key_values."
_PRESENT = "present."


class Node(Protocol):
    """An input or output of a network."""

    name: str


class Session(Protocol):
    """What is used of ``onnxruntime.InferenceSession``, which carries no types."""

    def run(self, outputs: list[str] | None, inputs: dict[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """The outputs asked for, None for all."""
        ...

    def get_inputs(self) -> Sequence[Node]:
        """The network's inputs."""
        ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """Audio as the decoder takes it: ``features`` float32 (1, steps, 288), ``mask`` int64 (1, samples)."""

    features: NDArray[np.float32]
    mask: NDArray[np.int64]


class MoonshineModel:
    """The loaded networks. Holds no state of any utterance, so channels share it; one thread at a time is enough."""

    def __init__(self, encoder: Session, decoder: Session) -> None:
        self._encoder = encoder
        self._decoder = decoder
        names = (node.name for node in decoder.get_inputs())
        self._caches = [name.removeprefix(_PAST) for name in names if name.startswith(_PAST)]

    @classmethod
    def load(cls, files: MoonshineFiles, threads: int = 1) -> Self:
        """Loads both networks with ``threads`` threads each (a second one was measured to gain nothing).

        Raises:
            EngineUnavailable: onnxruntime does not take a file.
        """
        try:
            encoder, decoder = (
                cast("Session", open_session(path, threads=threads, keep_memory=False))
                for path in (files.encoder, files.decoder)
            )
        except LOAD_ERRORS as error:
            what = f"onnxruntime {onnxruntime.__version__} does not load the speech model for English: {error}"
            raise EngineUnavailable(what, ADVICE) from error
        return cls(encoder, decoder)

    def encode(self, samples: Samples) -> Encoded:
        """The features of ``samples``; about 6 ms per second of audio."""
        missing = SHORTEST - samples.size
        audio = np.pad(samples, (0, missing)) if missing > 0 else samples
        mask = np.ones((1, audio.size), np.int64)
        inputs = {"input_values": audio[np.newaxis], "attention_mask": mask}
        (features,) = self._encoder.run(None, inputs)
        return Encoded(features, mask)

    def network(self, encoded: Encoded) -> "DecoderRun":
        """A fresh decoder over ``encoded``."""
        return DecoderRun(self._decoder, self._caches, encoded)


class DecoderRun:
    """The decoder over one piece of audio, with its cache of keys and values: a ``decoding.Network``."""

    def __init__(self, session: Session, caches: Sequence[str], encoded: Encoded) -> None:
        self._session = session
        self._inputs: dict[str, NDArray[Any]] = {
            "encoder_hidden_states": encoded.features,
            "encoder_attention_mask": encoded.mask,
        }
        nothing = np.zeros((1, HEADS, 0, HEAD_SIZE), np.float32)
        self._cache: dict[str, NDArray[np.float32]] = dict.fromkeys(caches, nothing)
        self._own = [name for name in caches if ".decoder." in name]
        self._fed = 0

    def feed(self, tokens: Sequence[int]) -> Logits:
        """Appends ``tokens``; row i says what comes after the i-th. The first call also reads the audio."""
        answered = self._own if self._fed else list(self._cache)
        outputs = ["logits", *(_PRESENT + name for name in answered)]
        inputs = self._inputs | {_PAST + name: cache for name, cache in self._cache.items()}
        inputs["input_ids"] = np.array([tokens], np.int64)
        inputs["use_cache_branch"] = np.array([self._fed > 0])
        logits, *caches = self._session.run(outputs, inputs)
        self._cache.update(zip(answered, caches, strict=True))
        self._fed += len(tokens)
        return logits[0]

    def keep(self, length: int) -> None:
        """Forgets all but the first ``length`` tokens fed."""
        if length < self._fed:
            for name in self._own:
                self._cache[name] = self._cache[name][:, :, :length]
            self._fed = length
