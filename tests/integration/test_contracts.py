"""The import contracts of pyproject.toml hold, and each folder's ``__init__`` is empty."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEAVES = ("live_sentiment.events", "server.protocol")
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def contracts() -> list[str]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return [contract["name"] for contract in config["tool"]["importlinter"]["contracts"]]


def linted(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", LINT, "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)


def test_imports_go_one_way() -> None:
    told = linted(ROOT)
    assert told.returncode == 0, told.stdout
    kept = " ".join(told.stdout.split())
    assert f"Contracts: {len(contracts())} kept, 0 broken" in kept


def test_an_import_the_wrong_way_would_be_found(tmp_path: Path) -> None:
    """The contracts watch something: the same ones, over small folders with a bad import in each."""
    bad = {
        "onnx_models": "import live_sentiment.core",
        "live_sentiment": "import asyncio",
        "server": "import overlay",
        "overlay": "import live_sentiment.core",
        "audio_capture": "import overlay",
    }
    for folder, line in bad.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
        (tmp_path / folder / "core.py").write_text(f"{line}\n")
    (tmp_path / "spiegel.py").touch()
    (tmp_path / "live_sentiment/events.py").write_text("import numpy\n")
    (tmp_path / "server/protocol.py").write_text("import live_sentiment.events\n")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"))
    told = linted(tmp_path)
    assert told.returncode == 1, told.stdout
    assert f"Contracts: 0 kept, {len(contracts())} broken" in " ".join(told.stdout.split()), told.stdout


@pytest.mark.parametrize("module", LEAVES)
def test_the_words_load_nothing_heavy(module: str) -> None:
    code = f"import sys; before = set(sys.modules); import {module}; print(*(set(sys.modules) - before))"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    tops = {name.split(".")[0] for name in told.stdout.split()}
    assert module.split(".", maxsplit=1)[0] in tops
    assert not tops & {"numpy", "onnxruntime", "litestar", "sqlalchemy", "PyQt6", "websockets", "asyncio"}


@pytest.mark.parametrize("folder", ["overlay", "audio_capture", "live_sentiment", "server", "onnx_models"])
def test_the_folders_init_files_are_empty(folder: str) -> None:
    assert (ROOT / folder / "__init__.py").read_bytes() == b""
