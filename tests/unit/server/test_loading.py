from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import structlog

from live_sentiment.assembly import AssemblyConfig
from live_sentiment.engine_family import EngineInfo
from live_sentiment.engines import Skipped
from live_sentiment.errors import EngineUnavailable
from live_sentiment.events import FRAME_SECONDS, AnyEvent, AudioFrame, TranscriptFinal, TranscriptPartial
from live_sentiment.fitting import Fit, Machine, Overrule
from live_sentiment.pipeline import CallPipeline, PipelineConfig, PipelineParts
from live_sentiment.playbook import Playbook, default_playbook, default_text
from live_sentiment.transcriber import ScriptedEngine
from onnx_models.sentiment import SentimentModel
from server import fit_file, loading
from server.loading import assembly_config, call_config, load_here, load_pipelines
from server.places import Places
from server.playbook_watch import PlaybookSource
from server.protocol import CallBegin
from server.settings import Settings

FIT = Fit("moonshine-tiny-en", 1, 0.5, 0.04, 0.1, in_time=True)


class Noted:
    """An engine that has something to say."""

    note = "Trimmed windows."


@dataclass(frozen=True)
class Parts:
    """Loaded models, as far as this module looks at them."""

    engine: Noted = field(default_factory=Noted)
    playbook: Playbook = field(default_factory=default_playbook)


class Loads:
    """In place of loading and measuring: notes what it was asked."""

    def __init__(self) -> None:
        self.configs: list[AssemblyConfig] = []
        self.skips: list[EngineInfo] = []

    def __call__(
        self, config: AssemblyConfig, machine: Machine, progress: Callable[[float, str], None], skipped: Skipped
    ) -> tuple[object, Fit]:
        assert machine.cores == fit_file.cores()
        self.configs.append(config)
        for info in self.skips:
            skipped(info, EngineUnavailable("It is cut short.", "Pull it again."))
        progress(1.0, "ready")
        return Parts(), config.known or FIT


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Loads:
    loads = Loads()
    monkeypatch.setattr(loading, "load_fitting", loads)
    return loads


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places.below(tmp_path)
    places.make()
    return places


def test_the_settings_say_what_to_load(tmp_path: Path) -> None:
    settings = Settings(
        language="nl",
        engine="whisper",
        playbook="~/ours.toml",
        sentiment_model="/m",
        threads=3,
        partial_every=0.7,
    )
    config = assembly_config(settings, Places.below(tmp_path))
    assert config == AssemblyConfig(
        models=tmp_path / "data/models",
        engine="whisper",
        language="nl",
        playbook=Path("~/ours.toml").expanduser(),
        sentiment=Path("/m"),
        overrule=Overrule(model=True, threads=3, step=0.7),
    )


def test_a_model_folder_comes_before_an_engines_name(tmp_path: Path) -> None:
    settings = Settings(whisper_model="/models/small", engine="moonshine")
    assert assembly_config(settings, Places.below(tmp_path)).engine == "/models/small"


def test_without_settings_the_shipped_parts_are_taken_and_what_fits(tmp_path: Path) -> None:
    config = assembly_config(Settings(), Places.below(tmp_path))
    assert (config.playbook, config.sentiment, config.overrule, config.known) == (None, None, Overrule(), None)


def test_what_fits_is_measured_once_for_the_same_settings(places: Places, loads: Loads) -> None:
    for settings in (Settings(), Settings(partial_every=0.3), Settings(threads=2), Settings()):
        load_here(settings, places)
    assert [config.known for config in loads.configs] == [None, FIT, None, FIT]


def test_it_is_measured_anew_when_asked_and_the_newest_counts(places: Places, loads: Loads) -> None:
    config = assembly_config(Settings(), places)
    fit_file.keep(places.data, fit_file.circumstances(config), replace(FIT, step=1.0))
    assert load_here(Settings(), places).fit.step == 1.0
    assert load_here(Settings(), places, anew=True).fit.step == 0.5
    assert load_here(Settings(), places).fit.step == 0.5
    assert [config.known is None for config in loads.configs] == [False, True, False]


def test_the_user_decides_and_what_was_measured_is_kept(places: Places, loads: Loads) -> None:
    del loads
    fit = load_here(Settings(partial_every=0.9), places).fit
    assert (fit.step, fit.overruled) == (0.9, ("step",))
    assert load_here(Settings(), places).fit == FIT


def test_a_measurement_that_cannot_be_kept_stops_nothing(places: Places, loads: Loads) -> None:
    (places.data / fit_file.FILE).mkdir()
    loaded = load_here(Settings(), places)
    assert loaded.fit == FIT
    assert "each start measures again" in loaded.trouble
    assert len(loads.configs) == 1


