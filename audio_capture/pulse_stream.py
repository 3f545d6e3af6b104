"""One recording stream of PulseAudio or PipeWire, through libpulse's own simple interface (``libpulse-simple.so.0``).

Each stream is its own connection to the daemon, so that one that dies takes nothing with it: unlike a library that
connects once, as it is imported, and never again. Reading blocks without polling, and ends with an error when the
daemon or the device goes away.
"""

import ctypes
import functools
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from audio_capture.errors import DeviceLost, SoundDaemonAway

_RECORD = 2
_FLOAT32_LE = 5
_DEFAULT = 0xFFFF_FFFF
_CONNECTION_REFUSED = 6
_CONNECTION_TERMINATED = 11
_APP = b"Spiegel"
_ADVICE = "Look whether the headset is plugged in and chosen in the sound settings; Spiegel tries again by itself."


class _SampleSpec(ctypes.Structure):
    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class _BufferAttributes(ctypes.Structure):
    _fields_ = (
        ("maxlength", ctypes.c_uint32),
        ("tlength", ctypes.c_uint32),
        ("prebuf", ctypes.c_uint32),
        ("minreq", ctypes.c_uint32),
        ("fragsize", ctypes.c_uint32),
    )


class PulseStream:
    """Mono float32 from the daemon's source ``device``, at its own ``rate``; open while in a ``with`` block.

    All of it belongs to one recording thread.
    """

    def __init__(self, device: str, rate: int, name: str, block: int) -> None:
        self.rate = rate
        self._device = device
        self._name = name
        self._buffer = np.zeros(block, dtype=np.float32)
        self._stream: int | None = None

    def __enter__(self) -> Self:
        """Connects and begins to record.

        Raises:
            SoundDaemonAway: no daemon answers.
            DeviceLost: it does not know the device, or does not let it be recorded.
        """
        spec = _SampleSpec(_FLOAT32_LE, self.rate, 1)
        attributes = _BufferAttributes(_DEFAULT, _DEFAULT, _DEFAULT, _DEFAULT, self._buffer.nbytes)
        error = ctypes.c_int(0)
        stream: int | None = _library().pa_simple_new(
            None,
            _APP,
            _RECORD,
            self._device.encode(),
            self._name.encode(),
            ctypes.byref(spec),
            None,
            ctypes.byref(attributes),
            ctypes.byref(error),
        )
        if not stream:
            raise _failure(error.value, self._device)
        self._stream = stream
        return self

    def read(self) -> NDArray[np.float32]:
        """The next ``block`` samples, shape (block,); blocks until they are there. The array is reused.

        Raises:
            DeviceLost, SoundDaemonAway: the stream is over.
        """
        error = ctypes.c_int(0)
        address = self._buffer.ctypes.data_as(ctypes.c_void_p)
        if _library().pa_simple_read(self._stream, address, self._buffer.nbytes, ctypes.byref(error)) < 0:
            raise _failure(error.value, self._device)
        return self._buffer

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._stream is not None:
            _library().pa_simple_free(self._stream)
            self._stream = None


def libpulse_missing() -> SoundDaemonAway:
    """The error to raise when libpulse cannot be loaded, which ``ctypes`` says with an ``OSError``."""
    return SoundDaemonAway(
        "The sound server's library libpulse is not installed.", "Install it: sudo apt-get install libpulse0"
    )


@functools.cache
def _library() -> ctypes.CDLL:
    """libpulse-simple, with the types of the four functions that are used (pulse/simple.h, pulse/error.h)."""
    try:
        library = ctypes.CDLL("libpulse-simple.so.0")
    except OSError as error:
        raise libpulse_missing() from error
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    library.pa_simple_new.restype = pointer
    library.pa_simple_new.argtypes = (text, text, ctypes.c_int, text, text, pointer, pointer, pointer, pointer)
    library.pa_simple_read.argtypes = (pointer, pointer, ctypes.c_size_t, pointer)
    library.pa_simple_free.argtypes = (pointer,)
    library.pa_simple_free.restype = None
    library.pa_strerror.argtypes = (ctypes.c_int,)
    library.pa_strerror.restype = text
    return library


def _failure(code: int, device: str) -> DeviceLost | SoundDaemonAway:
    if code in (_CONNECTION_REFUSED, _CONNECTION_TERMINATED):
        return SoundDaemonAway("The sound server went away.", "Spiegel goes on by itself when it is back.")
    reason = _library().pa_strerror(code)
    return DeviceLost(f"{device} cannot be recorded: {reason.decode(errors='replace') if reason else code}.", _ADVICE)
