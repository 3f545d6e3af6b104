"""Writes Whisper models with random weights and the true shapes of tiny, base and small, in 8 bits. For measuring cost.

What they read is noise; what it costs is what a real model costs, for neither the encoder nor a step of the decoder
depends on the weights. Nothing is measured here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import WordLevel

MELS, AUDIO_STEPS, TEXT_PLACES = 80, 1500, 448
WORDS, LANGUAGES = 50_257, ("en", "nl", *(f"x{number}" for number in range(97)))
TASKS = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")
TIMESTAMPS = 1501


@dataclass(frozen=True, slots=True)
class Shape:
    """The width of all layers, how many the encoder and the decoder have each, and their attention heads."""

    width: int
    layers: int
    heads: int


SHAPES = {"tiny": Shape(384, 4, 6), "base": Shape(512, 6, 8), "small": Shape(768, 12, 12)}


def make_model(folder: Path, shape: Shape) -> None:
    """Writes a model of ``shape`` into ``folder``."""
    vocabulary = list(_vocabulary())
    spec: Any = WhisperSpec(shape.layers, shape.heads, shape.layers, shape.heads)
    _Weights(shape.width, np.random.default_rng(1)).fill(spec, len(vocabulary))
    spec.register_vocabulary(vocabulary)
    first = WORDS + 2
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [WORDS]
    spec.config.lang_ids = list(range(first, first + len(LANGUAGES)))
    spec.config.alignment_heads = [(shape.layers - 1, 0)]
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}))
    tokenizer = Tokenizer(WordLevel({token: at for at, token in enumerate(vocabulary)}, unk_token=""))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in vocabulary[WORDS:]])
    tokenizer.save(str(folder / "tokenizer.json"))


def _vocabulary() -> Iterator[str]:
    """The tokens in the order of a multilingual model: 51,865."""
    yield from (f"Ġw{number}" for number in range(WORDS - 1))
    yield ""
    yield from ("<|endoftext|>", "<|startoftranscript|>")
    yield from (f"<|{name}|>" for name in (*LANGUAGES, *TASKS))
    yield from (f"<|{step * 0.02:.2f}|>" for step in range(TIMESTAMPS))


@dataclass(frozen=True, slots=True)
class _Weights:
    """Random weights for layers of one width."""

    width: int
    rng: np.random.Generator

    def fill(self, spec: Any, words: int) -> None:
        """All of a model."""
        width = self.width
        spec.encoder.conv1.weight = self._random(width, MELS, 3)
        spec.encoder.conv2.weight = self._random(width, width, 3)
        spec.encoder.conv1.bias = spec.encoder.conv2.bias = np.zeros(width, np.float32)
        spec.encoder.position_encodings.encodings = self._random(AUDIO_STEPS, width)
        spec.decoder.position_encodings.encodings = self._random(TEXT_PLACES, width)
        spec.decoder.embeddings.weight = self._random(words, width)
        spec.decoder.projection.weight = spec.decoder.embeddings.weight
        for part in (spec.encoder, spec.decoder):
            self._norm(part.layer_norm)
            for layer in part.layer:
                self._layer(layer)

    def _layer(self, layer: Any) -> None:
        for attention in (layer.self_attention, getattr(layer, "attention", None)):
            if attention is not None:
                self._norm(attention.layer_norm)
                fused = {2: (3, 1), 3: (1, 2, 1)}[len(attention.linear)]
                for linear, times in zip(attention.linear, fused, strict=True):
                    self._linear(linear, times * self.width, self.width)
        self._norm(layer.ffn.layer_norm)
        self._linear(layer.ffn.linear_0, 4 * self.width, self.width)
        self._linear(layer.ffn.linear_1, self.width, 4 * self.width)

    def _norm(self, norm: Any) -> None:
        norm.gamma, norm.beta = np.ones(self.width, np.float32), np.zeros(self.width, np.float32)

    def _linear(self, linear: Any, out: int, into: int) -> None:
        linear.weight, linear.bias = self._random(out, into), np.zeros(out, np.float32)

    def _random(self, *shape: int) -> NDArray[np.float32]:
        return self.rng.standard_normal(shape, np.float32) * np.float32(0.05)
