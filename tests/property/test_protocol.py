"""Whatever is said over the wire arrives as it was said: every event, every message, every audio frame."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_sentiment.events import CHANNELS, AnyEvent, AudioFrame
from server.protocol import (
    FromCapture,
    FromOverlay,
    ServerStatus,
    ToCapture,
    ToOverlay,
    decode_frame,
    decode_from_capture,
    decode_from_overlay,
    decode_to_capture,
    decode_to_overlay,
    encode,
    encode_frame,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
st.register_type_strategy(float, numbers)
st.register_type_strategy(str, texts)
# hypothesis takes the default of a mutable field, which is a factory, for a value
st.register_type_strategy(ServerStatus, st.builds(ServerStatus, detail=st.dictionaries(texts, texts, max_size=3)))

decode_event = msgspec.json.Decoder(AnyEvent).decode
DIRECTIONS = [
    (FromCapture, decode_from_capture),
    (ToCapture, decode_to_capture),
    (FromOverlay, decode_from_overlay),
    (ToOverlay, decode_to_overlay),
]
MESSAGES = [(kind, decode) for union, decode in DIRECTIONS for kind in get_args(union)]


@pytest.mark.parametrize("kind", get_args(AnyEvent))
@given(data=st.data())
def test_every_event_comes_back_as_it_was(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    event = data.draw(st.from_type(kind))
    assert decode_event(encode(event)) == event


@pytest.mark.parametrize(("kind", "decode"), MESSAGES)
@given(data=st.data())
def test_every_message_comes_back_as_it_was(kind: type[msgspec.Struct], decode: object, data: st.DataObject) -> None:
    message = data.draw(st.from_type(kind))
    assert callable(decode)
    assert decode(encode(message)) == message


frames = st.builds(
    AudioFrame,
    channel=st.sampled_from(CHANNELS),
    start=numbers,
    pcm=st.integers(0, 600).flatmap(lambda samples: st.binary(min_size=2 * samples, max_size=2 * samples)),
)


@given(frame=frames)
def test_every_frame_comes_back_as_it_was(frame: AudioFrame) -> None:
    assert decode_frame(encode_frame(frame)) == frame


@given(data=st.binary(max_size=64))
def test_bytes_are_a_frame_or_refused(data: bytes) -> None:
    try:
        frame = decode_frame(data)
    except ValueError:
        return
    if frame.start == frame.start:  # a NaN is never equal to itself
        assert encode_frame(frame)[:2] == data[:2]
    assert len(frame.pcm) % 2 == 0


@given(text=texts)
def test_text_is_a_message_or_refused(text: str) -> None:
    for _, decode in DIRECTIONS:
        with pytest.raises(msgspec.DecodeError):
            decode(text)
