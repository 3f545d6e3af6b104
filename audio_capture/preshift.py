"""The check before a shift: from some seconds of both channels to plain words, in Dutch and English. Pure.

The agent was asked to say something, and a tone may have been played into the headset; see ``preshift_listen``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio_capture import preshift_words as words
from audio_capture.preshift_words import Judged, State, Text
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE, Channel

TONE_HERTZ = 1000.0
MISSING_SHARE = 0.1
VOICE_OVER_NOISE_DB = 10.0
"""How much louder than its quietest moments a channel is while somebody speaks."""
SOFT_DBFS, FAINT_DBFS, LOUD_DBFS = -42.0, -55.0, -8.0
"""The loud moments of a voice: below the first it is soft, below the second hardly there, above the third too loud."""
CLIPPED = 32_700
CLIPPED_RUN = 3
CLIPPED_SHARE = 0.002
SAME_CORRELATION, ECHO_CORRELATION = 0.95, 0.25
SAME_LAG_SECONDS, ECHO_LAG_SECONDS = 0.05, 0.3
TONE_DBFS, TONE_SHARE = -60.0, 0.5
"""A tone counts as heard from this level on, and when it is so much of what is heard in some tenth of a second."""
ECHO_TONE_DB = -40.0
"""How much softer than in the headset the tone may be in the microphone."""
_SILENT_DBFS = -90.0
_FULL_SCALE = 32_768.0

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Listened:
    """What was heard: int16 samples at 16 kHz of each channel, shape (n,), at the same times; seconds missing.

    ``tone``: the tone was played into the headset meanwhile.
    """

    samples: dict[Channel, Samples]
    missing: dict[Channel, float]
    tone: bool = False


@dataclass(frozen=True, slots=True)
class _Voice:
    """One channel in numbers: its loud and its quiet moments in dBFS, and the share of clipped frames."""

    loud: float
    quiet: float
    clipped: float

    @property
    def speaks(self) -> bool:
        """Whether something comes and goes, as a voice does."""
        return self.loud > FAINT_DBFS and self.loud - self.quiet > VOICE_OVER_NOISE_DB


def judge(heard: Listened) -> list[Judged]:
    """What is right and wrong with both channels, the worst of each alone."""
    agent, customer = heard.samples["agent"], heard.samples["customer"]
    microphone = _gone("agent", heard) or _microphone(_voice(agent))
    output = _gone("customer", heard) or _output(heard)
    found = [microphone, output]
    if _is_same(agent, customer):
        found.append(words.SAME)
    elif _is_swapped(heard):
        found.append(words.SWAPPED)
    elif _has_echo(heard):
        found.append(words.ECHO)
    return found


def _gone(channel: Channel, heard: Listened) -> Judged | None:
    total = heard.missing[channel] + heard.samples[channel].size / SAMPLE_RATE
    if total > 0 and heard.missing[channel] / total < MISSING_SHARE:
        return None
    return words.MICROPHONE_GONE if channel == "agent" else words.CUSTOMER_GONE


def _microphone(voice: _Voice) -> Judged:
    if voice.loud <= _SILENT_DBFS:
        return _of_microphone("bad", words.MUTED, words.UNMUTE)
    if voice.clipped > CLIPPED_SHARE or voice.loud > LOUD_DBFS:
        return _of_microphone("bad", words.TOO_LOUD, words.TURN_DOWN)
    if not voice.speaks:
        return _of_microphone("bad", words.NO_VOICE, words.SPEAK)
    if voice.loud < SOFT_DBFS:
        return _of_microphone("unsure", words.SOFT, words.TURN_UP)
    return _of_microphone("good", words.YOU_ARE_HEARD, words.NOTHING)


def _of_microphone(state: State, said: Text, advice: Text) -> Judged:
    return Judged(about="microphone", state=state, said=said, advice=advice)


def _output(heard: Listened) -> Judged:
    customer = heard.samples["customer"]
    if heard.tone:
        if _tone_dbfs(customer) > TONE_DBFS:
            return Judged(about="customer", state="good", said=words.TONE_HEARD)
        return Judged(about="customer", state="bad", said=words.TONE_LOST, advice=words.CHOOSE_OUTPUT)
    if _voice(customer).loud > FAINT_DBFS:
        return Judged(about="customer", state="good", said=words.SOUND_HEARD)
    return Judged(about="customer", state="unsure", said=words.NOTHING_PLAYED, advice=words.ASK_FOR_TONE)


def _voice(samples: Samples) -> _Voice:
    frames = samples[: samples.size - samples.size % FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    if not frames.size:
        return _Voice(-120.0, -120.0, 0.0)
    levels = 20 * np.log10(np.maximum(np.sqrt((frames**2).mean(axis=1)) / _FULL_SCALE, 1e-6))
    at_limit = np.abs(frames) >= CLIPPED
    runs = np.lib.stride_tricks.sliding_window_view(at_limit, CLIPPED_RUN, axis=1).all(axis=-1).any(axis=-1)
    return _Voice(float(np.percentile(levels, 95)), float(np.percentile(levels, 10)), float(runs.mean()))


def _tone_dbfs(samples: Samples) -> float:
    """The level of the tone in the tenth of a second that has most of it; silence when it is not a tone."""
    window = SAMPLE_RATE // 10
    frames = samples[: samples.size - samples.size % window].reshape(-1, window).astype(np.float64) / _FULL_SCALE
    if not frames.size:
        return -120.0
    wave = np.exp(-2j * np.pi * TONE_HERTZ * np.arange(window) / SAMPLE_RATE)
    tone = 2 * np.abs(frames @ wave / window) ** 2
    share = tone / np.maximum((frames**2).mean(axis=1), 1e-12)
    clear = tone[share > TONE_SHARE]
    return float(10 * np.log10(max(clear.max(), 1e-12))) if clear.size else -120.0


def _correlation(agent: Samples, customer: Samples, longest: float, *, both_ways: bool) -> float:
    """The largest normalised correlation while the agent's channel comes up to ``longest`` seconds after the other's.

    By Fourier transforms (Wiener-Khinchin). 0 where one of them is silent.
    """
    size = min(agent.size, customer.size)
    one, other = agent[:size].astype(np.float64), customer[:size].astype(np.float64)
    one, other = one - one.mean() if size else one, other - other.mean() if size else other
    energy = float(np.sqrt((one**2).sum() * (other**2).sum()))
    if energy <= size * 10.0:  # a few steps of 16 bits are noise
        return 0.0
    lags = round(longest * SAMPLE_RATE)
    product = np.fft.irfft(np.fft.rfft(one, 2 * size) * np.conj(np.fft.rfft(other, 2 * size)))
    reached = np.concatenate([product[: lags + 1], product[-lags:]]) if both_ways else product[: lags + 1]
    return float(np.abs(reached).max() / energy)


def _is_same(agent: Samples, customer: Samples) -> bool:
    return _correlation(agent, customer, SAME_LAG_SECONDS, both_ways=True) > SAME_CORRELATION


def _is_swapped(heard: Listened) -> bool:
    """The tone is in the microphone alone; or, without a tone, the voice that was asked for is the customer's alone."""
    agent, customer = heard.samples["agent"], heard.samples["customer"]
    if heard.tone:
        return _tone_dbfs(agent) > TONE_DBFS and _tone_dbfs(customer) <= TONE_DBFS
    return _voice(customer).speaks and not _voice(agent).speaks


def _has_echo(heard: Listened) -> bool:
    agent, customer = heard.samples["agent"], heard.samples["customer"]
    if heard.tone:
        there, here = _tone_dbfs(customer), _tone_dbfs(agent)
        return there > TONE_DBFS and here > TONE_DBFS and here - there > ECHO_TONE_DB
    return _correlation(agent, customer, ECHO_LAG_SECONDS, both_ways=False) > ECHO_CORRELATION
