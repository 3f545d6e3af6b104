"""A look into an ONNX file without the onnx package, for one question: are there weights in other files.

ONNX Runtime would follow such names relative to the working directory, past every hash of ours, so the question must be
answered before it sees the file. Only as much of the protobuf wire format is read as leads to tensors; field numbers
are those of onnx.proto (IR version 10). Nothing is decoded but lengths.
"""

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DEEPEST = 32
_LONGEST_VARINT = 10

# message -> field number -> the message in that field
_CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14


def has_external_data(raw: bytes) -> bool:
    """True when a tensor of the model in ``raw`` names another file.

    Raises:
        ValueError: ``raw`` is not a protobuf message, or is nested absurdly deep.
    """
    return _looks_outside(memoryview(raw), "model", 0)


def _looks_outside(message: memoryview, kind: str, depth: int) -> bool:
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    for field, value in _fields(message):
        if kind == "tensor" and (field == _EXTERNAL_DATA or (field == _DATA_LOCATION and value == 1)):
            return True
        child = _CHILDREN[kind].get(field)
        if child and isinstance(value, memoryview) and _looks_outside(value, child, depth + 1):
            return True
    return False


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Field number and value of each field; a number only for varints, fixed widths are skipped as 0."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        field, wire = key >> 3, key & 7
        if wire == _VARINT:
            number, at = _varint(message, at)
            yield field, number
            continue
        if wire == _BYTES:
            size, at = _varint(message, at)
        elif wire in {_FIXED64, _FIXED32}:
            size = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"unknown wire type {wire}")
        if at + size > len(message):
            raise ValueError("the file ends in the middle of a field")
        yield field, message[at : at + size] if wire == _BYTES else 0
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number at ``at``, and the place after it."""
    number = 0
    for shift, byte in enumerate(message[at : at + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:  # noqa: PLR2004 (the wire format's continuation bit)
            return number, at + shift + 1
    raise ValueError("a number without an end")
