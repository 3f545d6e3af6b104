"""One recording stream of PulseAudio or PipeWire, through libpulse's asynchronous interface (``libpulse.so.0``).

Each stream is its own connection to the daemon, with its own main loop that runs in ``read``, on the recording thread:
one that dies takes nothing with it, and nothing of it runs elsewhere. No callbacks: the state is asked after each turn
of the loop.

The simple interface would do but for one thing: when a headset's output disappears, the daemon moves the recordings of
its monitor to another source, which is the agent's microphone. Here the stream asks not to be moved (which ends it
instead), and since not every daemon heeds that, each read checks which source the stream is attached to. The daemon
tells of a move before it sends the new source's samples, so that none of these is ever returned.
"""

import ctypes
import functools
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from audio_capture.errors import DeviceLost, SoundDaemonAway

TURN_SECONDS = 0.1
"""The longest that ``read`` waits, and so the longest between two looks at which source the stream is attached to."""
_CONNECT_SECONDS = 2.0
FLOAT32_LE = 5
_DEFAULT = 0xFFFF_FFFF
_NO_SIZE = ctypes.c_size_t(-1).value
"""What libpulse answers when it cannot tell a size."""
_NO_AUTOSPAWN = 1
_DONT_MOVE = 0x0200
_ADJUST_LATENCY = 0x2000
_CONTEXT_READY, _CONTEXT_FAILED = 4, 5
_STREAM_READY, _STREAM_FAILED = 2, 3
_NO_SUCH_ENTITY, _KILLED = 5, 12
APP = b"Spiegel"
_ADVICE = "Look whether the headset is plugged in and chosen in the sound settings; Spiegel tries again by itself."
_AWAY = ("The sound server went away.", "Spiegel goes on by itself when it is back.")
SUSPENDED = "the sound device was suspended"


class SampleSpec(ctypes.Structure):
    """How samples are written: format, rate in Hz, channels (pulse/sample.h)."""

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
    """Mono float32 from the daemon's source ``device``, at ``rate`` Hz; open while in a ``with`` block.

    ``label`` is what people call the device; ``block`` the number of samples that the daemon is asked to send at a
    time; a read waits for half of that. All of it belongs to one recording thread.
    """

    def __init__(self, device: str, label: str, rate: int, block: int) -> None:
        self.rate = rate
        self._device = device
        self._label = label
        self._block = block
        self._loop: int | None = None
        self._context: int | None = None
        self._stream: int | None = None

    def __enter__(self) -> Self:
        """Connects and begins to record.

        Raises:
            SoundDaemonAway: no daemon answers.
            DeviceLost: it does not know the device, or does not let it be recorded.
        """
        try:
            self._connect()
            self._record()
        except BaseException:
            self._close()
            raise
        return self

    def read(self) -> NDArray[np.float32]:
        """The next samples, shape (n,), -1 to 1: half a block or more; less, or (0,), when 0.1 s have passed.

        Raises:
            DeviceLost: the stream is over, or attached to another source than was asked for.
            SoundDaemonAway: the daemon is gone.
        """
        deadline = time.monotonic() + TURN_SECONDS
        while self._readable() < self._block // 2 and (left := deadline - time.monotonic()) > 0 and self._in_order():
            self._turn(left)
        self._check_alive()
        return self._taken()

    @property
    def hole(self) -> str | None:
        """Why nothing comes at the moment, as far as the daemon says so: the device is suspended."""
        return SUSPENDED if self._stream and self._library.pa_stream_is_suspended(self._stream) == 1 else None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    @functools.cached_property
    def _library(self) -> ctypes.PyDLL:
        return _libpulse()

    def _connect(self) -> None:
        library = self._library
        self._loop = library.pa_mainloop_new()
        self._context = library.pa_context_new(library.pa_mainloop_get_api(self._loop), APP)
        if library.pa_context_connect(self._context, None, _NO_AUTOSPAWN, None) < 0:
            raise SoundDaemonAway(*_AWAY)
        self._until(lambda: library.pa_context_get_state(self._context) >= _CONTEXT_READY)
        if library.pa_context_get_state(self._context) != _CONTEXT_READY:
            raise SoundDaemonAway(*_AWAY)

    def _record(self) -> None:
        library = self._library
        spec = SampleSpec(FLOAT32_LE, self.rate, 1)
        fragment = self._block * ctypes.sizeof(ctypes.c_float)
        attributes = _BufferAttributes(_DEFAULT, _DEFAULT, _DEFAULT, _DEFAULT, fragment)
        self._stream = library.pa_stream_new(self._context, APP, ctypes.byref(spec), None)
        flags = _DONT_MOVE | _ADJUST_LATENCY
        library.pa_stream_connect_record(self._stream, self._device.encode(), ctypes.byref(attributes), flags)
        self._until(lambda: library.pa_stream_get_state(self._stream) >= _STREAM_READY)
        self._check_alive()

    def _until(self, condition: Callable[[], bool]) -> None:
        """Turns the loop until ``condition`` holds.

        Raises:
            SoundDaemonAway: it does not within two seconds.
        """
        deadline = time.monotonic() + _CONNECT_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise SoundDaemonAway("The sound server does not answer.", _AWAY[1])
            self._turn(TURN_SECONDS)

    def _turn(self, seconds: float) -> None:
        """One turn of the main loop: waits for the daemon up to ``seconds`` and handles what it said."""
        library = self._library
        microseconds = round(seconds * 1_000_000)
        if library.pa_mainloop_prepare(self._loop, microseconds) >= 0 and _poll().pa_mainloop_poll(self._loop) >= 0:
            library.pa_mainloop_dispatch(self._loop)

    def _in_order(self) -> bool:
        """Whether the stream still runs, so that waiting makes sense."""
        library = self._library
        return library.pa_stream_get_state(self._stream) == _STREAM_READY

    def _check_alive(self) -> None:
        library = self._library
        if library.pa_context_get_state(self._context) != _CONTEXT_READY:
            raise SoundDaemonAway(*_AWAY)
        if library.pa_stream_get_state(self._stream) != _STREAM_READY:
            raise self._lost(library.pa_context_errno(self._context))
        if library.pa_stream_get_device_name(self._stream) != self._device.encode():
            raise DeviceLost(f"{self._label} is gone.", _ADVICE)  # and the daemon moved us to another device

    def _lost(self, code: int) -> DeviceLost:
        if code in (_NO_SUCH_ENTITY, _KILLED):
            return DeviceLost(f"{self._label} is gone.", _ADVICE)
        reason: bytes | None = self._library.pa_strerror(code)
        said = reason.decode(errors="replace") if reason else str(code)
        return DeviceLost(f"{self._label} cannot be recorded: {said}.", _ADVICE)

    def _readable(self) -> int:
        """How many samples lie ready."""
        size: int = self._library.pa_stream_readable_size(self._stream)
        return 0 if size == _NO_SIZE else size // ctypes.sizeof(ctypes.c_float)

    def _taken(self) -> NDArray[np.float32]:
        """What lies ready, up to a second. Holes are left out: the count of samples against the clock finds them."""
        library = self._library
        data, size = ctypes.c_void_p(), ctypes.c_size_t()
        taken = bytearray()
        while len(taken) < self.rate * ctypes.sizeof(ctypes.c_float):
            library.pa_stream_peek(self._stream, ctypes.byref(data), ctypes.byref(size))
            if not size.value:
                break
            if data.value:
                taken += ctypes.string_at(data.value, size.value)
            library.pa_stream_drop(self._stream)
        return np.frombuffer(taken, dtype="<f4")

    def _close(self) -> None:
        library = self._library
        if self._stream:
            library.pa_stream_disconnect(self._stream)
            library.pa_stream_unref(self._stream)
        if self._context:
            library.pa_context_disconnect(self._context)
            library.pa_context_unref(self._context)
        if self._loop:
            library.pa_mainloop_free(self._loop)
        self._stream = self._context = self._loop = None


