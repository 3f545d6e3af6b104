"""Recordings of every kind, whole and broken, made by the tests themselves."""

import asyncio
import math
import struct
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio_capture import errors
from audio_capture.recording import RecordingSource, open_recording
from live_sentiment.events import FRAME_SAMPLES, SAMPLE_RATE

KINDS = [
    ("WAV", "PCM_16"),
    ("WAV", "FLOAT"),
    ("WAV", "ULAW"),
    ("WAVEX", "PCM_24"),
    ("FLAC", "PCM_16"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
    ("AIFF", "PCM_16"),
    ("AU", "PCM_16"),
    ("CAF", "PCM_16"),
    ("W64", "PCM_16"),
    ("RF64", "PCM_16"),
]
CUT = [kind for kind in KINDS if kind[0] != "CAF"]  # libsndfile itself refuses a cut CAF


def tone(seconds: float, rate: int, hertz: float, level: float = 0.3) -> np.ndarray:
    return level * np.sin(2 * math.pi * hertz * np.arange(round(seconds * rate)) / rate)


def stereo(seconds: float = 2.0, rate: int = 48_000) -> np.ndarray:
    """Left 440 Hz, right 1000 Hz."""
    return np.column_stack([tone(seconds, rate, 440), tone(seconds, rate, 1000)])


def written(path: Path, samples: np.ndarray, rate: int = 48_000, kind: tuple[str, str] = ("WAV", "PCM_16")) -> Path:
    soundfile.write(path, samples, rate, format=kind[0], subtype=kind[1])
    return path


def heard(source: RecordingSource) -> dict[str, np.ndarray]:
    """Each channel's samples; checks the frames' shape, order and times on the way."""
    out: dict[str, list[bytes]] = {"agent": [], "customer": []}
    for number, frame in enumerate(source.frames()):
        assert frame.channel == ("agent", "customer")[number % 2]
        assert frame.start == number // 2 * FRAME_SAMPLES / SAMPLE_RATE
        assert len(frame.pcm) == 2 * FRAME_SAMPLES
        out[frame.channel].append(frame.pcm)
    return {channel: np.frombuffer(b"".join(pcm), dtype="<i2") for channel, pcm in out.items()}


def pitch(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum)) * SAMPLE_RATE / samples.size


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_every_format_gives_both_voices(tmp_path: Path, kind: tuple[str, str]) -> None:
    source = open_recording(written(tmp_path / "call.bin", stereo(), kind=kind))
    assert source.duration == pytest.approx(2.0, abs=0.01)
    voices = heard(source)
    assert pitch(voices["agent"]) == pytest.approx(440, abs=2)
    assert pitch(voices["customer"]) == pytest.approx(1000, abs=2)
    assert source.name == "call.bin"
    assert source.channels == ("agent", "customer")


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_every_rate_gives_the_right_length_and_pitch(tmp_path: Path, rate: int) -> None:
    source = open_recording(written(tmp_path / "call.wav", stereo(1.3, rate), rate))
    voices = heard(source)
    assert voices["agent"].size == math.ceil(1.3 * SAMPLE_RATE / FRAME_SAMPLES) * FRAME_SAMPLES
    assert pitch(voices["customer"][:SAMPLE_RATE]) == pytest.approx(1000, abs=2)
    assert not voices["agent"][math.ceil(1.3 * SAMPLE_RATE) + 1 :].any()


def test_sixteen_kilohertz_passes_bit_for_bit(tmp_path: Path) -> None:
    samples = np.random.default_rng(3).integers(-32768, 32767, (FRAME_SAMPLES * 40, 2), dtype=np.int16)
    soundfile.write(tmp_path / "call.flac", samples, SAMPLE_RATE, subtype="PCM_16")
    voices = heard(open_recording(tmp_path / "call.flac"))
    assert (voices["agent"] == samples[:, 0]).all()
    assert (voices["customer"] == samples[:, 1]).all()


def test_swap_exchanges_the_voices(tmp_path: Path) -> None:
    voices = heard(open_recording(written(tmp_path / "call.wav", stereo()), swap=True))
    assert pitch(voices["agent"]) == pytest.approx(1000, abs=2)


