"""Whisper's steps on CTranslate2: audio to features, language, tokens, word times.

faster-whisper provides the loading, the features, the tokenizer and the reading of alignments. Its ``transcribe`` is
not used: it always hears 30 s, runs over several windows, and knows no prefix that counts as said. Here each step is
one call over one window, whose length ``windows`` decides. What to ask for and when is decided in ``engine``.
"""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from live_sentiment.errors import EngineUnavailable
from live_sentiment.transcriber import Samples
from live_sentiment.whisper import files
from live_sentiment.whisper.context import Context
from live_sentiment.whisper.doubts import before_loop
from live_sentiment.whisper.plan import Aligned, Heard, Plan, Said
from live_sentiment.whisper.scores import Speller, compression, log_probabilities, mean, word_probabilities
from live_sentiment.whisper.windows import PADDED, WindowConfig

SHORTEST = 1600
"""Samples; shorter audio is padded with silence, for an alignment needs a few frames."""
PUNCTUATION = ".,?!;:… "


class WhisperReader:
    """A loaded model. Holds no state of any utterance; all channels share it, from one thread.

    ``aligns``: whether the model knows which of its attention heads tell word times.
    """

    def __init__(self, model: Any, *, aligns: bool) -> None:
        self._model = model
        self.aligns = aligns
        self.multilingual: bool = model.model.is_multilingual
        self._spellers: dict[str, Speller] = {}

    @classmethod
    def load(cls, directory: Path, threads: int) -> Self:
        """Loads the model in ``directory`` with int8 weights on the processor, without asking anything of a network.

        Raises:
            EngineUnavailable: the directory is incomplete, CTranslate2 does not take it, or its files do not fit each
                other.
        """
        files.check(directory)
        with _plain_trouble(directory):
            model = _model(directory, threads)
            reader = cls(model, aligns=files.has_alignment_heads(directory))
            _check_features(model, directory)
            reader.try_out()
        return reader

    def try_out(self) -> None:
        """Takes every step once, on 0.1 s of silence: a model whose files do not fit fails here, not in a call.

        Raises:
            Exception: whatever the libraries raise.
        """
        heard = self.hear(np.zeros(SHORTEST, np.float32), WindowConfig(margin=0.0, shortest=0.0))
        if self.multilingual:
            self.languages(heard)
        said = self.read(heard, Plan("en", most_tokens=1))
        if self.aligns and said.tokens:
            self.align(heard, "en", said.tokens)

    def knows(self, language: str) -> bool:
        """Whether the model knows ``language`` (an ISO 639-1 code)."""
        if not self.multilingual:
            return language == "en"
        listed = language in cast("list[str]", self._model.supported_languages)
        return listed and self._model.hf_tokenizer.token_to_id(f"<|{language}|>") is not None

    def fitting(self, context: Context) -> Context:
        """``context`` without the names that are too many: half of the model's length is for the reading."""
        return context.fitting(self._speller("en").encode, self._most_ever - 1)

    def spell(self, context: Context) -> tuple[int, ...]:
        """The tokens of ``context``, the last ones if it is too long."""
        return context.tokens(self._speller("en").encode)[1 - self._most_ever :]

    def hear(self, samples: Samples, window: WindowConfig = PADDED) -> Heard:
        """The encoded features of ``samples``, of which the last 30 s count, in a window."""
        missing = max(0, SHORTEST - samples.size)
        mel = cast("NDArray[np.float32]", self._model.feature_extractor(np.pad(samples, (0, missing))))
        mel = mel[:, -PADDED.frames(0) :]
        padded = np.zeros((mel.shape[0], window.frames(mel.shape[1])), np.float32)
        padded[:, : mel.shape[1]] = mel
        return Heard(self._model.encode(padded), mel.shape[1])

    def languages(self, heard: Heard) -> dict[str, float]:
        """The probability of each language the model knows; costs a run of the decoder over one token."""
        ranked = cast("list[tuple[str, float]]", self._model.model.detect_language(heard.features)[0])
        return {token.strip("<|>"): probability for token, probability in ranked}

    def read(self, heard: Heard, plan: Plan) -> Said:
        """Greedy reading of ``heard`` as ``plan`` says.

        CTranslate2 feeds a prefix token by token, so it costs what reading it costs; a context goes in at once.
        """
        speller = self._speller(plan.language)
        opening = cast("list[int]", self._model.get_prompt(speller, list(plan.context), without_timestamps=True))
        forced = speller.encode(f" {plan.prefix}")[: self._most_ever - 1] if plan.prefix else []
        most = min(len(forced) + plan.most_tokens, self._most_ever)
        result = self._model.model.generate(
            heard.features,
            [[*opening, *forced]],
            beam_size=1,
            max_length=self._length(most, len(opening)),
            return_scores=True,
            return_logits_vocab=True,
            return_no_speech_prob=True,
        )[0]
        return _said(result, speller, len(forced), most)

    def align(self, heard: Heard, language: str, tokens: Sequence[int]) -> list[Aligned]:
        """When each word of ``tokens`` is said, by the attention of the decoder; white space parts the words."""
        found = self._model.find_alignment(self._speller(language), [list(tokens)], heard.features, heard.frames)
        words: list[Aligned] = []
        for piece in cast("list[dict[str, Any]]", found[0] if found else []):
            text = str(piece["word"])
            part = Aligned(text.strip(), float(piece["start"]), float(piece["end"]), float(piece["probability"]))
            if words and not text.startswith(" "):
                last = words.pop()
                part = Aligned(last.text + part.text, last.start, part.end, last.probability)
            words.append(part)
        return [word for word in words if word.text]

    @property
    def _most_ever(self) -> int:
        """The tokens that can come out, forced ones too."""
        return cast("int", self._model.max_length) // 2

    def _length(self, most: int, opening: int) -> int:
        """CTranslate2's ``max_length`` with which at most ``most`` tokens come out after an ``opening`` of so many.

        It lets half of it come out, and no more than it leaves after the opening.
        """
        return min(max(2 * most, most + opening - 1), cast("int", self._model.max_length))

    def _speller(self, language: str) -> Speller:
        """faster-whisper's tokenizer for ``language``; made once each."""
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415 - loaded with the model

        if language not in self._spellers:
            tokenizer = Tokenizer(self._model.hf_tokenizer, self.multilingual, task="transcribe", language=language)
            self._spellers[language] = cast("Speller", tokenizer)
        return self._spellers[language]


