"""The ears on real recordings: silent where nobody speaks, open where somebody does, also when quiet or telephoned."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from live_sentiment.endpointer import Decision, Endpoint, Endpointer, Onset
from live_sentiment.events import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE
from live_sentiment.silero import SileroModel
from live_sentiment.vad import VadCascade

pytestmark = pytest.mark.shared

Sound = NDArray[np.float32]
Change = Callable[[Sound], Sound]


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel.load()


def load(path: Path, channel: int | None = None) -> Sound:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1) if channel is None else samples[:, channel]
    return soxr.resample(mono, rate, SAMPLE_RATE).astype(np.float32)


def clean(sound: Sound) -> Sound:
    return sound


def quiet(sound: Sound) -> Sound:
    return sound * np.float32(10 ** (-30 / 20))


def telephone(sound: Sound) -> Sound:
    """8 kHz and 8 bits of mu-law, as G.711 has it."""
    narrow = np.clip(soxr.resample(sound, SAMPLE_RATE, 8000), -1, 1)
    coded = np.round(127.5 * (np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256) + 1)) / 127.5 - 1
    decoded = np.sign(coded) * (256 ** np.abs(coded) - 1) / 255
    return soxr.resample(decoded, 8000, SAMPLE_RATE).astype(np.float32)


CHANGES = pytest.mark.parametrize("change", [clean, quiet, telephone])


def hear(model: SileroModel, sound: Sound) -> list[Decision]:
    pcm = np.clip(np.round(sound * 32768), -32768, 32767).astype("<i2").tobytes()
    ear, endpointer = VadCascade(model), Endpointer()
    told: list[Decision] = []
    for index, at in enumerate(range(0, len(pcm), 2 * FRAME_SAMPLES)):
        probability = ear.accept(pcm[at : at + 2 * FRAME_SAMPLES])
        told += endpointer.accept(probability, index * FRAME_SECONDS, (index + 1) * FRAME_SECONDS)
    return [*told, *endpointer.flush(len(pcm) / 2 / SAMPLE_RATE)]


def utterances(told: list[Decision]) -> list[Endpoint]:
    return [one for one in told if isinstance(one, Endpoint)]


def covered(ends: list[Endpoint], start: float, end: float) -> float:
    """How many seconds between ``start`` and ``end`` are inside an utterance."""
    return sum(max(0.0, min(one.end, end) - max(one.start, start)) for one in ends)


def onsets(model: SileroModel, folder: Path, change: Change) -> dict[str, list[Onset]]:
    """The utterances that begin in each recording of a folder, where any do."""
    heard = {path.name: hear(model, change(load(path))) for path in sorted(folder.glob("*.flac"))}
    assert heard
    begun = {name: [one for one in told if isinstance(one, Onset)] for name, told in heard.items()}
    return {name: some for name, some in begun.items() if some}


@CHANGES
def test_noise_begins_no_utterance(shared: Path, model: SileroModel, change: Change) -> None:
    assert not onsets(model, shared / "audio" / "noise", change)


@CHANGES
def test_music_begins_no_utterance(shared: Path, model: SileroModel, change: Change) -> None:
    assert not onsets(model, shared / "audio" / "music", change)


@pytest.mark.parametrize("seconds", [0.7, 1.0, 3.0])
def test_music_that_begins_on_a_silent_line_begins_no_utterance(
    shared: Path, model: SileroModel, seconds: float
) -> None:
    """A softphone sends digital silence until the hold music starts."""
    silence = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
    for folder in ("music", "noise"):
        assert not onsets(model, shared / "audio" / folder, lambda sound: np.concatenate([silence, sound]))


@pytest.mark.parametrize("change", [clean, telephone])
def test_music_and_a_murmuring_room_after_a_voice_begin_no_utterance(
    shared: Path, model: SileroModel, change: Change
) -> None:
    """Having heard a voice, the network by itself takes a murmur for one too."""
    voice = load(shared / "audio" / "speech" / "cards_001.flac")
    before = np.concatenate([voice, np.zeros(int(1.5 * SAMPLE_RATE), np.float32)])
    for folder in ("music", "noise"):
        told = onsets(model, shared / "audio" / folder, lambda sound: change(np.concatenate([before, sound])))
        late = {name: [one for one in some if one.start > before.size / SAMPLE_RATE] for name, some in told.items()}
        assert not {name: some for name, some in late.items() if some}


@CHANGES
@pytest.mark.parametrize("folder", ["speech", "dutch"])
def test_speech_is_inside_utterances(shared: Path, model: SileroModel, folder: str, change: Change) -> None:
    files = sorted((shared / "audio" / folder).glob("*.flac"))
    assert len(files) >= 5
    all_spoken = all_heard = 0.0
    for path in files:
        sound = load(path)
        reference = utterances(hear(model, sound))
        spoken = sum(one.end - one.start for one in reference)
        assert spoken >= 0.4 * sound.size / SAMPLE_RATE, f"{path.name}: most of a clip is speech"
        ends = utterances(hear(model, change(sound)))
        heard = [covered(ends, one.start, one.end) for one in reference]
        for one, seconds in zip(reference, heard, strict=True):
            assert seconds >= 0.8 * (one.end - one.start), f"{path.name}: most of each utterance is heard"
        all_spoken += spoken
        all_heard += sum(heard)
    assert all_heard >= 0.95 * all_spoken


def test_short_answers_on_a_telephone_are_heard(shared: Path, model: SileroModel) -> None:
    """A "yes" and a "bye" get less than 0.8 from Silero here, as music does elsewhere; they must not go with it."""
    ends = utterances(hear(model, load(shared / "audio" / "calls" / "lost_card_en.flac", channel=1)))
    for start, end in ((29.3, 29.8), (34.1, 34.4), (49.1, 49.3)):
        assert covered(ends, start, end) > 0.8 * (end - start)


def test_a_noisy_line_is_not_cut_to_pieces(shared: Path, model: SileroModel) -> None:
    """The customer of this call speaks for over a minute of four, close to clipping, at last from a noisy street."""
    ends = utterances(hear(model, load(shared / "audio" / "calls" / "auto_repairs_en.flac", channel=1)))
    assert 15 <= len(ends) <= 40
    assert 55 <= sum(one.end - one.start for one in ends) <= 95


def test_a_loud_and_noisy_end_of_a_call_is_still_heard(shared: Path, model: SileroModel) -> None:
    """Without turning the sound down, Silero hears no voice in the last two minutes."""
    ends = utterances(hear(model, load(shared / "audio" / "calls" / "auto_repairs_en.flac", channel=1)))
    assert sum(one.end - one.start for one in ends if one.start > 107) > 10


def test_a_loud_beep_does_not_hide_the_quiet_voice_behind_it(shared: Path, model: SileroModel) -> None:
    """A recorder's beep of 0.3 s near full scale, then speech at -41 dBFS."""
    beep = 0.9 * np.sign(np.sin(2 * np.pi * 1000 * np.arange(4800) / SAMPLE_RATE))
    before = np.concatenate([np.zeros(SAMPLE_RATE), beep, np.zeros(3200)]).astype(np.float32)
    offset = before.size / SAMPLE_RATE
    for path in sorted((shared / "audio" / "speech").glob("*.flac"))[:6]:
        sound = load(path)[: 8 * SAMPLE_RATE]
        sound *= np.float32(10 ** (-41 / 20)) / np.sqrt(np.mean(np.square(sound[np.abs(sound) > 0.01])))
        alone = utterances(hear(model, sound))
        behind = utterances(hear(model, np.concatenate([before, sound])))
        heard = sum(covered(behind, one.start + offset, one.end + offset) for one in alone)
        assert heard > 0.9 * sum(one.end - one.start for one in alone), path.name
