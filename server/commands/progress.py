"""A progress bar for long work, on standard error, and only where a person looks at it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)


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


@contextmanager
def bytes_bar(title: str) -> Generator[Callable[[int, int], None]]:
    """Likewise for bytes on their way, with speed and time left; call what it yields with those there and all."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None)

        def told(done: int, total: int) -> None:
            if progress.tasks[0].total is None:  # what an earlier time brought says nothing of the speed
                progress.reset(task, total=total, completed=done)
            else:
                progress.update(task, completed=done)

        yield told