def _model(directory: Path, threads: int) -> Any:
    """faster-whisper's model, with its weights in int8."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when faster-whisper is imported, hence not at the top
    from faster_whisper import WhisperModel  # noqa: PLC0415 - takes half a second

    return WhisperModel(str(directory), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)


@contextmanager
def _plain_trouble(directory: Path) -> Generator[None]:
    """Says plainly that the model in ``directory`` does not work, whatever is raised.

    Raises:
        EngineUnavailable: anything was.
    """
    try:
        yield
    except EngineUnavailable:
        raise
    except Exception as error:  # tokenizers raises nothing finer; what others made breaks at any place
        what = f"The speech model in {directory} does not load: {error}"
        raise EngineUnavailable(what, files.advice(directory)) from error


def _check_features(model: Any, directory: Path) -> None:
    """Raises ``EngineUnavailable`` where the features that are computed are not those that the model hears."""
    heard, made = model.model.n_mels, model.feature_extractor.mel_filters.shape[0]
    if heard == made:
        return
    settings = directory / files.PREPROCESSOR
    why = f"{settings.name} makes {made}" if settings.is_file() else f"{settings.name}, which would say so, is missing"
    raise EngineUnavailable(
        f"The speech model in {directory} does not load: it hears {heard} bands of sound, and {why}.",
        f"Take {settings.name} from where the model came from, too. {files.advice(directory)}",
    )


def _said(result: Any, speller: Speller, forced: int, most: int) -> Said:
    """What CTranslate2 answered: a sequence that begins with the ``forced`` tokens and has at most ``most``."""
    sequence = cast("list[int]", result.sequences_ids[0])
    certain = log_probabilities(result.logits[0], sequence)
    spoken = [place for place, token in enumerate(sequence) if token < speller.eot]
    tokens = [sequence[place] for place in spoken]
    kept = forced + before_loop(tokens[forced:])
    return Said(
        text=speller.decode(tokens[:kept]).strip(),
        tokens=tuple(tokens[:kept]),
        log_probability=mean(float(result.scores[0]), len(sequence), len(sequence) - forced),
        no_speech=float(result.no_speech_prob),
        compression=compression(speller.decode(tokens).strip()),
        capped=len(sequence) >= most,
        probabilities=word_probabilities(speller, tokens[:kept], [certain[at] for at in spoken[:kept]])
        if certain
        else (),
        looped=kept < len(tokens),
    )
