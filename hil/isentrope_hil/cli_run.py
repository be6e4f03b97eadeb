"""`isentrope run`, `replay` and `export`."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from isentrope_sim.errors import InputError

from isentrope_hil.options import AsJson

if TYPE_CHECKING:
    from isentrope_hil.runner import Progress

PANEL = "run"
EXIT = {"pass": 0, "fail": 1, "blocked": 3}
INTERRUPTED = 130
PLAIN_EVERY = 0.1  # of the run, where there is no terminal to draw a bar on
PLAIN_AFTER_S = 2.0
COMPILING = "compiling the plant, once on this machine (about 20 s)"


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command(rich_help_panel=PANEL)(run)
    app.command(rich_help_panel=PANEL)(export)


def run(
    scenario: Annotated[
        str, typer.Argument(help="name (see `isentrope list scenarios`) or path of a .toml file")
    ],
    target: Annotated[
        str, typer.Option(help="unix, cpython, rp2040, serial:PORT or exec:CMD: where the controller runs")
    ] = "unix",
    speed: Annotated[
        str,
        typer.Option(metavar="max|N", help="simulated seconds per second at most; the result stays the same"),
    ] = "max",
    free_run: Annotated[
        bool, typer.Option("--free-run", help="the target keeps its own time and the plant follows; no hash")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**32 - 1, help="of noise; default: the scenario's")
    ] = None,
    link_noise: Annotated[
        float, typer.Option(metavar="P", help="damage each byte of the link with probability P, both ways")
    ] = 0.0,
    perturb: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="draw N of a unit that differs from its data sheet")
    ] = None,
    heap: Annotated[
        str, typer.Option(metavar="SIZE", help="MicroPython's heap on unix, as 512k or 2m")
    ] = "2m",
    image: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="MicroPython's .uf2 for target rp2040; default: ISENTROPE_UF2"),
    ] = None,
    storage: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="the controller's flash: storage.bin of an earlier run"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="the run's folder; default: a new one in runs/")
    ] = None,
    halt: Annotated[bool, typer.Option("--halt", hidden=True)] = False,
    as_json: AsJson = False,
) -> int:
    """Run a scenario and judge it."""
    pace = _pace(speed)
    flash = _flash(storage)
    if free_run and (pace is not None or halt):
        raise InputError("--free-run keeps the target's time; it goes with neither --speed nor --halt")
    with _progress(scenario) as (progress, say):
        from isentrope_hil import runner
        from isentrope_hil.bench import Bench
        from isentrope_hil.scenario import load

        loaded = load(scenario)
        bench = Bench(
            loaded.machine,
            loaded.board,
            target,
            seed=loaded.seed if seed is None else seed,
            perturb=perturb,
            link_noise=link_noise,
            heap=heap,
            image=image,
            speed=pace,
            free_run=free_run,
            storage=flash,
            halt=halt,
            world=loaded.world,
            carry_over=loaded.initial.carry_over,
        )
        with _folder(out, loaded.name) as folder:
            with _if_it_takes_long(lambda: say(COMPILING)):
                bench.prepare()
            outcome = runner.run(bench, loaded, folder, progress)
    if as_json:
        print(json.dumps(outcome.document))
    else:
        _show(outcome.document)
    return INTERRUPTED if outcome.interrupted else EXIT[outcome.document["verdict"]]


def export(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="a run's folder")],
    csv: Annotated[bool, typer.Option("--csv", help="trace.csv, one column a signal")] = False,
    mdf4: Annotated[
        bool, typer.Option("--mdf4", help="trace.mf4 for measurement tools (extra `mdf`)")
    ] = False,
) -> None:
    """Write a run's trace in another format, beside it."""
    if not csv and not mdf4:
        raise InputError("export needs --csv, --mdf4 or both")
    from isentrope_hil import export as formats
    from isentrope_hil.runfolder import writing

    for wanted, write in ((csv, formats.to_csv), (mdf4, formats.to_mdf4)):
        if wanted:
            with writing(folder):
                path = write(folder)
            print(path)


def _pace(speed: str) -> float | None:
    if speed == "max":
        return None
    try:
        pace = float(speed)
    except ValueError:
        pace = 0.0
    if not 0.0 < pace <= 1e6:
        raise InputError(f"--speed {speed}: give max, or simulated seconds per second, over 0 to 1000000")
    return pace


def _flash(storage: Path | None) -> bytes:
    if storage is None:
        return b""
    try:
        return storage.read_bytes()
    except OSError as error:
        raise InputError(f"--storage {storage} cannot be read: {error.strerror}") from None


