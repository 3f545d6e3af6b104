"""How far a voice's pitch falls at the end of what it said: tried as a sign that a sentence is over.

Pitch is the first strong lag of the autocorrelation, unbiased and normalised, where that is over a half (the core of
Boersma: "Accurate short-term analysis of the fundamental frequency", 1993); good enough for a slope over half a second.
"""

import numpy as np
from numpy.typing import NDArray

from live_sentiment.events import SAMPLE_RATE
from live_sentiment.transcriber import Samples

LOWEST, HIGHEST = 60.0, 400.0
"""Hertz."""
HOP, WINDOW = SAMPLE_RATE // 100, SAMPLE_RATE // 25
LAST, TAIL = 6, 20
"""Voiced hops that are the end, and over which the slope is taken."""
_PERIODIC = 0.5
_NEARLY = 0.9
_QUIET = 1e-3


def pitch_of(samples: Samples) -> NDArray[np.float64]:
    """The pitch every 10 ms, in semitones (12 an octave, from 1 Hz); NaN where the sound has none."""
    starts = range(0, samples.size - WINDOW, HOP)
    return np.array([_pitch(samples[at : at + WINDOW].astype(np.float64)) for at in starts])


def _pitch(window: NDArray[np.float64]) -> float:
    window = window - window.mean()
    energy = float(window @ window)
    if energy < _QUIET:
        return float("nan")
    lags = np.arange(round(SAMPLE_RATE / HIGHEST), round(SAMPLE_RATE / LOWEST))
    spectrum = np.abs(np.fft.rfft(window, 2 * WINDOW)) ** 2
    alike = np.fft.irfft(spectrum)[lags] * WINDOW / (WINDOW - lags) / energy
    if alike.max() < _PERIODIC:
        return float("nan")
    # Twice the period is as much alike: the shortest that is nearly the best is the voice's.
    peaks = np.flatnonzero((alike[1:-1] >= alike[:-2]) & (alike[1:-1] >= alike[2:])) + 1
    best = next((at for at in peaks if alike[at] > _NEARLY * alike.max()), int(np.argmax(alike)))
    return 12 * float(np.log2(SAMPLE_RATE / lags[best]))


def falls(samples: Samples) -> tuple[float, float] | None:
    """How far the end is below the voice's median (semitones), and how steeply it falls there (semitones a second).

    None where too little is voiced to tell.
    """
    pitch = pitch_of(samples)
    voiced = np.flatnonzero(~np.isnan(pitch))
    if voiced.size < 2 * LAST:
        return None
    tail = voiced[-TAIL:]
    slope = float(np.polyfit(tail * HOP / SAMPLE_RATE, pitch[tail], 1)[0])
    return float(np.median(pitch[voiced]) - np.median(pitch[voiced[-LAST:]])), -slope
