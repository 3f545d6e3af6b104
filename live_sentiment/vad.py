"""Whether a frame is speech: a cheap gate, Silero's network behind it, and a check that a doubtful voice stands out.

Three steps, each cheaper to ask than the next is to satisfy. ``SpeechGate`` (webrtcvad) costs microseconds and lets the
network sleep through silence. ``SileroStream`` judges what passes, turned down by ``levels.Leveller`` where it is loud.
``stand_out.StandOut`` doubts the network's middling answers where the sound is no louder than what was there before,
which is how hold music and a murmuring room look; where the network insists, it must hear the same again without its
past. Utterances are made of these probabilities in ``endpointer``. No clock here: a frame is 32 ms.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from live_sentiment.errors import UnsupportedAudio
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE
from live_sentiment.levels import Leveller, LevellerConfig, frames_in, level_of
from live_sentiment.silero import RehearingStream, SileroModel
from live_sentiment.stand_out import StandOut, StandOutConfig

_FRAME_BYTES = 2 * FRAME_SAMPLES
_GATE_BYTES = 2 * SAMPLE_RATE // 100
"""webrtcvad hears 10, 20 or 30 ms; with 10 it misses least of very quiet speech."""


@dataclass(frozen=True, slots=True)
class VadConfig:
    """How the cascade judges. Times in seconds of audio, levels in decibels, probabilities 0 to 1.

    ``gate`` False lets Silero hear everything. ``gate_mode`` is webrtcvad's, 0 (lenient) to 3. ``gate_hold``: the gate
    stays open so long after the last sign of speech. ``look_back``: what Silero hears of the time before it opened.
    What Silero gives ``silent`` or more keeps it open too.

    ``afresh`` is how much Silero hears again when it is asked for a second opinion, which is its mean probability over
    the last ``afresh_share`` of that.
    """

    gate: bool = True
    gate_mode: int = 1
    gate_hold: float = 1.0
    look_back: float = 0.3
    silent: float = 0.35
    afresh: float = 1.44
    afresh_share: float = 0.384
    leveller: LevellerConfig = field(default_factory=LevellerConfig)
    stand_out: StandOutConfig = field(default_factory=StandOutConfig)


class SpeechGate:
    """webrtcvad as an idle gate: open from the first sign of speech until ``gate_hold`` after the last.

    Any 10 ms that look like speech open it. One channel's; not safe for two threads at once.
    """

    def __init__(self, config: VadConfig) -> None:
        self._mode = config.gate_mode
        self._hold = frames_in(config.gate_hold)
        self.reset()

    def reset(self) -> None:
        """Closes the gate and forgets what was heard."""
        self._vad = webrtcvad.Vad(self._mode)
        self._rest = b""
        self._remaining = 0

    def accept(self, pcm: bytes) -> bool:
        """Whether the gate is open at this frame (512 samples, s16le)."""
        heard = self._rest + pcm
        whole = len(heard) - len(heard) % _GATE_BYTES
        self._rest = heard[whole:]
        pieces = [heard[at : at + _GATE_BYTES] for at in range(0, whole, _GATE_BYTES)]
        # All pieces are heard, not only up to the first hit: webrtcvad follows the noise with each.
        hits = sum(1 for piece in pieces if self._vad.is_speech(piece, SAMPLE_RATE))
        if hits:
            self.hold_open()
        else:
            self._remaining = max(0, self._remaining - 1)
        return self._remaining > 0

    def hold_open(self) -> None:
        """Keeps the gate open for ``gate_hold`` from here, because somebody knows better."""
        self._remaining = self._hold


class VadCascade:
    """One channel's voice activity detector. Not safe for two threads at once.

    Args:
        model: the loaded network, shared by all channels.
        config: see ``VadConfig``.
    """

    def __init__(self, model: SileroModel, config: VadConfig | None = None) -> None:
        self._config = config or VadConfig()
        self._gate = SpeechGate(self._config)
        self._leveller = Leveller(self._config.leveller)
        self._silero = RehearingStream(model, frames_in(self._config.afresh))
        self._stand_out = StandOut(self._config.stand_out, self._hear_afresh)
        self._missed: deque[NDArray[np.float32]] = deque(maxlen=frames_in(self._config.look_back))
        self._asleep = True

    @property
    def asleep(self) -> bool:
        """Whether the last frame passed without Silero."""
        return self._asleep

    def reset(self) -> None:
        """Forgets what was heard, after a gap in the audio."""
        self._gate.reset()
        self._leveller.reset()
        self._silero.reset()
        self._stand_out.reset()
        self._missed.clear()
        self._asleep = True

    def accept(self, pcm: bytes) -> float:
        """The probability (0 to 1) that this frame is speech; 0 while the gate is closed (about 0.15 ms when open).

        When the gate opens, Silero first hears the frames of ``look_back`` before it, and so answers for this frame as
        if it had been awake. Those frames get no second answer: an utterance reaches back to them by its pre-roll.

        Args:
            pcm: 512 samples, s16le mono at 16 kHz; fewer (a recording's last frame) are filled up with silence.

        Raises:
            UnsupportedAudio: more than 512 samples, or half a sample.
        """
        if len(pcm) > _FRAME_BYTES or len(pcm) % 2:
            what = f"A frame has at most {_FRAME_BYTES} bytes of whole samples, this one has {len(pcm)}"
            raise UnsupportedAudio(what, "Cut the audio into frames of 512 samples, s16le mono, first.")
        pcm = pcm.ljust(_FRAME_BYTES, b"\0")
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
        if not self._gate.accept(pcm) and self._config.gate:
            return self._sleep(samples)
        self._wake()
        heard = self._hear(samples)
        if heard >= self._config.silent:
            self._gate.hold_open()
        return self._stand_out.accept(heard, level_of(samples))

    def _sleep(self, samples: NDArray[np.float32]) -> float:
        self._asleep = True
        self._missed.append(samples)
        return self._stand_out.accept(0.0, level_of(samples))

    def _wake(self) -> None:
        if not self._asleep:
            return
        self._asleep = False
        # The state of before the sleep is kept: from an empty one Silero takes the first murmur for a voice (measured
        # on a noisy call: 20 false utterances in four minutes, none with the state kept).
        for samples in self._missed:
            self._hear(samples)
        self._missed.clear()

    def _hear(self, samples: NDArray[np.float32]) -> float:
        return self._silero.accept(self._leveller.accept(samples))

    def _hear_afresh(self) -> float:
        return self._silero.afresh(frames_in(self._config.afresh_share), self._config.stand_out.possible)