def test_beside_a_damaged_model_nothing_is_kept_and_the_log_says_why(places: Places, loads: Loads) -> None:
    """So that it serves again once it is whole, though name and size tell no difference."""
    loads.skips = [EngineInfo("whisper-small", "whisper", None, (), True, 480, "")]
    said = "whisper-small does not load, so another model is taken: It is cut short. Pull it again."
    assert load_here(Settings(), places).skipped == (said,)
    with structlog.testing.capture_logs() as logs:
        load_pipelines(Settings(), places, lambda _share, _what: None, PlaybookSource())
    assert [(log["event"], log["log_level"], log["why"]) for log in logs[1:]] == [("model_skipped", "warning", said)]
    loads.skips = []
    assert load_here(Settings(), places).skipped == ()
    assert load_here(Settings(), places).fit == FIT
    assert [config.known for config in loads.configs] == [None, None, None, FIT]


def test_without_a_data_folder_nothing_is_made(tmp_path: Path, loads: Loads) -> None:
    assert load_here(Settings(), Places.below(tmp_path / "home")).trouble == ""
    assert not (tmp_path / "home").exists()
    assert len(loads.configs) == 1


def test_models_load_once_and_each_call_has_a_pipeline_in_its_own_language(
    places: Places, loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[object, PipelineConfig]] = []

    def make(parts: PipelineParts, config: PipelineConfig) -> object:
        made.append((parts, config))
        return object()

    monkeypatch.setattr(loading, "CallPipeline", make)
    told: list[tuple[float, str]] = []
    with structlog.testing.capture_logs() as logs:
        factory = load_pipelines(Settings(), places, lambda share, what: told.append((share, what)), PlaybookSource())
    calls = [CallBegin(call_id=name, started_at=0.0, source="t", language=name) for name in ("nl", "en")]
    pipelines = [factory(call) for call in calls]
    assert pipelines[0] is not pipelines[1]
    assert (len(loads.configs), told) == (1, [(1.0, "ready")])
    assert [(config.language, config.shedding.step) for _, config in made] == [("nl", 0.5), ("en", 0.5)]
    assert logs == [
        {
            "event": "fits_this_machine",
            "log_level": "info",
            "model": "moonshine-tiny-en",
            "threads": 1,
            "step": 0.5,
            "update_seconds": 0.04,
            "final_seconds": 0.1,
            "found": "Trimmed windows.",
        }
    ]


def test_each_call_keeps_the_playbook_it_began_with(
    places: Places, loads: Loads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def make(parts: PipelineParts, config: PipelineConfig) -> object:
        del config
        made.append(parts.playbook.name)
        return object()

    monkeypatch.setattr(loading, "CallPipeline", make)
    file = tmp_path / "ours.toml"
    file.write_text("name = broken")
    source = PlaybookSource(file)
    settings = Settings(playbook=str(file))
    factory = load_pipelines(settings, places, lambda _share, _what: None, source)
    call = CallBegin(call_id="x", started_at=0.0, source="t")
    factory(call)
    file.write_text(default_text().replace('name = "Customer service"', 'name = "Ours"'), "utf-8")
    source.look()
    source.look()
    factory(call)
    assert made == ["Customer service", "Ours"]
    assert loads.configs[0].playbook is None, "a broken file is the source's to tell, and stops no model"


def test_the_log_tells_of_a_machine_that_falls_behind_and_of_a_folder_that_keeps_nothing(
    places: Places, loads: Loads
) -> None:
    (places.data / fit_file.FILE).mkdir()
    with structlog.testing.capture_logs() as logs:
        load_pipelines(Settings(partial_every=0.02), places, lambda _share, _what: None, PlaybookSource())
    assert len(loads.configs) == 1
    assert [log["event"] for log in logs] == ["fits_this_machine", "falls_behind", "measurement_not_kept"]
    assert logs[0]["set_by_user"] == "step"


class LoudnessVad:
    """Calls a frame speech when any of its samples is not zero."""

    def accept(self, pcm: bytes) -> float:
        return 0.95 if any(pcm) else 0.02

    def reset(self) -> None:
        """It remembers nothing."""


@pytest.mark.parametrize(("step", "partials"), [(0.5, True), (None, False)])
def test_a_machine_without_time_for_partials_still_gives_text_at_pauses(step: float | None, *, partials: bool) -> None:
    script = [[(word, 0.4 * number) for number, word in enumerate(("one", "two", "three", "four", "five"), 1)]]
    parts = PipelineParts(ScriptedEngine(script), LoudnessVad, SentimentModel.load(), default_playbook())
    pipeline = CallPipeline(parts, call_config("en", step))
    told: list[AnyEvent] = []
    for number in range(100):
        pcm = b"\x00\x20" * 512 if number < 70 else bytes(1024)
        told += pipeline.accept(AudioFrame(channel="agent", start=number * FRAME_SECONDS, pcm=pcm))
        while (more := pipeline.step()) is not None:
            told += more
    pipeline.close()
    speaking = [event for event in told if isinstance(event, TranscriptPartial) and event.at < 70 * FRAME_SECONDS]
    assert bool(speaking) == partials
    assert [event.text for event in told if isinstance(event, TranscriptFinal)] == ["one two three four five"]
