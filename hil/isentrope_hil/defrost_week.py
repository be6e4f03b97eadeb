"""A mixed week of frost, compressed: hours of each weather, by time and temperature and on demand.

The house's load follows the certificate's line (EN 14825, average climate: none at 16 degC, Pdesign at -10),
as far as the machine goes; what it lacks under the bivalent temperature is a backup heater's. `mixed` runs
each weather by itself. `drift` runs them one after another with a sensor that is off, so that what is found
in one counts in the next; it begins with stops in mild air, as a day in the week has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine

from isentrope_hil.bench import Bench
from isentrope_hil.defrost_laws import COP, LAWS, OFF_K, figures, found
from isentrope_hil.defrost_runs import BOARD, TARGET, Meter, Run, prepare

WEATHERS = ((5.0, 0.95), (2.0, 0.9), (-7.0, 0.75), (-15.0, 0.6))  # degC, relative humidity
TIME_LAW = {"defrost": 1, "defrost_interval": 44}  # and a minute until it is sure: every 45
BALANCE_C, DESIGN_C = 16.0, -10.0
# Own: capacity falls by that share of itself a kelvin under the bivalent temperature (R290: 5.5 to 4.9 kW
# from -6 to -10 degC), and a twentieth of it is left for defrosts.
FALLS, LEAVES = 0.026, 0.05
WARM_H = 1.0  # before it counts, where nothing frosts
# Own: a run with a defrost goes on to a whole cycle, so many times its hours at most. Between two ends the
# ice that heating has still to pay for is alike; a window of hours flatters whoever has just defrosted.
LONGEST = 8
TURN_S, TURNS = 1800.0, 10  # own: from one weather to the next
STOPS, STOP_S = 3, 420.0  # a rest of 200 s is compared after the fan has run for three minutes

Progress = Callable[[int, int], None]


def load_of(machine: Machine, outdoor_c: float) -> float:
    """What the house draws, W. Raises InputError where the machine has no certificate."""
    said = machine.declared.seasonal
    rated = said.rated.get("average-35", {}) if said else {}
    if "pdesign" not in rated or "tbiv" not in rated:
        raise InputError(f"machine {machine.name}: [seasonal.average-35] has no pdesign and tbiv")
    slope = rated["pdesign"] / (BALANCE_C - DESIGN_C)
    tbiv = rated["tbiv"]
    most = slope * (BALANCE_C - tbiv) * (1.0 - FALLS * max(tbiv - outdoor_c, 0.0)) * (1.0 - LEAVES)
    return min(slope * (BALANCE_C - outdoor_c), most)


def mixed(
    machine: Machine, *, hours: float, seed: int = 1, progress: Progress | None = None
) -> dict[str, Any]:
    """`rows` (law, outdoor_c, rh, load_w and `figures`, with `spent`: J a joule asked for) and `saving` of
    demand over time and temperature, all weathers alike long."""
    rows: list[dict[str, Any]] = []
    power = {}
    laws = {"time and temperature": TIME_LAW, "demand": {"defrost": LAWS["demand"]}}
    with Bench(machine, BOARD, TARGET, seed=seed) as bench:
        for name, settings in laws.items():
            power[name] = 0.0
            for outdoor_c, rh in WEATHERS:
                load_w = load_of(machine, outdoor_c)
                prepare(bench, load_w, outdoor_c, rh, settings)
                meter = Meter(bench, machine)
                whole(meter, hours, load_w)
                run = meter.run
                spent = (1.0 + run.loss(COP)) / COP
                power[name] += spent * load_w
                rows.append(
                    {"law": name, "outdoor_c": outdoor_c, "rh": rh, "load_w": load_w, "spent": spent}
                    | figures(run, COP)
                )
                if progress is not None:
                    progress(len(rows), len(laws) * len(WEATHERS))
    return {"rows": rows, "saving": 1.0 - power["demand"] / power["time and temperature"]}


def whole(meter: Meter, hours: float, load_w: float) -> None:
    """Run for `hours`, then on to a whole cycle; where nothing defrosted, what it takes once it is warm."""
    meter.advance(3600.0 * hours, load_w)
    for _ in range(LONGEST - 1):
        if not meter.run.defrosts or len(meter.run.marks) > 1:
            break
        meter.advance(3600.0 * hours, load_w)
    if len(meter.run.marks) < 2:
        meter.begin()
        meter.advance(3600.0 * max(hours - WARM_H, WARM_H), load_w)


CASES = tuple(
    (law, sensor, off_k, detects)
    for law in LAWS
    for sensor, off_k, detects in [
        ("", 0.0, True),
        *(
            (sensor, off_k, detects)
            for sensor in ("coil_t", "outdoor_t")
            for off_k in (OFF_K, -OFF_K)
            for detects in (False, True)
        ),
    ]
)


def drift(
    machine: Machine,
    *,
    hours: float,
    cases: Sequence[tuple[str, str, float, bool]] = CASES,
    seed: int = 1,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """A row a case (law, sensor, K off, with detection): loss against the law's first case, defrosts, found.

    hours: of each weather, at least 1.
    """
    rows: list[dict[str, Any]] = []
    sound: dict[str, float] = {}
    with Bench(machine, BOARD, TARGET, seed=seed) as bench:
        for name, sensor, off_k, detects in cases:
            settings = TIME_LAW if LAWS[name] == 1 else {"defrost": LAWS[name]}
            settings = settings | ({} if detects else {"sensor_drift": 0})
            run = _week(bench, machine, hours, settings, sensor, off_k)
            spent = run.spent(COP)
            sound.setdefault(name, spent)
            rows.append(
                {"law": name, "sensor": sensor, "off_k": off_k, "detection": detects}
                | {"loss": spent / sound[name] - 1.0, "spent_j": spent, "missing_j": run.missing_j}
                | {"defrosts": len(run.defrosts), "found": found(run)}
                | {"missed": sum(each.missed for each in run.defrosts)}
                | {"needless": sum(each.needless for each in run.defrosts)}
                | {"at": [(round(each.at_h, 2), round(each.air, 2)) for each in run.defrosts]}
            )
            if progress is not None:
                progress(len(rows), len(cases))
    return rows


def _week(
    bench: Bench, machine: Machine, hours: float, settings: Mapping[str, float], sensor: str, off_k: float
) -> Run:
    outdoor_c, rh = WEATHERS[0]
    load_w = load_of(machine, outdoor_c)
    prepare(bench, load_w, outdoor_c, rh, settings)
    if sensor:
        bench.fault(sensor, "offset", by_k=off_k)
    meter = Meter(bench, machine)
    for _ in range(STOPS):
        meter.advance(900.0, load_w)
        bench.write("enable", 0)
        meter.advance(STOP_S, load_w)
        bench.write("enable", 1)
    for new_c, new_rh in WEATHERS:
        turns = 1 if new_c == outdoor_c else TURNS
        for turn in range(1, turns + 1):
            now_c = outdoor_c + (new_c - outdoor_c) * turn / turns
            load_w = load_of(machine, now_c)
            bench.knob("outdoor_c", now_c)
            bench.knob("outdoor_rh", rh + (new_rh - rh) * turn / turns)
            bench.knob("load_w", load_w)
            meter.advance(TURN_S / turns, load_w)
        outdoor_c, rh = new_c, new_rh
        meter.advance(3600.0 * hours - TURN_S, load_w)
    return meter.run
