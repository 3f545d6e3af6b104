"""A progress bar for long work, on standard error, and only where a person looks at it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


@contextmanager
def progress_bar(title: str, total: float) -> Generator[Callable[[float], None]]:
    """Shows a bar while the block runs; call what it yields with how much of ``total`` is done.

    Nothing is shown when standard error is not a terminal. The bar is gone when the block is left.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, completed=done)
