"""Whether a frame is speech: a cheap gate, Silero's network behind it, and a check that a doubtful voice stands out.

Three steps, each cheaper to ask than the next is to satisfy. ``SpeechGate`` (webrtcvad) costs microseconds and lets the
network sleep through silence. ``SileroStream`` judges what passes, turned down by ``Leveller`` where it is loud.
``StandOut`` doubts the network's middling answers where the sound is no louder than what was there before, which is how
hold music and a murmuring room look. Utterances are made of these probabilities in ``endpointer``. No clock here: a
frame is 32 ms.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from live_sentiment.errors import UnsupportedAudio
from live_sentiment.events import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE
from live_sentiment.silero import SileroModel, SileroStream

_FRAME_BYTES = 2 * FRAME_SAMPLES
_GATE_BYTES = 2 * SAMPLE_RATE // 100
"""webrtcvad hears 10, 20 or 30 ms; with 10 it misses least of very quiet speech."""
_QUIETEST = -100.0
"""dBFS of digital silence, by definition here."""


@dataclass(frozen=True, slots=True)
class VadConfig:
    """How the cascade judges. Times in seconds of audio, levels in decibels, probabilities 0 to 1.

    ``gate`` False lets Silero hear everything. ``gate_mode`` is webrtcvad's, 0 (lenient) to 3. ``gate_hold``: the gate
    stays open so long after the last sign of speech. ``look_back``: what Silero hears of the time before it opened.

    ``certain``: from here on Silero is believed without more. ``stand_out``: a less certain frame must be so much
    louder than its background, which is the ``background_share`` quantile of the levels of the last ``background``
    seconds; unless Silero hears a voice for ``steady`` on end, or speech was believed less than ``trust`` ago.
    ``known_after``: before so much audio the background is not known, and nothing stands out. ``doubted`` is what a
    doubted frame's probability becomes at most: too little to begin an utterance, enough to go on with one.

    ``loudest`` is the level (root mean square, full scale 1) to which louder sound is turned down for Silero. A level
    counts once it was reached for ``held`` of the last ``held_within``, so that a beep does not; ``release`` is the
    share of it that is kept from one frame to the next, ``fast_release`` that in a frame ``far_below`` it.
    """

    gate: bool = True
    gate_mode: int = 1
    gate_hold: float = 1.0
    look_back: float = 0.3
    certain: float = 0.9
    possible: float = 0.5
    stand_out: float = 15.0
    background: float = 1.5
    background_share: float = 0.2
    known_after: float = 1.0
    steady: float = 0.384
    trust: float = 1.0
    doubted: float = 0.45
    silent: float = 0.35
    loudest: float = 0.02
    held: float = 0.512
    held_within: float = 0.768
    release: float = 0.997
    far_below: float = 20.0
    fast_release: float = 0.93


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


class Leveller:
    """Turns loud sound down before Silero hears it, slowly, so that a voice stays a voice.

    Measured on a call recorded close to clipping, from a noisy street: without it Silero hears no voice at all in the
    last two minutes of the customer's channel, with it 19 seconds, and no more in noise or music than before. A beep
    turns down itself alone: were its level kept, speech at -41 dBFS behind it would not be heard for 6 seconds and
    more. Of such speech 97 to 100 % is found behind a beep of 0.3 s, and 77 to 100 % behind a full-scale tone of 1 s.
    """

    def __init__(self, config: VadConfig) -> None:
        self._config = config
        self._held = frames_in(config.held)
        self._far_below = 10 ** (-config.far_below / 20)
        self.reset()

    def reset(self) -> None:
        """Forgets how loud it was."""
        self._level = 0.0
        self._recent: deque[float] = deque(maxlen=frames_in(self._config.held_within))

    def accept(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The frame, at ``loudest`` at most."""
        loudness = float(np.sqrt(np.mean(np.square(samples))))
        self._follow(loudness)
        level = max(loudness, self._level)
        if level <= self._config.loudest:
            return samples
        return samples * np.float32(self._config.loudest / level)

    def _follow(self, loudness: float) -> None:
        """Moves the kept level with a frame of ``loudness``."""
        self._recent.append(loudness)
        held = sorted(self._recent)[-self._held] if len(self._recent) >= self._held else 0.0
        far = loudness < self._level * self._far_below
        self._level = max(held, self._level * (self._config.fast_release if far else self._config.release))


class StandOut:
    """Doubts a middling probability of speech where the sound does not stand out from its background.

    Measured on hold music and a murmuring call centre: Silero gives them 0.5 to 0.9 for up to 11 frames on end, at
    12 dB over the background or less. Short answers on a telephone ("yes", "bye") get no more from it, but are 20 to
    60 dB over theirs.
    """

    def __init__(self, config: VadConfig) -> None:
        self._config = config
        self._known_after = frames_in(config.known_after)
        self._steady = frames_in(config.steady)
        self._trust = frames_in(config.trust)
        self.reset()

    def reset(self) -> None:
        """Forgets the background."""
        self._levels: deque[float] = deque(maxlen=frames_in(self._config.background))
        self._run = 0
        self._trusted = 0

    def accept(self, probability: float, level: float) -> float:
        """The probability after doubt, for a frame of ``level`` dBFS."""
        possible = probability > self._config.possible
        self._run = self._run + 1 if possible or (self._run and probability >= self._config.silent) else 0
        self._trusted = max(0, self._trusted - 1)
        if possible and (self._trusted or self._convinces(probability, level)):
            self._trusted = self._trust
        elif possible:
            probability = min(probability, self._config.doubted)
        self._levels.append(level)
        return probability

    def _convinces(self, probability: float, level: float) -> bool:
        if probability >= self._config.certain or self._run >= self._steady:
            return True
        if len(self._levels) < self._known_after:
            return False
        background = sorted(self._levels)[int(len(self._levels) * self._config.background_share)]
        return level >= background + self._config.stand_out


class VadCascade:
    """One channel's voice activity detector. Not safe for two threads at once.

    Args:
        model: the loaded network, shared by all channels.
        config: see ``VadConfig``.
    """

    def __init__(self, model: SileroModel, config: VadConfig | None = None) -> None:
        self._config = config or VadConfig()
        self._gate = SpeechGate(self._config)
        self._leveller = Leveller(self._config)
        self._silero = SileroStream(model)
        self._stand_out = StandOut(self._config)
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


def frames_in(seconds: float) -> int:
    """How many whole frames there are in ``seconds``, at least one."""
    return max(1, int(seconds / FRAME_SECONDS + 1e-9))


def level_of(samples: NDArray[np.float32]) -> float:
    """The level of a frame in dBFS (a full-scale square wave is 0), without its constant part; -100 for none."""
    power = float(np.var(samples))
    return max(_QUIETEST, 10.0 * math.log10(power)) if power > 0.0 else _QUIETEST
