"""The recognisers that benchmarks compare, for real: on the call that ships with the demo, and on silence."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audio_capture import demo
from benchmarks import peer
from benchmarks.audio import frames as frames_of
from benchmarks.audio import read_channels
from benchmarks.places import ROOT
from benchmarks.recogniser_process import STATUS, frames
from benchmarks.rehearsed import listen, load_embedded
from benchmarks.shown import Listened, in_common
from benchmarks.whole_clips import LONGEST, pieces
from live_sentiment.events import CHANNELS, SAMPLE_RATE


def test_both_systems_hear_the_same_call_and_tell_what_it_cost() -> None:
    call = read_channels(Path(demo.__path__[0], "demo_call.flac"))[: 8 * SAMPLE_RATE]
    voices = {name: call[:, column].copy() for column, name in enumerate(CHANNELS)}
    loudest = max(voices, key=lambda name: float(np.abs(voices[name]).sum()))
    ours, theirs = listen(load_embedded(), voices)[loudest], peer.listen(voices[loudest])
    assert len(ours.ends) == len(ours.places), "every word that stands has its end"
    assert len(list(in_common(ours, ours, theirs))) > len(ours.places) / 2
    assert ours.length == theirs.length == 8.0
    assert min(ours.processor, theirs.processor) > 0.0
    for listened in (ours, theirs):
        assert [shown.when for shown in listened.shown] == sorted(shown.when for shown in listened.shown)
        assert listened.shown[-1].final


def test_the_peer_hears_nothing_in_nothing() -> None:
    assert peer.listen(np.zeros(SAMPLE_RATE, np.float32)) == Listened(
        processor=pytest.approx(0.0, abs=1.0),
        length=1.0,
    )


def test_the_recogniser_takes_its_frames_in_turn() -> None:
    sent = list(frames_of({name: np.full(1000, 0.1, np.float32) for name in CHANNELS}))
    assert list(frames(io.BytesIO(b"".join(frame.pcm for frame in sent)))) == sent


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux tells the highest memory of a process")
def test_the_recogniser_alone_tells_its_memory_and_its_words() -> None:
    command = [sys.executable, "-m", "benchmarks.recogniser_process"]
    done = subprocess.run(command, input=bytes(2 * 1024 * 40), stdout=subprocess.PIPE, cwd=ROOT, check=True)
    told = json.loads(done.stdout)
    assert told["words"] == 0
    assert 1 << 20 < told["loaded"] <= told["highest"]


def test_long_clips_are_cut_where_they_are_quiet() -> None:
    clip = np.ones(LONGEST + SAMPLE_RATE, np.float32)
    clip[9 * SAMPLE_RATE : 9 * SAMPLE_RATE + SAMPLE_RATE // 5] = 0.0
    first, second = pieces(clip)
    assert 9.0 <= first.size / SAMPLE_RATE <= 9.2
    assert np.array_equal(np.concatenate([first, second]), clip)
