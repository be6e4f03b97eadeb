"""How finely an expansion valve has to be divided: the firmware's superheat law on one stroke, divided anew.

Each machine runs at locked speed and constant return, first fast, then slowly, in dry air, sensors noisy and
lagging, carry-over on. The same stroke is divided in 250 to 3,000 steps; time of a full stroke, opening point
and play stay the same shares of it. Judged is the true superheat of the plant.

- *as fitted*: the machine's own valve.
- *alike*: a needle valve of one shape, so large that every machine's stands at `ALIKE` of its stroke at
  `FAST` of full speed. Only so do the fluids compare: one step is one share of the flow in all of them.
- The firmware moves its valve once the wanted position is a dead band away: 0.2 % of stroke, and 0.8 of a
  step at least. That hides a step finer than 1/400 of the stroke. *Every step* takes the share away.
- Noise on the sensors moves the valve to and fro, which averages over its steps. *Quiet* sensors do not.

What a step is worth (K/step) is the plant's: the openings of two steady points, half a kelvin of superheat to
either side of the setpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.steady import solve
from isentrope_sim.valves import Valve

from isentrope_hil.bench import Bench
from isentrope_hil.targets.cpython import CPythonTarget

MACHINES = ("ashp-r410a-evi-16kw", "ashp-r32-9kw", "ashp-r454b-4kw", "ashp-r290-8kw")
LOW_GWP = ("R32", "R454B", "R290")
BOARD = "pico-full"
STEPS = (250, 500, 1000, 1596, 2000, 3000)
FITTED, ALIKE_SIZE = "as fitted", "alike"
ALIKE = 0.35  # own: where a valve works that has as much in reserve as ashp-r290-8kw's
ALIKE_EXPONENT, ALIKE_OPENS_AT = 0.8006, 0.025  # sporlan-sei-1596's, the valve of three of the machines
# Valve, whether every step is used, whether the sensors are noisy.
KINDS = (
    (FITTED, False, True),
    (ALIKE_SIZE, False, True),
    (ALIKE_SIZE, True, True),
    (ALIKE_SIZE, True, False),
)
STROKE_S = 8.0  # of a full stroke: sporlan-sei-1596's
FAST, SLOW = 0.7, 0.3  # of full speed
SOURCE_C, WET_BULB_C, RETURN_C, FLOW_C = 7.0, 1.0, 30.0, 35.0
SETPOINT_K = 8.0  # the firmware's default
SETTLE_S, WATCH_S = 900.0, 1200.0
SLOWEST_S = 400.0  # longest period that counts as a limit cycle, three of them in WATCH_S
# Own: half the thermistor's noise, a tenth of the deviation that is asked for.
NOTICED_K = 0.05

Progress = Callable[[int, int], None]


def valve_resolution(
    *,
    machines: Sequence[str] = MACHINES,
    steps: Sequence[int] = STEPS,
    draws: int = 1,
    seed: int = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure all cases.

    machines: names or paths; steps: full strokes, rising, 100 to 3,000; draws: runs of each case, that differ
    in their sensors' noise and in the bursts of carry-over, from `seed` on; progress: called with runs done
    and all of them.

    Returns a document: `seed`, `draws`, `setpoint_k`, `cases` (see `_case`), `conclusion` (sentences).
    Raises InputError: a stroke out of range, a machine that does not heat water.
    """
    for each in steps:
        if not 100 <= each <= 3000:
            raise InputError(f"steps is {each}, allowed 100 to 3000")
    cases: list[dict[str, Any]] = []
    done, total = 0, len(machines) * len(KINDS) * len(steps) * draws
    for name in machines:
        machine = load_machine(name)
        if machine.values["indoor_air"] > 0.0:
            raise InputError(f"{machine.name}: valves are compared on machines that heat water")
        points = [_static(machine, share) for share in (FAST, SLOW)]
        for size, every_step, noisy in KINDS:
            valve = machine.valve if size == FITTED else alike(machine, points[0])
            for count in steps:
                divided = machine.with_valve(_divided(valve, count))
                runs = []
                for draw in range(draws):
                    runs.append(_run(divided, every_step, noisy, seed + draw, points[0]["humidity"]))
                    done += 1
                    if progress is not None:
                        progress(done, total)
                for place, point in enumerate(points):
                    watched = [run[place] for run in runs]
                    kind = {"size": size, "every_step": every_step, "noisy": noisy}
                    cases.append(_case(machine, valve, count, point, watched) | kind)
    found = {"seed": seed, "draws": draws, "setpoint_k": SETPOINT_K, "cases": cases}
    return found | {"conclusion": conclusion(cases)}


