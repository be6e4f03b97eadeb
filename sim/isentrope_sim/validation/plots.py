"""The page's plots, as SVG with matplotlib (extra `plots`): errors, superheat, a cycle of frost."""

import re
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

POINTS = 50  # of a line: eight machines in 100 kB

_DRY, _NET, _LINE = "#9aa5b1", "#2368a8", "#c0392b"


def draw(machines: list[dict[str, Any]], folder: Path) -> list[tuple[str, Path]]:
    """Write the plots into an existing folder; (title, file) of each.

    Raises InputError without matplotlib.
    """
    try:
        import matplotlib
    except ImportError:
        raise InputError("plots need matplotlib: pip install 'isentrope[plots]'") from None
    matplotlib.use("svg")
    # The same figures give the same file.
    matplotlib.rcParams.update({"svg.hashsalt": "isentrope", "svg.fonttype": "none", "font.size": 8})
    made = []
    for title, name, build in (
        ("COP against certificates, frost on and off", "cop", _errors),
        ("Superheat over the valve, and its answer to a step", "superheat", _superheat),
        ("Two cycles of frost and defrost at A2", "frost", _frost),
    ):
        figure = build(machines)
        if figure is not None:
            path = folder / f"validation-{name}.svg"
            figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
            path.write_text(small(path.read_text(encoding="utf-8")), encoding="utf-8")
            made.append((title, path))
    return made


def small(svg: str) -> str:
    """The same picture for a repository: tenths of a point, lines of POINTS points, one font, no indents."""
    svg = re.sub(r"font-family: [^;\"]*sans-serif", "font-family: sans-serif", svg)
    svg = re.sub(r"(?m)^ +", "", svg)
    svg = re.sub(r"<[^>]+>", lambda tag: re.sub(r"(\d+\.\d)\d+", r"\1", tag.group()), svg)  # no label
    return re.sub(r'(?<= d=")[^"]+', lambda path: _thinned(path.group()), svg)


def _thinned(path: str) -> str:
    steps = path.strip().split("\n")
    every = len(steps) // POINTS + 1
    if every == 1 or any(not step.startswith(("M", "L")) for step in steps):
        return path
    return "\n".join([*steps[:-1:every], steps[-1]]) + " "


def _figure(rows: int, columns: int, width: float, height: float) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, columns, squeeze=False)


def _errors(machines: list[dict[str, Any]]) -> Any:
    rows = [(m["machine"], r) for m in machines for r in m["rows"] if r["cop"] is not None]
    if not rows:
        return None
    figure, ((axes,),) = _figure(1, 1, 8.0, 1.0 + 0.2 * len(rows))
    places = range(len(rows))
    bars = [100.0 * r["bar"] for _, r in rows]
    axes.barh(
        places, [2 * b for b in bars], left=[-b for b in bars], color="#eef2f6", height=0.9, label="bar"
    )
    for key, colour, name in (("dry_cop", _DRY, "dry"), ("cop", _NET, "net")):
        values = [100.0 * (r[key] / r["certified_cop"] - 1.0) for _, r in rows]
        axes.plot(values, places, "o", color=colour, label=name, markersize=4)
    labels = [f"{name} {r['test']} A{r['source_c']:g}/W{r['sink_out_c']:g}" for name, r in rows]
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.axvline(0.0, color="#333333", linewidth=0.6)
    axes.set_xlabel("COP against the certificate, %")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure


def _superheat(machines: list[dict[str, Any]]) -> Any:
    figure, grid = _figure(len(machines), 2, 8.0, 2.2 * len(machines))
    for m, (curve, steps) in zip(machines, grid, strict=True):
        for s in m["superheat"]:
            if s["note"]:
                continue
            curve.plot(s["opening"], s["superheat_k"], label=f"{s['speed_rps']:.0f} 1/s")
            for trace in s["traces"]:
                steps.plot(
                    [s["trace_dt"] * i for i in range(len(trace))],
                    [t - trace[0] for t in trace],
                    color=curve.lines[-1].get_color(),
                )
        curve.set(title=m["machine"], xlabel="opening", ylabel="superheat, K")
        steps.set(xlabel="s after the step", ylabel="change, K")
        curve.legend()
    figure.tight_layout()
    return figure


def _frost(machines: list[dict[str, Any]]) -> Any:
    cold = [m for m in machines if not m["frost"]["note"]]
    if not cold:
        return None
    figure, grid = _figure(len(cold), 1, 8.0, 1.9 * len(cold))
    for m, (axes,) in zip(cold, grid, strict=True):
        trace = m["frost"]["trace"]
        minutes = [t / 60.0 for t in trace["t_s"]]
        axes.plot(minutes, [w / 1e3 for w in trace["heat_w"]], color=_LINE, label="heat, kW")
        axes.plot(minutes, trace["frost_kg"], color=_NET, label="frost, kg")
        axes.plot(minutes, [10.0 * a for a in trace["air_m3_s"]], color=_DRY, label="air, 0.1 m3/s")
        axes.set(title=m["machine"], xlabel="min")
        axes.legend(loc="lower left", ncols=3)
    figure.tight_layout()
    return figure