def libpulse_missing() -> SoundDaemonAway:
    """The error to raise when libpulse cannot be loaded, which ``ctypes`` says with an ``OSError``."""
    return SoundDaemonAway(
        "The sound server's library libpulse is not installed.", "Install it: sudo apt-get install libpulse0"
    )


Library = TypeVar("Library", bound=ctypes.CDLL)
_POINTER, _TEXT, _INT, _UINT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint32
_FUNCTIONS: dict[str, tuple[object, tuple[object, ...]]] = {
    "pa_mainloop_new": (_POINTER, ()),
    "pa_mainloop_get_api": (_POINTER, (_POINTER,)),
    "pa_mainloop_prepare": (_INT, (_POINTER, _INT)),
    "pa_mainloop_dispatch": (_INT, (_POINTER,)),
    "pa_mainloop_free": (None, (_POINTER,)),
    "pa_context_new": (_POINTER, (_POINTER, _TEXT)),
    "pa_context_connect": (_INT, (_POINTER, _TEXT, _INT, _POINTER)),
    "pa_context_get_state": (_INT, (_POINTER,)),
    "pa_context_errno": (_INT, (_POINTER,)),
    "pa_context_disconnect": (None, (_POINTER,)),
    "pa_context_unref": (None, (_POINTER,)),
    "pa_stream_new": (_POINTER, (_POINTER, _TEXT, _POINTER, _POINTER)),
    "pa_stream_connect_record": (_INT, (_POINTER, _TEXT, _POINTER, _INT)),
    "pa_stream_get_state": (_INT, (_POINTER,)),
    "pa_stream_get_device_name": (_TEXT, (_POINTER,)),
    "pa_stream_is_suspended": (_INT, (_POINTER,)),
    "pa_stream_readable_size": (ctypes.c_size_t, (_POINTER,)),
    "pa_stream_peek": (_INT, (_POINTER, _POINTER, _POINTER)),
    "pa_stream_drop": (_INT, (_POINTER,)),
    "pa_stream_disconnect": (_INT, (_POINTER,)),
    "pa_stream_unref": (None, (_POINTER,)),
    "pa_strerror": (_TEXT, (_INT,)),
}
"""What is used of libpulse: the types of each result and of its arguments (pulse/mainloop.h, context.h, stream.h)."""


@functools.cache
def _libpulse() -> ctypes.PyDLL:
    """Calls that return at once keep Python's lock: to hand it over would cost more than they do.

    Raises:
        SoundDaemonAway: libpulse is not installed.
    """
    return _typed(ctypes.PyDLL, _FUNCTIONS)


@functools.cache
def _poll() -> ctypes.CDLL:
    """The one that waits gives the lock away."""
    return _typed(ctypes.CDLL, {"pa_mainloop_poll": (_INT, (_POINTER,))})


def _typed(kind: type[Library], functions: dict[str, tuple[object, tuple[object, ...]]]) -> Library:
    try:
        library = kind("libpulse.so.0")
    except OSError as error:
        raise libpulse_missing() from error
    for name, (result, arguments) in functions.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
