"""Text for people, on a terminal or in a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.table import Table

# What goes on, how much is done, and of how much; a total of 0 is one that nobody knows.
Said = Callable[[str, int, int], None]

PLAIN_WIDTH = 160  # columns where no terminal says otherwise


def console() -> Console:
    """Standard output."""
    return Console(
        highlight=False, markup=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH, soft_wrap=True
    )


def table(headings: Sequence[str]) -> Table:
    """An empty table in the house's style."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in headings:
        made.add_column(heading)
    return made


@contextmanager
def progress(quiet: bool) -> Iterator[Said]:
    """A bar on standard error, where that is a terminal; it runs to and fro while the total is unknown."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    errors = Console(stderr=True)
    off = quiet or not errors.is_terminal
    with Progress(*columns, console=errors, transient=True, disable=off) as bar:
        task = bar.add_task("", total=None)
        yield lambda text, done, total: bar.update(
            task, description=text, completed=done, total=total or None
        )
