"""`isentrope experiment`: measurements on the plant, alone or in closed loop, as data and picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from isentrope_hil import cli_defrost
from isentrope_hil.options import AsJson, Picture

PANEL = "machine"


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    group = typer.Typer(help="Measure a property of a machine, as data and picture.")
    group.command("stable-line")(stable_line)
    group.command("minimum-superheat")(minimum_superheat)
    group.command("charge-draws")(charge_draws)
    group.command("coil-draws")(coil_draws)
    group.command("diagnosis")(diagnosis)
    group.command("migration")(migration)
    group.command("valve-resolution")(valve_resolution)
    group.command("defrost")(cli_defrost.defrost)
    app.add_typer(group, name="experiment", rich_help_panel=PANEL)


def stable_line(
    machine: Annotated[
        str, typer.Argument(help="name (see `isentrope list machines`) or path of a .toml file")
    ],
    seed: Annotated[int, typer.Option(min=0, help="of the bursts and the sensors' noise")] = 0,
    plot: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Lowest superheat a fixed valve holds within 0.7 K (1 sigma) over 20 min, from 30 to 100 % load."""
    from isentrope_sim import stable_line as experiment
    from isentrope_sim.machine import load_machine

    check(plot)
    with bar("stable-line") as progress:
        document = experiment.stable_line(load_machine(machine), seed=seed, progress=progress)
    end(document, plot, as_json, "stable_line_plot", _show)


def minimum_superheat(
    machine: Annotated[
        str, typer.Argument(help="name (see `isentrope list machines`) or path of a .toml file")
    ],
    seed: Annotated[int, typer.Option(min=0, help="of the bursts and the sensors' noise")] = 0,
    plot: Picture = None,
    as_json: AsJson = False,
) -> None:
    """What superheat_law 2 finds in closed loop at 60, 30 and 100 % load, against the plant's line."""
    from isentrope_sim.machine import load_machine

    from isentrope_hil import minimum_superheat as experiment

    check(plot)
    with bar("minimum-superheat") as progress:
        document = experiment.minimum_superheat(load_machine(machine), seed=seed, progress=progress)
    end(document, plot, as_json, "minimum_superheat_plot", _show_search)


def charge_draws(
    machine: Annotated[
        list[str] | None, typer.Option(help="name or path, again for more; default: four machines")
    ] = None,
    draws: Annotated[int, typer.Option(min=1, help="units of each machine")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="of the first unit")] = 301,
    plot: Picture = None,
    as_json: AsJson = False,
) -> None:
    """What subcooling says of lost charge on drawn units, at steady points (2 min of a free core)."""
    from isentrope_hil import charge_draws as experiment

    check(plot)
    with bar("charge-draws") as progress:
        document = experiment.charge_draws(
            tuple(machine or experiment.MACHINES), draws=draws, seed=seed, progress=progress
        )
    end(document, plot, as_json, "charge_draws_plot", _show_draws)


def coil_draws(
    machine: Annotated[
        list[str] | None, typer.Option(help="name or path, again for more; default: four machines")
    ] = None,
    draws: Annotated[int, typer.Option(min=1, help="units of each machine")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="of the first unit")] = 301,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON document on standard output")] = False,
) -> None:
    """What the coil's distance from the air says of its dirt on drawn units, at steady points (2 min)."""
    from isentrope_hil import coil_draws as experiment

    with bar("coil-draws") as progress:
        document = experiment.coil_draws(
            tuple(machine or experiment.MACHINES), draws=draws, seed=seed, progress=progress
        )
    end(document, None, as_json, "", _show_coils)


def diagnosis(
    machine: Annotated[
        str, typer.Argument(help="name (see `isentrope list machines`) or path of a .toml file")
    ],
    fault: Annotated[
        str, typer.Option(help="charge, coil (heating), condenser (the coil in cooling), plate or flow")
    ] = "charge",
    seed: Annotated[int, typer.Option(min=0, help="of the unit, its course and the noise")] = 1,
    as_json: AsJson = False,
) -> None:
    """One unit in closed loop learns, stays sound, then has a growing fault until the alarm comes."""
    from isentrope_hil import diagnosis_run as experiment

    document = experiment.run(machine, fault, seed=seed)
    end(document, None, as_json, "", _show_diagnosis)


