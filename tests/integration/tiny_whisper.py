"""Makes a tiny Whisper model in CTranslate2's format that says what a script says, whatever it hears. For tests.

The sizes are tiny, but the files, the vocabulary's layout and the way through CTranslate2 are those of a real model.
Attention adds nothing; each place in the sequence has a vector of its own, and the output layer answers that vector
with the scripted token. So the text is known, and ends, and a forced prefix is continued where it belongs. A model with
``short_says`` does listen, but only to how long its window is.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import WordLevel

WIDTH = 64
MELS = 80
PLACES = 448
AUDIO_STEPS = 1500
TEXT_TOKENS = 100
LANGUAGES = 99
TIMESTAMPS = 1501
EOT, SOT, FIRST_LANGUAGE = TEXT_TOKENS, TEXT_TOKENS + 1, TEXT_TOKENS + 2
UNKNOWN = ""
"""Real multilingual vocabularies have an empty token as well; CTranslate2 knows them by it."""
LANGUAGE_PLACE = {"en": 0, "de": 2, "nl": 12}
TRANSCRIBE = FIRST_LANGUAGE + LANGUAGES + 1
NO_SPEECH = TRANSCRIBE + 3
PROMPT = 4
"""Places before the first word: start, language, task, no timestamps."""


SHORT_STEPS = 750
"""A window of at most so many steps of the encoder (15 s) is short."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a tiny model is like.

    ``silent``: it says that nobody speaks. Words of the script that are ``unsure`` get a probability of about 0.6.
    ``context`` is how many tokens stand before the start of the transcript; a model made for that reads ``otherwise``
    without them. ``short_says`` is what it reads in place of the script's first words in a short window. ``aligns``
    False leaves out which attention heads tell word times. ``mels`` is how many bands of sound it hears.
    """

    language: str = "nl"
    silent: bool = False
    unsure: Sequence[str] = ()
    context: int = 0
    otherwise: Sequence[str] = ()
    short_says: Sequence[str] = ()
    aligns: bool = True
    mels: int = MELS

    @property
    def first(self) -> int:
        """The place whose answer is the script's first word."""
        return self.context + PROMPT - 1


def make_tiny_whisper(folder: Path, script: Sequence[str] = ("goedemorgen", "met", "Anna."), **traits: Any) -> Path:
    """Writes a model with these ``traits`` (see ``Traits``) into ``folder`` and returns it."""
    like = Traits(**traits)
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = _vocabulary((*script, *like.otherwise, *like.short_says))
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"))
    spec = WhisperSpec(1, 2, 1, 2)
    rng = np.random.default_rng(7)
    _fill(spec, rng, like.mels)
    places = _signs(rng, PLACES)
    places[like.first + max(len(script), len(like.short_says)) :] = places[-1]  # from here on there is nothing to say
    for at, word in enumerate(script, start=like.first):
        places[at] = places[like.first + script.index(word)]
    spec.decoder.position_encodings.encodings = places
    answers = _answers(vocabulary, places, script, like)
    for number, word in enumerate(like.unsure, start=2):
        answers[EOT - number] = places[like.first + script.index(word)] * (0.5 - math.log(0.6 / 0.4) / WIDTH)
    if like.short_says:
        window = _hear_the_window(spec, rng)
        for place, word in enumerate(like.short_says, start=like.first):
            answers[vocabulary.index(f"Ġ{word}")] = places[place] * 0.4 + window * 0.3
    spec.decoder.projection.weight = answers
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [EOT]
    spec.config.lang_ids = list(range(FIRST_LANGUAGE, FIRST_LANGUAGE + LANGUAGES))
    spec.config.alignment_heads = [(0, 0)] if like.aligns else None
    spec.validate()
    spec.save(str(folder))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": like.mels}))
    return folder


def _vocabulary(script: Sequence[str]) -> list[str]:
    """The tokens in Whisper's order; the script's words come first, each a token with its space."""
    words = [f"Ġ{word}" for word in dict.fromkeys(script)]
    words += [f"Ġfiller{number}" for number in range(len(words), TEXT_TOKENS - 1)]
    places = {place: code for code, place in LANGUAGE_PLACE.items()}
    languages = [f"<|{places.get(place, f'x{place}')}|>" for place in range(LANGUAGES)]
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    special = ["<|endoftext|>", "<|startoftranscript|>", *languages, *(f"<|{task}|>" for task in tasks)]
    return [*words, UNKNOWN, *special, *(f"<|{step * 0.02:.2f}|>" for step in range(TIMESTAMPS))]


def _tokenizer(vocabulary: list[str]) -> Tokenizer:
    """Whole words only; anything else is unknown."""
    tokenizer = Tokenizer(WordLevel({token: place for place, token in enumerate(vocabulary)}, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in vocabulary[EOT:]])
    return tokenizer