def alike(machine: Machine, at: dict[str, Any]) -> Valve:
    """A needle valve of one shape that passes this steady point's flow at `ALIKE` of its stroke."""
    old = machine.valve
    passed = old.area_m2 * _flow_share(old, at["eev_opening"])
    made = replace(old, name=ALIKE_SIZE, exponent=ALIKE_EXPONENT, steps=1000)
    made = replace(made, opening_steps=round(1000 * ALIKE_OPENS_AT), backlash_steps=3)
    return replace(made, area_m2=passed / _flow_share(made, ALIKE))


def _divided(valve: Valve, steps: int) -> Valve:
    """The same stroke in so many steps, driven in the same time; play is at least a step.

    That some makers forbid driving with the compressor off is left out, which has nothing to do with steps.
    """
    share = steps / valve.steps
    rate = max(round(steps / STROKE_S), 10)
    return replace(
        valve,
        steps=steps,
        overdrive_steps=steps // 10,
        rate_hz=rate,
        start_rate_hz=rate,
        ramp_steps=0,
        opening_steps=round(valve.opening_steps * share),
        backlash_steps=max(round(valve.backlash_steps * share), 1),
        home_running_only=False,
    )


def _flow_share(valve: Valve, opening: float) -> float:
    """Of the full flow, at an opening (0..1 of the stroke)."""
    return float(max(opening - valve.opening_point, 0.0) / (1.0 - valve.opening_point)) ** valve.exponent


def _opening(valve: Valve, flow_share: float) -> float:
    """The opening of a share of the full flow."""
    return valve.opening_point + (1.0 - valve.opening_point) * flow_share ** (1.0 / valve.exponent)


def _static(machine: Machine, share: float) -> dict[str, Any]:
    """The steady point at this share of full speed, and K of superheat for a percent of flow there."""
    speed = max(share * machine.values["max_rps"], machine.values["min_rps"])
    near = [
        solve(machine, SOURCE_C, FLOW_C, wet_bulb_c=WET_BULB_C, speed_rps=speed, superheat_k=SETPOINT_K + off)
        for off in (-0.5, 0.0, 0.5)
    ]
    wet, at, dry = near
    # Along the valve alone: what pressures and subcooling change of its flow comes with the gain.
    flows = [_flow_share(machine.valve, each["eev_opening"]) for each in (wet, dry)]
    percent = 100.0 * float(np.log(flows[0] / flows[1]))
    return {**at, "share": share, "k_per_percent": 1.0 / percent}


def _run(
    machine: Machine, every_step: bool, noisy: bool, seed: int, humidity: float
) -> list[dict[str, float]]:
    """What was seen at both speeds: `_watch`."""
    with Bench(machine, BOARD, "cpython", seed=seed, noise=noisy, carry_over=True) as bench:
        if every_step:
            assert isinstance(bench.target, CPythonTarget)
            bench.target.module("control.valve")._DEAD_SHARE = 0.0
        bench.reset(
            outdoor_c=SOURCE_C, rh=humidity, water_c=RETURN_C, settings={"superheat_setpoint": SETPOINT_K}
        )
        bench.knob("bath", 1)
        bench.knob("return_c", RETURN_C)
        bench.write("enable", 1)
        found = []
        for share in (FAST, SLOW):
            speed = max(share * machine.values["max_rps"], machine.values["min_rps"])
            bench.write("test_speed_rps", speed)
            bench.step(round(SETTLE_S / bench.scan_s))
            found.append(_watch(bench, machine.valve.steps))
        return found


def _watch(bench: Bench, steps: int) -> dict[str, float]:
    """Mean, deviation and strongest cycle of the true superheat, and what the rotor travelled."""
    count = round(WATCH_S / bench.scan_s)
    seen = np.empty(count)
    place = bench.rig.truth_names.index("superheat_k")
    last, travelled, turns, way = bench.raw("eev_count"), 0, 0, 0
    for i in range(count):
        bench.step()
        seen[i] = bench.rig.truth[place]
        now = bench.raw("eev_count")
        moved = (now - last + 0x8000 & 0xFFFF) - 0x8000
        last = now
        travelled += abs(moved)
        if moved and (moved > 0) != (way > 0):
            turns += 1
        way = moved or way
    amplitude, period = strongest_cycle(seen, bench.scan_s)
    hours = WATCH_S / 3600.0
    return {
        "stops": float(bench.read("stop_alarms") != 0),
        "mean_error_k": float(seen.mean()) - SETPOINT_K,
        "std_k": float(seen.std()),
        "amplitude_k": amplitude,
        "period_s": period,
        "opening": float(bench.read("eev_pct")) / 100.0,
        "steps_per_h": travelled / hours,
        "strokes_per_h": travelled / steps / hours,
        "turns_per_h": turns / hours,
    }


def strongest_cycle(values: np.ndarray, step_s: float) -> tuple[float, float]:
    """(amplitude, period in s) of the strongest sinusoid in `values` that is no slower than `SLOWEST_S`.

    A limit cycle stands in one line of the spectrum; noise spreads, and leaves a little in each.
    """
    window = np.hanning(len(values))
    lines = np.abs(np.fft.rfft((values - values.mean()) * window)) * 2.0 / window.sum()
    frequencies = np.fft.rfftfreq(len(values), step_s)
    lines[frequencies < 1.0 / SLOWEST_S] = 0.0
    place = int(np.argmax(lines))
    return float(lines[place]), float(1.0 / frequencies[place])


