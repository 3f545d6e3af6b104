import numpy as np

from audio_capture.ring import OVERWRITTEN, Missing, SampleRing


def count(start: int, samples: int) -> np.ndarray:
    return np.arange(start, start + samples, dtype=np.int16)


def test_gives_back_what_was_written_over_many_rounds() -> None:
    ring = SampleRing(100)
    out: list[int] = []
    for written in range(0, 700, 70):
        ring.write(count(written, 70))
        while (block := ring.read(10)) is not None:
            assert not isinstance(block, Missing)
            out += block.tolist()
    assert out == list(range(700))


def test_nothing_to_read_until_a_block_is_whole() -> None:
    ring = SampleRing(100)
    ring.write(count(0, 9))
    assert ring.read(10) is None
    ring.write(count(9, 1))
    assert ring.read(10) is not None


def test_a_late_reader_is_told_exactly_what_it_lost() -> None:
    ring = SampleRing(100)
    ring.write(count(0, 80))
    ring.write(count(80, 45))
    assert ring.read(10) == Missing(30, OVERWRITTEN)  # 25 were overwritten: three whole blocks
    block = ring.read(10)
    assert not isinstance(block, Missing)
    assert block is not None
    assert block.tolist() == list(range(30, 40))


def test_a_skip_comes_at_its_place_with_its_reason() -> None:
    ring = SampleRing(100)
    ring.write(count(0, 10))
    ring.skip(50, "unplugged")
    ring.write(count(10, 10))
    kinds = [ring.read(10) for _ in range(4)]
    assert [kind if isinstance(kind, Missing) or kind is None else "samples" for kind in kinds] == [
        "samples",
        Missing(50, "unplugged"),
        "samples",
        None,
    ]


def test_a_skip_that_was_overwritten_counts_as_lost_too() -> None:
    ring = SampleRing(100)
    ring.write(count(0, 10))
    ring.skip(50, "unplugged")
    ring.write(count(10, 60))
    ring.write(count(70, 60))
    assert ring.read(10) == Missing(30 + 50, OVERWRITTEN)
