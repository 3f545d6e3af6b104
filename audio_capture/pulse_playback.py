"""Plays a few samples on one output of PulseAudio or PipeWire, through libpulse's simple interface; for tones."""

import ctypes
import functools

import numpy as np
from numpy.typing import NDArray

from audio_capture.errors import DeviceLost
from audio_capture.pulse_stream import APP, FLOAT32_LE, SampleSpec, libpulse_missing

_PLAYBACK = 1
_ADVICE = "Look whether the headset is plugged in and chosen in the sound settings, then try again."


def play(sink: str, label: str, samples: NDArray[np.float32], rate: int) -> None:
    """Plays ``samples``, shape (n,), mono, -1 to 1, and waits for their end. May block as long as they last.

    Raises:
        DeviceLost: they cannot be played there, or no daemon answers.
    """
    library = _libpulse_simple()
    spec, error = SampleSpec(FLOAT32_LE, rate, 1), ctypes.c_int(0)
    stream: int | None = library.pa_simple_new(
        None, APP, _PLAYBACK, sink.encode(), APP, ctypes.byref(spec), None, None, ctypes.byref(error)
    )
    if not stream:
        raise DeviceLost(f"Nothing can be played on {label}.", _ADVICE)
    try:
        data = np.ascontiguousarray(samples, dtype="<f4").tobytes()
        written = library.pa_simple_write(stream, data, len(data), ctypes.byref(error))
        if written < 0 or library.pa_simple_drain(stream, ctypes.byref(error)) < 0:
            raise DeviceLost(f"{label} went away while a tone was played on it.", _ADVICE)
    finally:
        library.pa_simple_free(stream)


@functools.cache
def _libpulse_simple() -> ctypes.CDLL:
    """With the types of the functions that are used (pulse/simple.h)."""
    try:
        library = ctypes.CDLL("libpulse-simple.so.0")
    except OSError as error:
        raise libpulse_missing() from error
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    library.pa_simple_new.restype = pointer
    library.pa_simple_new.argtypes = (text, text, number, text, text, pointer, pointer, pointer, pointer)
    library.pa_simple_write.argtypes = (pointer, text, ctypes.c_size_t, pointer)
    library.pa_simple_drain.argtypes = (pointer, pointer)
    library.pa_simple_free.argtypes = (pointer,)
    library.pa_simple_free.restype = None
    return library
