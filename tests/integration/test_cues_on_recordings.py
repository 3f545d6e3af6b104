"""The whole pipeline with the embedded recogniser over recordings: few cues in calls, none where nobody speaks."""

from pathlib import Path

import pytest

from benchmarks.cues import MOST, Heard, hear
from benchmarks.rehearsed import load_embedded
from live_sentiment.backtest import replay
from live_sentiment.events import RecognitionQuality
from live_sentiment.pipeline import PipelineParts

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def parts() -> PipelineParts:
    return load_embedded()


@pytest.fixture(scope="module")
def calls(shared: Path, parts: PipelineParts) -> list[Heard]:
    return [hear(path, parts, "en", call=True) for path in sorted((shared / "audio" / "calls").glob("*_en.flac"))]


def test_a_call_gets_few_cues(calls: list[Heard]) -> None:
    assert calls
    assert {one.name: len(one.cues) for one in calls if not 1 <= len(one.cues) <= MOST} == {}


def test_a_backtest_gives_the_cues_that_the_call_gave(calls: list[Heard], parts: PipelineParts) -> None:
    """Also those that were held back, when nobody knows any more that they were."""
    for one in calls:
        again = [cue.rule for cue in replay(one.events, parts.playbook)]
        assert again == [cue.rule for cue in one.cues]
        sure = [event for event in one.events if not isinstance(event, RecognitionQuality)]
        assert len(replay(sure, parts.playbook)) <= MOST


@pytest.mark.parametrize("folder", ["noise", "music"])
def test_there_are_none_where_nobody_speaks(shared: Path, parts: PipelineParts, folder: str) -> None:
    paths = sorted((shared / "audio" / folder).glob("*.flac"))
    assert paths
    heard = [hear(path, parts, "en", call=False) for path in paths]
    assert {one.name: [cue.rule for cue in one.cues] for one in heard if one.cues} == {}
