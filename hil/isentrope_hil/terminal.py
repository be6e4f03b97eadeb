"""Text for people, on a terminal or in a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

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
