from collections.abc import Callable
from pathlib import Path

import pytest

from live_sentiment.assembly import AssemblyConfig
from live_sentiment.pipeline import PipelineConfig, PipelineParts
from server import loading
from server.loading import assembly_config, load_pipelines
from server.places import Places
from server.protocol import CallBegin
from server.settings import Settings


def test_the_settings_say_what_to_load(tmp_path: Path) -> None:
    settings = Settings(language="nl", whisper_model="", engine="whisper", playbook="~/ours.toml", sentiment_model="/m")
    config = assembly_config(settings, Places.below(tmp_path))
    assert config == AssemblyConfig(
        models=tmp_path / "data/models",
        engine="whisper",
        language="nl",
        playbook=Path("~/ours.toml").expanduser(),
        sentiment=Path("/m"),
    )


def test_a_model_folder_comes_before_an_engines_name(tmp_path: Path) -> None:
    settings = Settings(whisper_model="/models/small", engine="moonshine")
    assert assembly_config(settings, Places.below(tmp_path)).engine == "/models/small"


def test_without_settings_the_shipped_parts_are_taken(tmp_path: Path) -> None:
    config = assembly_config(Settings(), Places.below(tmp_path))
    assert (config.playbook, config.sentiment) == (None, None)


def test_models_load_once_and_each_call_has_a_pipeline_in_its_own_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[AssemblyConfig] = []
    made: list[tuple[object, PipelineConfig]] = []
    parts = object()

    def load(config: AssemblyConfig, progress: Callable[[float, str], None]) -> object:
        loads.append(config)
        progress(1.0, "ready")
        return parts

    def make(parts: PipelineParts, config: PipelineConfig) -> object:
        made.append((parts, config))
        return object()

    monkeypatch.setattr(loading, "load_parts", load)
    monkeypatch.setattr(loading, "CallPipeline", make)
    told: list[tuple[float, str]] = []
    factory = load_pipelines(Settings(), Places.below(tmp_path), lambda share, what: told.append((share, what)))
    calls = [CallBegin(call_id=name, started_at=0.0, source="t", language=name) for name in ("nl", "en")]
    pipelines = [factory(call) for call in calls]
    assert pipelines[0] is not pipelines[1]
    assert (len(loads), told) == (1, [(1.0, "ready")])
    assert [(whose is parts, config.language) for whose, config in made] == [(True, "nl"), (True, "en")]
