"""The report of a run: one HTML file with everything in it, to be read offline."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from isentrope_hil import latency, ph_diagram, trends, units
from isentrope_hil.recorder import Recorder
from isentrope_hil.requirements import PASS
from isentrope_hil.scenario import Scenario

_TEMPLATES = Path(__file__).parent / "templates"
_FIRST_ALARM = 0x100  # decision codes from here on are alarms (firmware/isentrope/decisions.py)


def write(path: Path, recorder: Recorder, scenario: Scenario, run: dict[str, Any], fluid: str) -> None:
    """Write the report of a run, of a partial one too.

    Args:
        path: the file to write.
        recorder: what was recorded.
        scenario: what was asked for.
        run: the JSON document of `isentrope run`.
        fluid: the refrigerant of the pressure-enthalpy diagram; "" for none.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    has_trace = len(recorder) > 1
    cycle = ph_diagram.figure(recorder, fluid) if has_trace and fluid else None
    figures = {
        "trends": trends.figure(recorder, scenario.timeline) if has_trace else None,
        "cycle": {"figure": cycle[0], "data": cycle[1]} if cycle else None,
        "latency": latency.figure(recorder) if has_trace else None,
    }
    path.write_text(
        environment.get_template("report.html.j2").render(
            run=run,
            description=scenario.description,
            tiles=_tiles(run),
            results=[_result(each) for each in run["requirements"]],
            passed=sum(each["verdict"] == PASS for each in run["requirements"]),
            facts=_facts(run),
            has_trace=has_trace,
            has_cycle=cycle is not None,
            log=_log(recorder),
            latency=latency.rows(recorder) if has_trace else [],
            # "</" would end the script element; "<\/" is the same to JSON.
            figures=Markup(json.dumps(figures, separators=(",", ":")).replace("</", "<\\/")),
            plotly=Markup((files("plotly") / "package_data" / "plotly.min.js").read_text()),
        ),
        encoding="utf-8",
    )


def clock(seconds: float) -> str:
    """h:mm:ss of a time."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _tiles(run: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(label, value, unit) of the figures at the top; what the run lacks is left out."""
    figures = run["summary"]

    def tile(label: str, value: float | None, unit: str, decimals: int) -> list[tuple[str, str, str]]:
        return [] if value is None else [(label, f"{value:,.{decimals}f}", unit)]

    mean, std = figures["superheat_mean_k"], figures["superheat_std_k"]
    superheat = [] if mean is None else [("superheat, measured, running", f"{mean:.2f} ± {std:.2f}", "K")]
    return [
        ("simulated", clock(run["sim_seconds"]), ""),
        *tile("times real time", run["realtime_factor"], "×", 0),
        *tile("heat delivered", figures["heat_kwh"], "kWh", 2),
        *tile("electricity", figures["electric_kwh"], "kWh", 2),
        *tile("COP of the whole run", figures["cop"], "", 2),
        *superheat,
        *tile("lowest true superheat, running", figures["superheat_min_k"], "K", 2),
        *tile("compressor starts", figures["starts"], "", 0),
    ]


def _result(requirement: dict[str, Any]) -> dict[str, Any]:
    value, unit = requirement["value"], requirement["unit"]
    shown = (
        "–"
        if value is None
        else units.readable(value) + ("" if unit in ("", "1") else f" {unit}".replace("degC", "°C"))
    )
    texts = {key: requirement.get(key, "").replace("degC", "°C") for key in ("limit", "note", "ref")}
    return {**requirement, **texts, "measured": shown}


def _facts(run: dict[str, Any]) -> list[list[tuple[str, str]]]:
    perturbation = (
        ", ".join(f"{key} {value}" for key, value in run["perturbation"].items()) or "none: as its file says"
    )
    versions = run["versions"]
    left = [
        ("machine", run["machine"]),
        ("board", run["board"]),
        ("target", run["target"]),
        ("pace", "on its own clock" if run["free_run"] else f"lock-step, {run['speed']}"),
        ("seed", str(run["seed"])),
        ("plant perturbed", perturbation),
        ("bytes flipped", f"{run['link_noise']:g} of the link's" if run["link_noise"] else "none"),
        ("frames sent again", str(run["link"]["retries"])),
    ]
    right = [
        ("trace hash", run["trace_sha256"] or "none: the board ran on its own clock"),
        ("trace", f"{run['trace_rows']:,} rows of {run['trace_columns']} columns"),
        ("firmware hash", run["firmware_sha256"] or "not known"),
        ("firmware", run["firmware_version"] or "not known"),
        ("wall time", f"{run['wall_seconds']:.1f} s"),
        ("Python", f"{versions['python']} on {versions['platform']}"),
        ("packages", ", ".join(f"{k} {v}" for k, v in versions.items() if k not in ("python", "platform"))),
    ]
    return [left, right]


def _log(recorder: Recorder) -> list[tuple[str, int, int, str, bool]]:
    """(time, code, value, text, is an alarm) of every entry the device logged."""
    times = recorder.event_times_s().tolist()
    return [
        (
            f"{clock(time - time % 1.0)}.{int(time % 1.0 * 10)}",
            code,
            value,
            text,
            code >= _FIRST_ALARM and value != 0,
        )
        for time, (_, code, value, text) in zip(times, recorder.events, strict=True)
    ]
