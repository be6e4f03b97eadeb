"""Options that many commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on standard output")]
Picture = Annotated[
    Path | None, typer.Option("--plot", metavar="FILE.png", help="draw it there (needs matplotlib)")
]
