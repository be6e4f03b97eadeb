"""What a command measured, put into a page between the command's marks."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from isentrope_sim.errors import InputError

END = "<!-- end of what was measured -->"


def begin(command: str) -> str:
    """The mark before what this command of `isentrope` has measured."""
    return f"<!-- measured: isentrope {command} --page -->"


def check(plot: Path | None, page: Path | None, mark: str) -> None:
    """Raises InputError where what is asked for cannot be drawn, or put behind `mark`."""
    if plot is not None:
        if plot.suffix not in (".png", ".svg"):
            raise InputError(f"--plot {plot}: the plot is a .png or .svg file")
        if find_spec("matplotlib") is None:
            raise InputError("--plot needs matplotlib: pip install isentrope[plots]")
    if page is not None:
        _split(page, mark)


def put(page: Path, text: str, mark: str) -> None:
    """Replaces what stands between `mark` and `END`."""
    before, after = _split(page, mark)
    page.write_text(f"{before}{mark}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _split(page: Path, mark: str) -> tuple[str, str]:
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"--page {page}: {error.strerror}") from None
    before, found, rest = text.partition(mark)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise InputError(f"--page {page}: it has not the two marks {mark} and {END}")
    return before, after