def test_two_files_of_other_rates_and_lengths(tmp_path: Path) -> None:
    agent = written(tmp_path / "a.wav", tone(1.0, 8_000, 440), 8_000)
    customer = written(tmp_path / "c.ogg", tone(2.5, 44_100, 1000), 44_100, ("OGG", "VORBIS"))
    source = open_recording(agent=agent, customer=customer)
    voices = heard(source)
    assert source.name == "a.wav + c.ogg"
    assert source.duration == pytest.approx(2.5)
    assert voices["agent"].size == voices["customer"].size
    assert pitch(voices["agent"][:SAMPLE_RATE]) == pytest.approx(440, abs=2)
    assert not voices["agent"][SAMPLE_RATE + FRAME_SAMPLES :].any()
    assert pitch(voices["customer"]) == pytest.approx(1000, abs=2)


@pytest.mark.parametrize("named", ["option", "path"])
def test_a_named_mono_file_is_that_voice_and_the_other_is_silent(tmp_path: Path, named: str) -> None:
    path = written(tmp_path / "c.wav", tone(1, 48_000, 440))
    source = open_recording(customer=path) if named == "option" else open_recording(path, single_channel="customer")
    voices = heard(source)
    assert source.channels == ("customer",)
    assert not voices["agent"].any()
    assert pitch(voices["customer"]) == pytest.approx(440, abs=2)


def test_may_be_read_twice(tmp_path: Path) -> None:
    source = open_recording(written(tmp_path / "call.wav", stereo()))
    assert (heard(source)["agent"] == heard(source)["agent"]).all()


MEASURE = """
import sys, tracemalloc
from pathlib import Path
from audio_capture.recording import open_recording
source = open_recording(Path(sys.argv[1]))
tracemalloc.start()
count = sum(1 for _ in source.frames())
print(count, tracemalloc.get_traced_memory()[1])
"""


def test_memory_stays_the_same_for_a_long_call(tmp_path: Path) -> None:
    """In a process of its own: tracemalloc counts what any thread allocates, and other tests leave some."""
    recording = written(tmp_path / "call.wav", np.zeros((8_000 * 1800, 2), dtype=np.int16), 8_000)
    said = subprocess.run([sys.executable, "-c", MEASURE, recording], capture_output=True, text=True, check=True)
    count, peak = map(int, said.stdout.split())
    assert count == 2 * 56_250
    assert peak < 4_000_000


# --- what cannot be used --------------------------------------------------------------------------------------------


def refused(kind: type[errors.RecordingError], path: Path, **options: Path) -> errors.RecordingError:
    with pytest.raises(kind) as caught:
        open_recording(path, **options)
    assert caught.value.what
    assert caught.value.advice
    assert not caught.value.retryable
    return caught.value


def test_missing(tmp_path: Path) -> None:
    assert "no file" in refused(errors.RecordingMissing, tmp_path / "nowhere.wav").what
    refused(errors.RecordingMissing, written(tmp_path / "a.wav", stereo()) / "below")


def test_a_folder(tmp_path: Path) -> None:
    assert "folder" in refused(errors.RecordingUnreadable, tmp_path).what


def test_not_an_ordinary_file() -> None:
    assert "ordinary" in refused(errors.RecordingUnreadable, Path("/dev/zero")).what


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "call.wav", stereo())

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert "permission denied" in refused(errors.RecordingUnreadable, path).what


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "call.wav").touch()
    refused(errors.RecordingEmpty, tmp_path / "call.wav")


@pytest.mark.parametrize("kind", [("WAV", "PCM_16"), ("FLAC", "PCM_16")], ids="-".join)
def test_a_header_and_no_sound(tmp_path: Path, kind: tuple[str, str]) -> None:
    refused(errors.RecordingEmpty, written(tmp_path / "call.wav", np.zeros((0, 2)), kind=kind))


@pytest.mark.parametrize("name", ["notes.txt", "call.raw", "call.wav"])
def test_not_audio(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Dear customer, thank you for your call. " * 100)
    assert "ffmpeg" in refused(errors.NotAudio, tmp_path / name).advice


def test_mono_says_how_to_name_the_channel(tmp_path: Path) -> None:
    error = refused(errors.NotStereo, written(tmp_path / "call.wav", tone(1, 8000, 440), 8000))
    assert "--agent call.wav" in error.advice
    assert "--customer call.wav" in error.advice


def test_more_than_two_channels(tmp_path: Path) -> None:
    assert "6 channels" in refused(errors.TooManyChannels, written(tmp_path / "call.wav", np.zeros((800, 6)))).what


@pytest.mark.parametrize("kind", CUT, ids="-".join)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_truncated_is_seen_before_anything_is_played(tmp_path: Path, kind: tuple[str, str], share: float) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (48_000 * 12, 2))
    path = written(tmp_path / "call.bin", noise, kind=kind)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert "cut off" in refused(errors.RecordingTruncated, path).what


