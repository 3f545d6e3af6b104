"""The recipe, on a handful of lines. Needs PyTorch, which is not part of the ordinary environment (``make train``)."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe needs PyTorch; `make train` installs it")

from onnx_models import features, loader, manifest  # noqa: E402 (after the skip)
from onnx_models.sentiment import SentimentModel  # noqa: E402
from onnx_models.train import __main__ as recipe  # noqa: E402
from onnx_models.train import calibrate, data, ngrams, write  # noqa: E402

ROWS = (
    "dank u wel hoor\tthank you very much\tPOS\tgratitude\tclosing",
    "wat is mijn saldo\twhat is my balance\tNEU\tneutral\t-",
    "dit is nu al de derde keer\tthis is already the third time\tNEG\tfrustration\trepeat_contact",
)
ARGUMENTS = ("--no-public", "--members", "2", "--epochs", "1", "--threads", "1")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "call_lines").mkdir(parents=True)
    for domain in data.DOMAINS:
        prefix = "D01\t1\tcustomer\t" if domain == "dialogues" else ""
        rows = [prefix + row for row in ROWS * 12]
        (folder / "call_lines" / f"{domain}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_lines_come_in_pairs_and_keep_their_labels(few: Path) -> None:
    lines = data.lines(few)
    assert [line.language for line in lines[:4]] == ["nl", "en", "nl", "en"]
    assert {line.pair for line in lines[:2]} == {0}
    assert (lines[5].sentiment, lines[5].emotion, lines[5].signals) == (0, 1, (0,))


def test_the_held_out_lines_are_whole_groups(few: Path) -> None:
    lines = data.lines(few)
    held = set(recipe.held_out(lines))
    groups = {lines[i].group for i in held}
    assert groups == {"neutral_real", "dialogues/D01"}
    assert all((line.group in groups) == (i in held) for i, line in enumerate(lines))


@pytest.mark.timeout(400)
def test_the_recipe_writes_a_model_that_loads_and_is_the_same_again(few: Path, tmp_path: Path) -> None:
    hashes: list[str] = []
    for name in ("one", "two"):
        out = tmp_path / name
        assert recipe.main(["--data", str(few), "--out", str(out), *ARGUMENTS]) == 0
        hashes.append(manifest.read(out).file.sha256)
        assert SentimentModel.load(out).classify("dank u wel").probabilities
    assert hashes[0] == hashes[1]


@pytest.mark.timeout(200)
def test_the_exported_graph_says_what_the_network_says(few: Path, tmp_path: Path) -> None:
    lines = data.lines(few)
    corpus = recipe.Corpus([line.text for line in lines])
    trainer = recipe.Trainer(recipe.Recipe(epochs=1, early_epochs=0), corpus, lines, [])
    everything = range(len(lines))
    networks = [trainer.fit(everything, seed, lambda: None) for seed in (1, 2)]
    readers = recipe.Readers(networks, ngrams.fit(corpus, everything, trainer.targets, lambda: None))
    sizes = {"sentiment": 3, "emotion": 15, "signals": 14}
    fitted = calibrate.Calibration(
        scale=dict.fromkeys(sizes, 1.3), bias={name: [0.1] * size for name, size in sizes.items()}
    )
    thresholds = write.Thresholds(0.5, dict.fromkeys(write.SIGNALS, 0.5))
    described = write.model(tmp_path, readers, fitted, thresholds, write.Origin(1, {}))
    session = loader.load(tmp_path, described)
    wanted = fitted.apply(readers.logits(corpus, range(6)))
    words = np.array([[*row, *[0] * (12 - len(row))] for row in corpus.rows[:6]], dtype=np.int64)
    got = session.run(list(sizes), {"pieces": features.table(list(corpus.number)), "words": words})
    for name, values in zip(sizes, got, strict=True):
        assert np.abs(values - wanted[name].numpy()).max() < 0.01, name  # 8 bits cost this much at most


@pytest.mark.timeout(400)
def test_each_domain_is_measured_by_readers_that_did_not_see_it(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "none"
    assert recipe.main(["--data", str(few), "--out", str(out), "--domains", *ARGUMENTS]) == 0
    said = capsys.readouterr().err
    assert all(f"{domain}_nl" in said for domain in recipe.CALL_DOMAINS)
    assert not out.exists()


def test_data_that_is_not_there_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert recipe.main(["--data", str(tmp_path)]) == 2
    assert "--data" in capsys.readouterr().err
