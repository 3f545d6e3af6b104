"""JSON Schema of the words and of the wire, generated from the types: ``python -m server.schema docs/schema``."""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from live_sentiment.events import AnyEvent
from server.protocol import FromCapture, FromOverlay, ToCapture, ToOverlay

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "#/$defs/{name}"


def schemas() -> dict[str, dict[str, Any]]:
    """Every schema document by its file name."""
    return {
        "events.json": _document("Every event of a call", {"event": AnyEvent}),
        "protocol.json": _document(
            "What goes over the WebSockets, by sender and receiver",
            {
                "from_capture": FromCapture,
                "to_capture": ToCapture,
                "from_overlay": FromOverlay,
                "to_overlay": ToOverlay,
            },
        ),
    }


def rendered() -> dict[str, str]:
    """The text of every schema file."""
    return {
        name: json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        for name, document in schemas().items()
    }


def write(folder: Path) -> list[Path]:
    """Writes every schema into ``folder`` and says where."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, text in rendered().items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _document(title: str, roots: dict[str, Any]) -> dict[str, Any]:
    references, definitions = msgspec.json.schema_components(roots.values(), ref_template=_REFERENCE)
    named = dict(zip(roots, references, strict=True))
    body: dict[str, Any] = {"$schema": _DIALECT, "title": title, "$defs": dict(definitions)}
    if len(named) == 1:
        return body | next(iter(named.values()))
    body["$defs"] |= named
    return body | {"anyOf": [{"$ref": _REFERENCE.format(name=name)} for name in named]}


def main() -> int:
    """Writes the schemas into the folder named on the command line."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and one folder
        sys.stderr.write("Use: python -m server.schema FOLDER\n")
        return 2
    for path in write(Path(sys.argv[1])):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
