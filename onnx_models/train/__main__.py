"""``python -m onnx_models.train``: trains the sentiment model, measures it, and writes it with its manifest.

Two rounds: the first leaves the mix of real calls and a third of the dialogues out, to measure and to calibrate, on
these and on lines kept apart that neither round sees; the second trains what is shipped, under the same recipe and
calibration.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from onnx_models.train import data, ngrams, write
from onnx_models.train.corpus import Corpus
from onnx_models.train.data import Line
from onnx_models.train.fit import Recipe, Trainer
from onnx_models.train.model import HEADS
from onnx_models.train.readers import Readers
from onnx_models.train.unseen import Unseen

HELD_DOMAIN = "neutral_real"
CALL_DOMAINS = ("webshop", "telecom", "bank_gov", "travel_tech")
EVERY_DIALOGUE = 3
"""One dialogue in three is held out."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the recipe; answers 2 when the data is not where it was said to be."""
    options = _options(arguments)
    console = Console(stderr=True)
    if not (options.data / "call_lines").is_dir():
        console.print(f"There is no call_lines folder in {options.data}; name the data with --data FOLDER.")
        return 2
    torch.set_num_threads(options.threads)
    lines = data.lines(options.data)
    others = [] if options.no_public else data.auxiliary(options.data)
    apart = data.kept_apart()
    corpus = Corpus([item.text for item in (*lines, *others, *apart)])
    recipe = Recipe(epochs=options.epochs, early_epochs=options.early_epochs)
    trainer = Trainer(recipe, corpus, lines, others)
    if options.domains:
        console.print(_table(_by_domain(trainer, options, console), "each domain, by readers that did not see it"))
        return 0
    unseen = held_out(lines)
    seen = [i for i in range(len(lines)) if i not in set(unseen)]
    measuring = _train(trainer, seen, options, "to measure", console)
    shipped = _train(trainer, range(len(lines)), options, "to ship", console)
    last = range(len(corpus.rows) - len(apart), len(corpus.rows))
    tests = {"held_out": [lines[i] for i in unseen], "kept_apart": apart}
    measured = Unseen(tests, measuring.logits(corpus, [*unseen, *last]))
    scores = measured.scores()
    origin = write.Origin(options.seed, scores)
    write.model(options.out, shipped, measured.fitted(), measured.thresholds(), origin)
    console.print(_table(scores, "held out: neutral_real and a third of the dialogues; kept apart: never trained on"))
    return 0


def held_out(lines: Sequence[Line]) -> list[int]:
    """The numbers of the lines that the first round does not see: a whole file, and whole dialogues."""
    dialogues = sorted({line.group for line in lines if line.domain == "dialogues"})
    groups = {HELD_DOMAIN, *dialogues[::EVERY_DIALOGUE]}
    return [i for i, line in enumerate(lines) if line.group in groups]


def _train(
    trainer: Trainer, chosen: Sequence[int], options: argparse.Namespace, title: str, console: Console
) -> Readers:
    """N-grams and ``options.members`` networks, with a progress bar on ``console``."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"n-grams ({title})", total=len(HEADS))
        counted = ngrams.fit(trainer.corpus, chosen, trainer.targets, lambda: progress.advance(task))
        task = progress.add_task(f"networks ({title})", total=options.members * trainer.steps(chosen))
        seeds = range(options.seed, options.seed + options.members)
        return Readers([trainer.fit(chosen, seed, lambda: progress.advance(task)) for seed in seeds], counted)


def _by_domain(trainer: Trainer, options: argparse.Namespace, console: Console) -> dict[str, dict[str, float]]:
    """The figures of each domain of ``call_lines`` in each language, by readers trained on all other lines."""
    scores: dict[str, dict[str, float]] = {}
    for domain in CALL_DOMAINS:
        inside = [i for i, line in enumerate(trainer.lines) if line.domain == domain]
        others = [i for i, line in enumerate(trainer.lines) if line.domain != domain]
        readers = _train(trainer, others, options, f"without {domain}", console)
        measured = Unseen({domain: [trainer.lines[i] for i in inside]}, readers.logits(trainer.corpus, inside))
        found = measured.scores()
        scores |= {f"{domain}_{language}": found[f"{domain}_{language}"] for language in data.LANGUAGES}
    return scores


def _table(scores: dict[str, dict[str, float]], title: str) -> Table:
    table = Table("test", "figure", "value", title=title)
    for test, figures in scores.items():
        for name, value in figures.items():
            table.add_row(test, name, f"{value:g}")
    return table


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m onnx_models.train", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with call_lines and more")
    parser.add_argument("--out", type=Path, default=Path("onnx_models"), help="where the model and manifest go")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--members", type=int, default=1, help="networks that are averaged")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--early-epochs", type=int, default=Recipe().early_epochs)
    parser.add_argument("--domains", action="store_true", help="write no model; measure each domain left out in turn")
    parser.add_argument("--no-public", action="store_true", help="train on call_lines alone")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