def _new_folder(name: str) -> Path:
    """A folder in runs/ that nobody had before: two runs may begin in the same second."""
    folder = stem = Path("runs", f"{name}-{datetime.now():%Y%m%d-%H%M%S}").absolute()
    number = 1
    while True:
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            number += 1
            folder = stem.with_name(f"{stem.name}-{number}")


def _given_folder(wanted: Path) -> Path:
    """`wanted`, new, empty, or of an earlier run, whose files the new ones replace."""
    folder = wanted.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not (folder / "run.json").exists():
        raise InputError(f"--out {wanted}: the folder holds other things than a run; give a new one")
    return folder


@contextmanager
def _folder(wanted: Path | None, name: str) -> Iterator[Path]:
    """The run's folder, made beforehand to know that it can be; gone again if nothing came of the run."""
    try:
        folder = _given_folder(wanted) if wanted else _new_folder(name)
    except OSError as error:
        place = (wanted or Path("runs")).absolute()
        raise InputError(f"the run's folder {place} cannot be made: {error.strerror}; see --out") from None
    try:
        yield folder
    except BaseException:
        with suppress(OSError):
            folder.rmdir()
        raise


@contextmanager
def _if_it_takes_long(say: Callable[[], None]) -> Iterator[None]:
    """Calls `say` if the block is not done after two seconds."""
    timer = threading.Timer(PLAIN_AFTER_S, say)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _progress(name: str) -> Iterator[tuple[Progress, Callable[[str], None]]]:
    """A bar on a terminal, else a line at every tenth of a run that takes over two seconds.

    Gives what draws it, and what says in words what goes on before the first step.
    """
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(f"{name}: starting", total=None)

            def draw(done_s: float, total_s: float) -> None:
                bar.update(
                    task, completed=done_s, total=total_s, description=f"{name}: {done_s:.0f} s simulated"
                )

            def describe(text: str) -> None:
                bar.update(task, description=f"{name}: {text}")

            yield draw, describe
        return
    began = perf_counter()
    shown = 0.0

    def write(done_s: float, total_s: float) -> None:
        nonlocal shown
        if done_s / total_s >= shown + PLAIN_EVERY and perf_counter() - began > PLAIN_AFTER_S:
            shown = done_s / total_s
            print(f"{name}: {100.0 * shown:.0f} % of {total_s:.0f} s simulated", file=sys.stderr, flush=True)

    def say(text: str) -> None:
        print(f"{name}: {text}", file=sys.stderr, flush=True)

    yield write, say


def _show(document: dict[str, Any]) -> None:
    """The run for people; the last line is the report's link."""
    from rich.text import Text

    from isentrope_hil import terminal, units

    console = terminal.console()
    colours = {"pass": "green", "fail": "red", "blocked": "yellow"}
    table = terminal.table(("requirement", "limit", "value", "verdict"))
    for row in document["requirements"]:
        value = (
            "" if row["value"] is None else f"{units.readable(row['value'])} {row['unit'].removesuffix('1')}"
        )
        table.add_row(
            Text(row["name"]),
            Text(row["limit"]),
            Text(value or row.get("note", "")),
            Text(row["verdict"], style=colours[row["verdict"]]),
        )
    console.print(table)
    figure = {
        key: _figure(document["summary"][key], form)
        for key, form in (
            ("cop", ".2f"),
            ("heat_kwh", ".2f"),
            ("electric_kwh", ".2f"),
            ("superheat_mean_k", ".1f"),
            ("superheat_std_k", ".2f"),
            ("starts", "d"),
        )
    }
    superheat = ""
    if document["summary"]["superheat_mean_k"] is not None:
        superheat = (
            f"superheat {figure['superheat_mean_k']} K (standard deviation {figure['superheat_std_k']} K), "
        )
    console.print(
        f"COP {figure['cop']}, heat {figure['heat_kwh']} kWh, electricity {figure['electric_kwh']} kWh, "
        f"{superheat}starts {figure['starts']}"
    )
    console.print(
        f"{document['sim_seconds']:.0f} s simulated in {document['wall_seconds']:.1f} s "
        f"({_figure(document['realtime_factor'], '.0f')} times real time) on {document['target']}, "
        f"seed {document['seed']}, trace {(document['trace_sha256'] or 'without hash')[:16]}"
    )
    if document["error"]:
        console.print(Text(document["error"], style="yellow"))
    console.print(Text(document["verdict"], style=f"bold {colours[document['verdict']]}"))
    print(Path(document["files"]["report"]).as_uri())


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