def migration(
    machine: Annotated[
        str, typer.Argument(help="name (see `isentrope list machines`) or path of a .toml file")
    ],
    hours: Annotated[float, typer.Option(help="of standstill, 0.5 to 72")] = 12.0,
    coldest: Annotated[float, typer.Option(help="lowest outdoor temperature, degC, -25 to 2")] = -7.0,
    plot: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Refrigerant in the compressor's oil over a cold night and a start, crankcase heater off and on."""
    from isentrope_sim import migration as experiment
    from isentrope_sim.machine import load_machine

    check(plot)
    with bar("migration") as progress:
        document = experiment.migration(
            load_machine(machine), hours=hours, coldest_c=coldest, progress=progress
        )
    end(document, plot, as_json, "migration_plot", _show_migration)


def valve_resolution(
    machine: Annotated[
        list[str] | None,
        typer.Option(help="name or path, again for more; default: one machine of each refrigerant"),
    ] = None,
    steps: Annotated[
        list[int] | None,
        typer.Option(help="a full stroke, 100 to 3000, again for more; default: 250 to 3000"),
    ] = None,
    draws: Annotated[int, typer.Option(min=1, help="runs of each case, with other noise")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="of the first run's noise and bursts")] = 1,
    plot: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Superheat and wear over the steps of one valve's stroke, in closed loop (10 min of a free core)."""
    from isentrope_hil import valve_resolution as experiment

    check(plot)
    with bar("valve-resolution") as progress:
        document = experiment.valve_resolution(
            machines=tuple(machine or experiment.MACHINES),
            steps=tuple(sorted(set(steps or experiment.STEPS))),
            draws=draws,
            seed=seed,
            progress=progress,
        )
    end(document, plot, as_json, "valve_resolution_plot", _show_resolution)


def check(plot: Path | None) -> None:
    """InputError where the picture asked for cannot be drawn."""
    from isentrope_sim.errors import InputError

    if plot is None:
        return
    if plot.suffix != ".png":
        raise InputError(f"--plot {plot}: the plot is a .png file")
    from isentrope_hil import stable_line_plot

    stable_line_plot.check()


def end(
    document: dict[str, Any],
    plot: Path | None,
    as_json: bool,
    drawn_by: str,
    show: Callable[[dict[str, Any]], None],
) -> None:
    """What every experiment ends with: its picture by this module's `write`, JSON or tables."""
    if plot is not None:
        import_module(f"isentrope_hil.{drawn_by}").write(plot, document)
    if as_json:
        print(json.dumps(document))
    else:
        show(document)


@contextmanager
def bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, none where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    terminal = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
    with Progress(
        *columns, TimeRemainingColumn(), console=terminal, transient=True, disable=not terminal.is_terminal
    ) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    console = terminal.console()
    points = terminal.table(("load", "speed, 1/s", "valve", "superheat, K", "deviation, K", "liquid, g", ""))
    for p in document["points"]:
        points.add_row(
            f"{100 * p['load']:.0f} %",
            f"{p['speed_rps']:.1f}",
            f"{p['eev_opening']:.3f}",
            f"{p['mean_k']:.2f}",
            f"{p['std_k']:.2f}",
            f"{1e3 * p['liquid_kg']:.1f}",
            "stable" if p["stable"] else "",
        )
    console.print(points)
    line = terminal.table(("load", "least stable superheat, K"))
    for row in document["line"]:
        found = row["superheat_k"]
        line.add_row(f"{100 * row['load']:.0f} %", "none tried" if found is None else f"{found:.2f}")
    console.print(line)


def _show_search(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    table = terminal.table(
        ("load", "speed, 1/s", "line, K", "found, min", "over the line, K", "highest, K", "cycles", "bar")
    )

    def said(value: float | None, digits: int = 1) -> str:
        return "never" if value is None else f"{value:.{digits}f}"

    for phase in document["phases"]:
        table.add_row(
            f"{100 * phase['load']:.0f} %",
            f"{phase['speed_rps']:.1f}",
            "none" if phase["line_k"] is None else f"{phase['line_k']:.1f}",
            said(phase["found_min"]),
            said(phase["over_k"], 2),
            said(phase["highest_k"], 2),
            str(phase["cycles"]),
            {True: "met", False: "missed", None: ""}[phase["met"]],
        )
    terminal.console().print(table)


def _show_migration(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    hours = document["hours"]
    table = terminal.table(
        ("crankcase heater", f"in the oil after {hours:g} h, g", "mass %", "most at the start, mass %",
         "boiled out in the start, g", "liquid into the compressor, g")
    )  # fmt: skip
    for case in document["cases"]:
        table.add_row(
            f"{document['heater_w']:g} W" if case["heater"] else "off",
            f"{case['oil_g']:.0f}",
            f"{100 * case['dilution']:.1f}",
            f"{100 * max(case['start']['dilution']):.1f}",
            f"{case['foam_g']:.1f}",
            f"{case['slug_g']:.0f}",
        )
    terminal.console().print(table)


def _show_resolution(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    console = terminal.console()
    table = terminal.table(
        ("fluid", "valve", "speed", "steps", "moves at", "K a step", "mean off, K", "deviation, K",
         "cycle, K", "steps/h", "strokes/h")
    )  # fmt: skip
    for case in document["cases"]:
        table.add_row(
            case["refrigerant"],
            case["size"],
            f"{100 * case['share']:.0f} %",
            f"{case['steps']}",
            ("every step" if case["every_step"] else "dead band") + ("" if case["noisy"] else ", quiet"),
            f"{case['k_per_step']:.3f}",
            f"{case['mean_error_k']:+.2f}",
            f"{case['std_k']:.2f}",
            f"{case['amplitude_k']:.2f}",
            f"{case['steps_per_h']:.0f}",
            f"{case['strokes_per_h']:.1f}",
        )
    console.print(table)
    for sentence in document["conclusion"]:
        console.print(sentence)


def _show_draws(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    losses = list(document["units"][0]["lacking"])
    table = terminal.table(("machine", "unit", *(f"{loss} % gone" for loss in losses)))
    for unit in document["units"]:
        shares = (
            f"{100 * unit['lacking'][loss]:.0f} %" if loss in unit["lacking"] else "" for loss in losses
        )
        table.add_row(unit["machine"], str(unit["seed"]), *shares)
    console = terminal.console()
    console.print(table)
    count = len(document["units"])
    found = ", ".join(f"{loss} %: {n}" for loss, n in document["found"].items())
    limit, false = 100 * document["limit"], document["false"]
    console.print(
        f"subcooling lacks {limit:g} % in {false} of {count} sound units; of those with less, {found}"
    )


def _show_coils(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    console = terminal.console()
    for mode in ("heating", "cooling"):
        said = document[mode]
        keys = list(said["units"][0]["further"])
        heads = (f"{key} % left" if key != "charge" else "a fifth of the charge gone" for key in keys)
        table = terminal.table((mode, "unit", *heads))
        for unit in said["units"]:
            shares = (f"{100 * unit['further'][key]:.0f} %" for key in keys)
            table.add_row(unit["machine"], str(unit["seed"]), *shares)
        console.print(table)
        found = ", ".join(f"{key}: {n}" for key, n in said["found"].items())
        limit, count = 100 * document["limit"], len(said["units"])
        console.print(
            f"{limit:g} % further from the air: {said['false']} of {count} sound units; of others, {found}"
        )


def _show_diagnosis(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    console = terminal.console()
    if document["learned_h"] is None:
        console.print("learned nothing: never steady for long enough")
        return
    false = ", ".join(map(str, document["false"])) or "none"
    console.print(f"learned in {document['learned_h']:.1f} h; alarms while sound: {false}")
    if document["found"] is None:
        console.print(f"{document['fault']}: not found")
    else:
        console.print(f"{document['fault']} {document['found']:g}: found after {document['found_h']:.1f} h")
    for line in document["log"]:
        console.print(line)
