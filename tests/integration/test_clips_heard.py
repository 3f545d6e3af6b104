"""The clip that comes with Spiegel is understood: the embedded recogniser reads the text that it is said to have."""

from live_sentiment.clips import CHECK_TEXT, check_clip
from live_sentiment.hypothesis import key
from live_sentiment.moonshine.engine import MoonshineEngine


def test_the_embedded_engine_reads_the_clips_text() -> None:
    ear = MoonshineEngine.load().transcriber()
    ear.accept(check_clip())
    assert [key(word.text) for word in ear.flush().words] == [key(word) for word in CHECK_TEXT.split()]