def _fill(spec: Any, rng: np.random.Generator, mels: int) -> None:
    """Small random weights for the encoder, and a decoder in which everything but the places is nought."""
    spec.decoder.scale_embeddings = False
    spec.encoder.conv1.weight = _random(rng, WIDTH, mels, 3)
    spec.encoder.conv2.weight = _random(rng, WIDTH, WIDTH, 3)
    spec.encoder.conv1.bias = spec.encoder.conv2.bias = np.zeros(WIDTH, np.float32)
    spec.encoder.position_encodings.encodings = _random(rng, AUDIO_STEPS, WIDTH)
    spec.decoder.embeddings.weight = np.zeros((FIRST_LANGUAGE + LANGUAGES + 6 + TIMESTAMPS, WIDTH), np.float32)
    for part, scale in ((spec.encoder, 1.0), (spec.decoder, 0.0)):
        _fill_norm(part.layer_norm)
        for layer in part.layer:
            _fill_attention(layer.self_attention, rng, scale)
            if hasattr(layer, "attention"):
                _fill_attention(layer.attention, rng, scale)
            _fill_norm(layer.ffn.layer_norm)
            _fill_linear(layer.ffn.linear_0, rng, (2 * WIDTH, WIDTH), scale)
            _fill_linear(layer.ffn.linear_1, rng, (WIDTH, 2 * WIDTH), scale)


def _fill_attention(attention: Any, rng: np.random.Generator, scale: float) -> None:
    _fill_norm(attention.layer_norm)
    fused = {2: (3,), 3: (1, 2)}[len(attention.linear)]
    for linear, times in zip(attention.linear, fused, strict=False):
        _fill_linear(linear, rng, (times * WIDTH, WIDTH), 1.0)
    _fill_linear(attention.linear[-1], rng, (WIDTH, WIDTH), scale)


def _fill_norm(norm: Any) -> None:
    norm.gamma, norm.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


def _fill_linear(linear: Any, rng: np.random.Generator, shape: tuple[int, int], scale: float) -> None:
    linear.weight = _random(rng, *shape) * np.float32(scale)
    linear.bias = np.zeros(shape[0], np.float32)


def _random(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(0, 0.1, shape).astype(np.float32)


def _signs(rng: np.random.Generator, count: int) -> np.ndarray:
    """Vectors of plus and minus one, nearly at right angles to each other, with a mean of nought."""
    signs = rng.choice([-1.0, 1.0], (count, WIDTH)).astype(np.float32)
    return signs - signs.mean(axis=1, keepdims=True)


def _hear_the_window(spec: Any, rng: np.random.Generator) -> np.ndarray:
    """Makes the decoder see a vector in a short window that later steps take away again; returns the vector."""
    (window,) = _signs(rng, 1)
    spec.encoder.conv1.weight[:] = spec.encoder.conv2.weight[:] = 0
    steps = np.where(np.arange(AUDIO_STEPS) < SHORT_STEPS, 1.0, -1.0)
    spec.encoder.position_encodings.encodings = np.outer(steps, window).astype(np.float32)
    for layer in spec.encoder.layer:
        _fill_linear(layer.self_attention.linear[-1], rng, (WIDTH, WIDTH), 0.0)
        _fill_linear(layer.ffn.linear_1, rng, (WIDTH, 2 * WIDTH), 0.0)
    query, keys_and_values, out = spec.decoder.layer[0].attention.linear[:3]
    query.weight[:] = 0  # so all steps count alike
    same = np.eye(WIDTH, dtype=np.float32)
    keys_and_values.weight, out.weight = np.concatenate((0 * same, same)), same
    return window


def _answers(vocabulary: list[str], places: np.ndarray, script: Sequence[str], like: Traits) -> np.ndarray:
    """The output layer: at each place the scripted token, at the first one the language or that nobody speaks."""
    weight = np.zeros((len(vocabulary), WIDTH), np.float32)
    for word in dict.fromkeys(script):
        weight[vocabulary.index(f"Ġ{word}")] += places[like.first + script.index(word)] * 0.5
    weight[EOT] = places[-1] * 0.5
    if len(like.short_says) > len(script):
        weight[EOT] += places[like.first + len(script)] * 0.5
    if like.otherwise:
        for place, word in enumerate(like.otherwise, start=PROMPT - 1):
            weight[vocabulary.index(f"Ġ{word}")] += places[place] * 0.5
        weight[EOT] += places[PROMPT - 1 + len(like.otherwise)] * 0.5
    weight[FIRST_LANGUAGE + LANGUAGE_PLACE[like.language]] += places[0] * 0.2
    weight[NO_SPEECH] += places[like.context] * (0.6 if like.silent else 0.0)
    return weight
