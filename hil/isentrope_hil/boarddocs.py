"""`python -m isentrope_hil.boarddocs`: the boards' diagrams, the ends of docs/boards.md and valves.md."""

from __future__ import annotations

from pathlib import Path

from isentrope_hil import board as boards
from isentrope_hil import diagram, fitting, valvedocs, wants
from isentrope_hil.boardfile import Board, Channel

MARK = "<!-- generated below by python -m isentrope_hil.boarddocs -->"
DOCS = Path(__file__).resolve().parents[2] / "docs"

# The machine each board is drawn with; the others are drawn with the inverter machine.
_DRAWN = {"pico-minimal": "ashp-r290-fixed"}
_INVERTER = "ashp-r290-8kw"


def generated() -> dict[str, str]:
    """Path under docs/ -> text, of every file that this module writes."""
    loaded = [boards.load(name) for name in boards.names()]
    files = {f"boards/{board.name}.svg": diagram.svg(_fitted(board)) for board in loaded}
    files["boards.md"] = _page("boards.md", "\n".join(_section(board) for board in loaded))
    files["valves.md"] = _page("valves.md", valvedocs.sections())
    return files


def _page(name: str, end: str) -> str:
    """A page of docs/ with a new end."""
    page = (DOCS / name).read_text(encoding="utf-8")
    return page[: page.index(MARK) + len(MARK)] + "\n\n" + end


def _fitted(board: Board) -> fitting.Fit:
    return fitting.fit(board, wants.of(_DRAWN.get(board.name, _INVERTER)))


def _section(board: Board) -> str:
    fitted = _fitted(board)
    rows = ["| terminals | kind | where |", "|---|---|---|"]
    for kind, group in _groups((*board.inputs, *board.outputs)):
        first, last = group[0], group[-1]
        place = fitting.where(board, first.hw)
        if first is not last:
            place += f" to {_last(board, last)}"
        drivers = f" ({', '.join(first.drivers)})" if first.drivers else ""
        labels = first.label if first is last else f"{first.label} to {last.label}"
        rows.append(f"| {labels} | {kind}{drivers} | {place} |")
    for name in board.uarts():
        bus = board.buses[name]
        pins = ", ".join(f"{key.upper()} {board.mcu.pin(bus[key])}" for key in ("tx", "rx", "de"))
        rows.append(f"| {name.upper()} | RS-485, {bus['use']} | {pins} |")
    if board.network:
        pins = ", ".join(board.mcu.pin(pin) for pin in sorted(board.network.pins))
        rows.append(f"| network | {board.network.kind} | {board.network.part}{f': {pins}' if pins else ''} |")
    pins_row = next(row for row in fitting.budget(fitted) if row["resource"] == "pins")
    heading = f"### {board.name}\n\n{board.title} ({board.mcu.title})."
    return (
        f"{heading} {pins_row['used']} of {pins_row['total']} pins are wired.\n\n"
        + "\n".join(rows)
        + f"\n\n![wiring of {board.name}](boards/{board.name}.svg)\n"
    )


def _groups(channels: tuple[Channel, ...]) -> list[tuple[str, list[Channel]]]:
    """Channels of one kind on one device, or on neighbouring pins, in a row."""
    found: list[tuple[str, list[Channel]]] = []
    for channel in channels:
        group = found[-1][1] if found else []
        if group and group[-1].kind == channel.kind and _next(group[-1]) == channel.hw:
            group.append(channel)
        else:
            found.append((channel.kind, [channel]))
    return found


def _next(channel: Channel) -> tuple[str | int, ...]:
    return (*channel.hw[:-1], int(channel.hw[-1]) + 1)


def _last(board: Board, channel: Channel) -> str:
    on_pin = channel.hw[0] in ("gpio", "pwm", "adc")
    return board.mcu.pin(int(channel.hw[-1])) if on_pin else str(channel.hw[-1])


def main() -> None:
    """Write them."""
    (DOCS / "boards").mkdir(exist_ok=True)
    for name, text in generated().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