def test_a_cut_caf_is_refused_too(tmp_path: Path) -> None:
    path = written(tmp_path / "call.caf", stereo(), kind=("CAF", "PCM_16"))
    path.write_bytes(path.read_bytes()[:1000])
    refused(errors.NotAudio, path)


def test_cut_off_while_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "call.wav", stereo(20.0))
    source = open_recording(path)
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(errors.RecordingTruncated):
        heard(source)


def test_gone_before_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "call.wav", stereo())
    source = open_recording(path)
    path.unlink()
    with pytest.raises(errors.RecordingMissing):
        heard(source)


def test_a_streamed_wav_without_sizes_is_fine(tmp_path: Path) -> None:
    path = written(tmp_path / "call.wav", stereo())
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = struct.pack("<I", 0xFFFF_FFFF)
    path.write_bytes(data)
    assert open_recording(path).duration == pytest.approx(2.0)


def test_a_flac_that_does_not_say_its_length(tmp_path: Path) -> None:
    path = written(tmp_path / "call.flac", stereo(), kind=("FLAC", "PCM_16"))
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0  # STREAMINFO's 36 bits of total samples
    data[22:26] = bytes(4)
    path.write_bytes(data)
    assert "how long" in refused(errors.NotAudio, path).what


def test_ten_hours(tmp_path: Path) -> None:
    """A sparse file: its header says ten hours, and the disk holds a few bytes."""
    size = 36_000 * 1_000 * 4
    header = b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 1000, 4000, 4, 16)
    with (tmp_path / "long.wav").open("wb") as file:
        file.write(header + b"data" + struct.pack("<I", size))
        file.truncate(44 + size)
    error = refused(errors.RecordingTooLong, tmp_path / "long.wav")
    assert "10.0 hours" in error.what
    assert "4 hours" in error.what


def test_samples_that_are_no_numbers(tmp_path: Path) -> None:
    samples = stereo(3.0)
    samples[130_000, 1] = np.nan
    source = open_recording(written(tmp_path / "call.wav", samples, kind=("WAV", "FLOAT")))
    with pytest.raises(errors.BrokenSamples, match="no numbers"):
        heard(source)


def test_too_loud_is_clipped_not_wrapped(tmp_path: Path) -> None:
    loud = written(tmp_path / "call.wav", np.full((16_000, 2), 1.5), 16_000, ("WAV", "FLOAT"))
    assert (heard(open_recording(loud))["agent"][:16_000] == 32767).all()


def test_unclear_choices(tmp_path: Path) -> None:
    call = written(tmp_path / "call.wav", stereo())
    refused(errors.UnclearChoice, call, agent=call)
    with pytest.raises(errors.UnclearChoice):
        open_recording()
    with pytest.raises(errors.UnclearChoice, match="two channels"):
        open_recording(agent=call)


@pytest.mark.shared
def test_the_shared_calls_are_usable(shared: Path) -> None:
    calls = sorted((shared / "audio" / "calls").glob("*.flac"))
    assert calls
    for path in calls:
        assert open_recording(path).duration > 30


async def played(source: RecordingSource, at: float, *, resuming: bool, most: int = 10**9) -> list[float]:
    """The starts of the agent's frames after ``open``, at most so many; then suspended."""
    starts: list[float] = []
    await source.open(at, resuming=resuming)
    async with aclosing(source.stream()) as stream:
        async for frame in stream:
            if frame.channel == "agent":
                starts.append(frame.start)
            if len(starts) == most:
                break
    await source.suspend()
    return starts


def test_a_new_call_begins_at_the_beginning_and_a_resumed_one_goes_on(tmp_path: Path) -> None:
    source = open_recording(written(tmp_path / "call.wav", stereo()))

    async def run() -> None:
        whole = await played(source, 0.0, resuming=False)
        assert whole == [index * FRAME_SAMPLES / SAMPLE_RATE for index in range(63)]
        assert await played(source, 0.0, resuming=False) == whole, "the second call is played whole"
        assert await played(source, 0.0, resuming=False, most=20) == whole[:20]
        assert await played(source, 1.0, resuming=True) == [start for start in whole if start >= 1.0]
        assert await played(source, 0.0, resuming=False, most=20) == whole[:20]
        assert await played(source, 0.0, resuming=False) == whole, "also after a call that was stopped"

    asyncio.run(run())