def _case(
    machine: Machine, valve: Valve, steps: int, point: dict[str, Any], runs: list[dict[str, float]]
) -> dict[str, Any]:
    """One case: mean of its runs, and what a step is worth there."""
    opening = _opening(
        valve, _flow_share(machine.valve, point["eev_opening"]) * machine.valve.area_m2 / valve.area_m2
    )
    beyond = (opening - valve.opening_point) / (1.0 - valve.opening_point)
    percent_per_step = 100.0 * valve.exponent / (beyond * (1.0 - valve.opening_point) * steps)
    seen = {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
    seen["std_spread_k"] = float(np.ptp([run["std_k"] for run in runs]))
    return {
        "machine": machine.name,
        "refrigerant": machine.refrigerant,
        "share": point["share"],
        "speed_rps": point["speed_rps"],
        "steps": steps,
        "steady_opening": opening,
        "k_per_percent": point["k_per_percent"],
        "percent_per_step": percent_per_step,
        "k_per_step": point["k_per_percent"] * percent_per_step,
        **seen,
    }


def enough(
    cases: Sequence[dict[str, Any]], refrigerant: str, share: float, every_step: bool, noisy: bool = True
) -> int:
    """The coarsest division, valves alike, from which on deviation is within `NOTICED_K` of the finest's."""
    kind = (refrigerant, share, ALIKE_SIZE, every_step, noisy)
    keys = ("refrigerant", "share", "size", "every_step", "noisy")
    rows = [case for case in cases if tuple(case[key] for key in keys) == kind]
    rows.sort(key=lambda case: -case["steps"])
    good = rows[0]["steps"]
    for row in rows[1:]:
        if row["std_k"] > rows[0]["std_k"] + NOTICED_K:
            break
        good = row["steps"]
    return int(good)


def conclusion(cases: Sequence[dict[str, Any]]) -> list[str]:
    """What the figures say, in sentences made from them alone."""
    fluids = list(dict.fromkeys(case["refrigerant"] for case in cases))
    shares = sorted({case["share"] for case in cases}, reverse=True)
    finest = max(case["steps"] for case in cases)
    said = []
    for share in shares:
        here = [
            c
            for c in cases
            if (c["share"], c["size"], c["steps"]) == (share, ALIKE_SIZE, finest) and not c["noisy"]
        ]
        worth = ", ".join(f"{c['refrigerant']} {c['k_per_step'] * c['steps'] / 500.0:.2f} K" for c in here)
        said.append(f"At {100 * share:.0f} % of full speed, valves alike, one of 500 steps is worth {worth}.")
    noisy = [case for case in cases if case["noisy"]]
    widest = max(noisy, key=lambda case: case["std_k"])
    said.append(
        f"True superheat deviates by {min(case['std_k'] for case in noisy):.2f} to {widest['std_k']:.2f} K "
        f"({widest['refrigerant']}, {widest['steps']} steps) with noisy sensors, and stands at most "
        f"{max(abs(case['mean_error_k']) for case in noisy):.2f} K beside its setpoint."
    )
    for every_step, noise, what in (
        (False, True, "As the firmware is"),
        (True, True, "With every step used"),
        (True, False, "With every step used and quiet sensors"),
    ):
        if (every_step, noise) not in {(case["every_step"], case["noisy"]) for case in cases}:
            continue
        need = ", ".join(
            f"{fluid} {max(enough(cases, fluid, share, every_step, noise) for share in shares)}"
            for fluid in fluids
        )
        said.append(f"{what}, more steps gain less than {NOTICED_K:g} K of deviation from here on: {need}.")
    low, old = [fluid for fluid in fluids if fluid in LOW_GWP], "R410A"
    if old not in fluids or not low:
        return said
    finer = [fluid for fluid in low if _needs_more(cases, fluid, old, shares)]
    rest = [fluid for fluid in low if fluid not in finer]
    verdict = "holds here" if not rest else "does not hold here" if not finer else "holds here in part"
    which = f": more for {' and '.join(finer)}, not for {' and '.join(rest)}" if finer and rest else ""
    said.append(f"That low-GWP fluids need finer steps than {old} {verdict}{which}.")
    return said


def _needs_more(cases: Sequence[dict[str, Any]], fluid: str, old: str, shares: Sequence[float]) -> bool:
    """More steps than the other at some speed, noisy or quiet, and nowhere fewer."""
    pairs = [
        (enough(cases, fluid, share, True, noisy), enough(cases, old, share, True, noisy))
        for share in shares
        for noisy in (True, False)
    ]
    return any(a > b for a, b in pairs) and not any(a < b for a, b in pairs)
