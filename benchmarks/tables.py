"""What the tables of benchmarks have in common."""

from rich.table import Table

NOTHING = "-"
"""In a cell: there was nothing to measure."""


def table_of(title: str, heads: tuple[str, ...]) -> Table:
    """A table with names at the left and figures at the right."""
    table = Table(title=title, title_justify="left")
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left")
    return table


def met(value: float | None, most: float | None) -> str:
    """Whether ``value`` is at most ``most``, in a word; neither when one of them is not known."""
    if value is None or most is None:
        return NOTHING
    return "yes" if value <= most else "no"
