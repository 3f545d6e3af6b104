"""The whole pipeline with the embedded recogniser on sound in which nobody speaks: not a word, not for a moment."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.audio import over_telephone, read_samples
from benchmarks.rehearsed import listen, load_embedded
from live_sentiment.events import SAMPLE_RATE
from live_sentiment.pipeline import PipelineParts
from live_sentiment.transcriber import Samples

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def parts() -> PipelineParts:
    return load_embedded()


def as_it_is(samples: Samples) -> Samples:
    return samples


def after_silence(samples: Samples) -> Samples:
    """As hold music comes: out of a line of digital silence."""
    return np.pad(samples, (SAMPLE_RATE, 0))


def shown(parts: PipelineParts, samples: Samples) -> list[str]:
    """Every text that was on the screen, for however short."""
    heard = listen(parts, {"customer": samples})["customer"]
    return [" ".join(shown.words) for shown in heard.shown if shown.words]


@pytest.mark.parametrize("change", [as_it_is, over_telephone, after_silence])
@pytest.mark.parametrize("folder", ["noise", "music"])
def test_nothing_is_read_where_nobody_speaks(
    shared: Path, parts: PipelineParts, folder: str, change: Callable[[Samples], Samples]
) -> None:
    paths = sorted((shared / "audio" / folder).glob("*.flac"))
    assert paths
    told = {path.name: shown(parts, change(read_samples(path))) for path in paths}
    assert not {name: texts for name, texts in told.items() if texts}


def test_where_somebody_does_there_are_words(shared: Path, parts: PipelineParts) -> None:
    assert shown(parts, read_samples(shared / "audio" / "speech" / "cards_001.flac"))
