"""Silero's voice activity network (v6) on onnxruntime: 32 ms of audio in, the probability of speech out.

The weights travel in faster-whisper's wheel; that package is found on the disk but never imported, since importing it
takes a second. Here live the loaded network (one for all channels) and a channel's stream of it, which can hear again
what it just heard. When it is asked, and what its answer means for an utterance, is decided in ``vad`` and
``endpointer``.
"""

from collections import deque
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from live_sentiment.errors import EngineUnavailable, UnsupportedAudio
from live_sentiment.events import FRAME_SAMPLES
from live_sentiment.onnx_sessions import LOAD_ERRORS, open_session

CONTEXT_SAMPLES = 64
"""The end of the frame before, which the network wants to hear again."""
STATE_SHAPE = (1, 1, 128)
_INPUTS = ("input", "h", "c")
_WEIGHTS = Path("assets", "silero_vad_v6.onnx")
_ADVICE = "Install Spiegel's dependencies again (make .venv); the network comes with the package faster-whisper 1.2."

_FloatArray = NDArray[np.float32]


class _Session(Protocol):
    """What is used of ``onnxruntime.InferenceSession``, which carries no types."""

    def run(self, output_names: Sequence[str] | None, input_feed: dict[str, _FloatArray]) -> list[_FloatArray]: ...


class SileroModel:
    """The loaded network; it keeps no state, so all channels and threads may share it."""

    def __init__(self, session: _Session) -> None:
        self._session = session

    @classmethod
    def load(cls, path: Path | None = None) -> "SileroModel":
        """Loads the network from ``path``, by default from faster-whisper's wheel (about 30 ms).

        Raises:
            EngineUnavailable: the file is missing, damaged, or another network.
        """
        path = path or default_path()
        if not path.is_file():
            raise EngineUnavailable(f"The voice detector's network is missing: {path}", _ADVICE)
        try:
            session = open_session(path)
        except LOAD_ERRORS as error:
            raise EngineUnavailable(f"The voice detector's network does not load: {error}", _ADVICE) from error
        names = tuple(node.name for node in session.get_inputs())
        if names != _INPUTS:
            raise EngineUnavailable(f"Another network than Silero v6: its inputs are {', '.join(names)}", _ADVICE)
        return cls(session)

    def run(
        self, window: _FloatArray, hidden: _FloatArray, cell: _FloatArray
    ) -> tuple[float, _FloatArray, _FloatArray]:
        """The probability of speech in ``window`` and the state after it.

        Args:
            window: float32[1, 576], -1 to 1: ``CONTEXT_SAMPLES`` of the frame before, then one frame.
            hidden: float32 of ``STATE_SHAPE``.
            cell: float32 of ``STATE_SHAPE``.
        """
        probabilities, hidden, cell = self._session.run(None, {"input": window, "h": hidden, "c": cell})
        return float(probabilities.reshape(-1)[0]), hidden, cell


class SileroStream:
    """One channel's stream through the network. Not safe for two threads at once."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self.reset()

    def reset(self) -> None:
        """Forgets what was heard: the next frame is the first."""
        self._hidden = np.zeros(STATE_SHAPE, np.float32)
        self._cell = np.zeros(STATE_SHAPE, np.float32)
        self._window = np.zeros((1, CONTEXT_SAMPLES + FRAME_SAMPLES), np.float32)

    @property
    def state(self) -> tuple[_FloatArray, _FloatArray]:
        """What the network remembers: two float32 of ``STATE_SHAPE``."""
        return self._hidden, self._cell

    def prime(self, samples: _FloatArray) -> None:
        """Takes ``samples`` (float32[512]) for the frame before the first."""
        self._window[0, -CONTEXT_SAMPLES:] = samples[-CONTEXT_SAMPLES:]

    def accept(self, samples: _FloatArray) -> float:
        """The probability (0 to 1) that this frame is speech.

        Args:
            samples: float32[512], -1 to 1, at 16 kHz; the frame after the one before.

        Raises:
            UnsupportedAudio: another number of samples.
        """
        if samples.shape != (FRAME_SAMPLES,):
            what = f"A frame has {FRAME_SAMPLES} samples, this one has the shape {samples.shape}"
            raise UnsupportedAudio(what, "Cut the audio into frames first (live_sentiment.vad pads the last one).")
        self._window[0, :CONTEXT_SAMPLES] = self._window[0, -CONTEXT_SAMPLES:]
        self._window[0, CONTEXT_SAMPLES:] = samples
        probability, self._hidden, self._cell = self._model.run(self._window, self._hidden, self._cell)
        return probability


class RehearingStream(SileroStream):
    """A stream that can hear its last frames again with an open mind. Not safe for two threads at once.

    Args:
        model: the loaded network.
        kept: how many frames are heard again.
    """

    def __init__(self, model: SileroModel, kept: int) -> None:
        self._kept: deque[_FloatArray] = deque(maxlen=kept + 1)
        super().__init__(model)

    def reset(self) -> None:
        """Forgets what was heard: the next frame is the first."""
        super().reset()
        self._kept.clear()

    def accept(self, samples: _FloatArray) -> float:
        """As ``SileroStream.accept``."""
        probability = super().accept(samples)
        self._kept.append(samples)
        return probability

    def afresh(self, last: int, needed: float) -> float:
        """The mean probability of speech in the ``last`` frames when the network hears them without a past.

        Where that is not over ``needed``, the stream goes on from there instead of from its own past.
        """
        fresh = SileroStream(self._model)
        before, *again = self._kept
        fresh.prime(before)
        probabilities = [fresh.accept(samples) for samples in again][-last:]
        mean = sum(probabilities) / max(1, len(probabilities))
        if mean <= needed:
            self._hidden, self._cell = fresh.state
        return mean


def default_path() -> Path:
    """Where faster-whisper's wheel keeps the network; the file need not exist.

    Raises:
        EngineUnavailable: faster-whisper is not installed.
    """
    spec = find_spec("faster_whisper")
    folders = spec.submodule_search_locations if spec is not None else None
    if not folders:
        raise EngineUnavailable("The voice detector's network is missing: no package faster-whisper", _ADVICE)
    return Path(next(iter(folders))) / _WEIGHTS
