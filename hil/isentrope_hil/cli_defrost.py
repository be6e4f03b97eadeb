"""`isentrope experiment defrost`: what the defrost laws cost, as data, table and picture."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from isentrope_sim.errors import InputError

from isentrope_hil.options import AsJson, Picture


def defrost(
    machine: Annotated[
        str, typer.Argument(help="name (see `isentrope list machines`) or path of a .toml file")
    ],
    load_w: Annotated[
        float, typer.Option(min=0.0, help="what the house draws, W; 0: 0.575 of the rated heat")
    ] = 0.0,
    outdoor: Annotated[float, typer.Option(min=-25.0, max=10.0, help="degC")] = 2.0,
    rh: Annotated[float, typer.Option(min=0.1, max=1.0, help="relative humidity")] = 0.9,
    hours: Annotated[float, typer.Option(min=2.0, max=168.0, help="of each law")] = 24.0,
    sweep_hours: Annotated[float, typer.Option(min=2.0, max=168.0, help="of each interval")] = 8.0,
    interval: Annotated[
        list[float] | None, typer.Option(min=10.0, max=240.0, help="min, again for more; default: 30 to 75")
    ] = None,
    week_hours: Annotated[
        float, typer.Option(min=0.0, max=72.0, help="of weather with sensors 3 K off, 27 runs; 0: none")
    ] = 0.0,
    week_start: Annotated[
        float, typer.Option(min=0.0, max=160.0, help="its hour in humid-cold-week")
    ] = 102.0,
    mixed_hours: Annotated[
        float, typer.Option(min=0.0, max=42.0, help="of each weather of a mixed week, 8 runs; 0: none")
    ] = 0.0,
    mixed_drift: Annotated[
        bool, typer.Option("--mixed-drift", help="the mixed week with sensors 3 K off too, 27 runs")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="of the sensors' noise")] = 1,
    plot: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Cost of each defrost law beside fixed intervals, in closed loop (15 min of a free core)."""
    from isentrope_sim.machine import load_machine

    from isentrope_hil import defrost_laws as experiment
    from isentrope_hil import defrost_week
    from isentrope_hil.cli_experiment import bar, check, end

    check(plot)
    if mixed_drift and mixed_hours < 1.0:
        raise InputError(f"--mixed-drift: needs --mixed-hours of 1 or more, {mixed_hours:g} given")
    made = load_machine(machine)
    if mixed_hours > 0.0:
        defrost_week.load_of(made, 2.0)  # refuses before hours of plant
    load = load_w or experiment.load_of(made)
    with bar("defrost") as progress:
        document = experiment.laws(
            made, load_w=load, outdoor_c=outdoor, rh=rh, hours=hours, sweep_hours=sweep_hours,
            intervals=tuple(sorted(set(interval or experiment.INTERVALS))), seed=seed, progress=progress,
        )  # fmt: skip
        if week_hours > 0.0:
            document["drift"] = experiment.drift(
                made, load_w=load, start_h=week_start, hours=week_hours, seed=seed, progress=progress
            )
        if mixed_hours > 0.0:
            document["mixed"] = defrost_week.mixed(made, hours=mixed_hours, seed=seed, progress=progress)
        if mixed_drift:
            document["mixed_drift"] = defrost_week.drift(
                made, hours=mixed_hours, seed=seed, progress=progress
            )
    end(document, plot, as_json, "defrost_plot", _show)


def _show(document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    console = terminal.console()
    table = terminal.table(
        ("law", "cost, %", "over the best, points", "cycle, min", "frost, kg", "least air flow", "left",
         "melting, s", "supply falls, K", "liquid, kg", "most, g/s", "plate's wall, degC")
    )  # fmt: skip
    for row in [*document["sweep"], *document["laws"]]:
        over = row.get("over_best")
        table.add_row(
            row.get("law") or f"every {row['minutes']:g} min of frost",
            f"{100 * row['loss']:.2f}",
            "" if over is None else f"{100 * over:+.2f}",
            f"{row['cycle_min']:.1f}",
            f"{row['frost_kg']:.2f}",
            f"{row['air']:.2f}",
            f"{100 * row['left']:.0f} %",
            f"{row['melting_s']:.0f}",
            f"{row['swing_k']:.1f}",
            f"{row['slug_kg']:.2f}",
            f"{row['liquid_g_s']:.1f}",
            f"{row['wall_c']:.1f}",
        )
    console.print(table)
    if "mixed" in document:
        _mixed(console, document["mixed"])
    for name in ("drift", "mixed_drift"):
        if name in document:
            _drift(console, document[name])


def _mixed(console: Any, document: dict[str, Any]) -> None:
    from isentrope_hil import terminal

    week = terminal.table(
        ("weather", "law", "W asked", "J a J of heat", "cycle, min", "defrosts", "least air flow", "needless",
         "missed", "left")
    )  # fmt: skip
    for row in document["rows"]:
        week.add_row(
            f"{row['outdoor_c']:g} degC, {100 * row['rh']:.0f} %",
            row["law"],
            f"{row['load_w']:.0f}",
            f"{row['spent']:.4f}",
            f"{row['cycle_min']:.0f}",
            str(row["defrosts"]),
            f"{row['air']:.2f}",
            str(row["needless"]),
            str(row["missed"]),
            f"{100 * row['left']:.0f} %",
        )
    console.print(week)
    console.print(f"demand saves {100 * document['saving']:.2f} % over time and temperature")


def _drift(console: Any, rows: list[dict[str, Any]]) -> None:
    from isentrope_hil import terminal

    week = terminal.table(("law", "sensor", "off, K", "detection", "loss, %", "defrosts", "missed", "found"))
    for row in rows:
        week.add_row(
            row["law"],
            row["sensor"] or "none",
            f"{row['off_k']:+g}",
            "on" if row["detection"] else "off",
            f"{100 * row['loss']:+.2f}",
            str(row["defrosts"]),
            str(row["missed"]),
            row["found"],
        )
    console.print(week)
