"""The bench: one plant and one target, stepped together.

    with Bench(machine="ashp-r290-8kw", target="unix") as bench:
        bench.reset(outdoor_c=7.0, water_c=30.0)
        bench.write("enable", 1)
        bench.step(1200)
        assert 3.0 < bench.read("superheat_k") < 9.0

The bench owns simulated time: a step is one scan of the controller and one scan period of the plant, however
long either takes, so a run is a pure function of firmware, scenario, seed and target.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

from isentrope_sim import faults
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine, load_machine
from isentrope_sim.perturbation import Perturbation
from isentrope_sim.rig import Rig
from isentrope_sim.world.settings import WorldSettings

from isentrope_hil import frames, profile, targets
from isentrope_hil.busmaster import BusMaster
from isentrope_hil.connection import Connection
from isentrope_hil.errors import unknown
from isentrope_hil.link import Link
from isentrope_hil.metering import SimulatedMeter
from isentrope_hil.outage import Outages
from isentrope_hil.session import Hello
from isentrope_hil.stepping import FreeRun, LockStep

if TYPE_CHECKING:
    from isentrope_hil.recorder import Recorder

# Ten minutes before control time wraps, so that every longer run proves the wrap (shared by all targets).
T0_MS = (1 << 30) - 600_000
KELVIN = 273.15


class Bench:
    """A context manager: entering starts the target, leaving ends it.

    Args:
        machine, board: names or paths of their files; a machine may also be a loaded one.
        target: see docs/bench.md.
        seed: of sensor noise and of everything else that is drawn.
        perturb: how the plant differs from its machine file: a `Perturbation`, the seed of a draw, or not.
        noise: sensors with their noise.
        cells: finite volumes of each heat exchanger.
        link_noise: probability with which each byte of the link is damaged, both ways.
        heap: of MicroPython on the unix port.
        image: MicroPython's .uf2 for target rp2040; None: ISENTROPE_UF2.
        t0_ms: control time of the first step.
        speed: simulated seconds per wall second at most; None: as fast as it goes.
        free_run: the target scans on its own clock and the plant keeps up (real time).
        storage: what the controller's flash holds at `reset()`, from `storage()` of an earlier run; empty: a
            new board.
        world: weather, building and hot water around the machine (docs/world.md); None: none.
        carry_over: the evaporator's liquid surges in bursts (docs/plant.md).
        firmware: the folder of another firmware than this installation's, on unix and cpython.
        halt: the target's process is stopped for 200 ms now and then; must not change a run.

    Raises:
        InputError: an unknown name or a value out of range.
        TargetError: the target is not there, ends, goes silent, or describes other signals than the profile.
    """

    def __init__(
        self,
        machine: str | Machine = "ashp-r290-8kw",
        board: str = "pico-full",
        target: str = "unix",
        *,
        seed: int = 1,
        perturb: int | Perturbation | None = None,
        noise: bool = True,
        cells: int = 10,
        link_noise: float = 0.0,
        heap: str = "2m",
        image: str | None = None,
        t0_ms: int = T0_MS,
        speed: float | None = None,
        free_run: bool = False,
        storage: bytes = b"",
        halt: bool = False,
        world: WorldSettings | None = None,
        carry_over: bool = False,
        firmware: Path | None = None,
    ) -> None:
        if speed is not None and not 0.0 < speed < math.inf:
            raise InputError(
                f"speed {speed:g} is not a pace; give simulated seconds per second, over 0, or max"
            )
        if free_run and target in ("cpython", "rp2040"):
            raise InputError(
                f"target {target} does not run in real time, free-run needs it: take unix or a board"
            )
        self._machine = machine if isinstance(machine, Machine) else load_machine(machine)
        self.machine = machine.name if isinstance(machine, Machine) else machine
        self.board = board
        self.target = targets.make(target, heap=heap, image=image, firmware=firmware)
        self._connection = Connection(lambda: self.t_s, seed=seed, link_noise=link_noise, halt=halt)
        self.profile: dict[str, Any] = profile.build(board, self._machine)
        profile.runnable(self.profile)
        self.seed = seed
        self.perturb = perturb
        self.speed = speed
        self.link_noise = link_noise
        self.heap = heap
        self.image = image
        self.t0_ms = t0_ms & frames.T_MASK
        self.free_run = free_run
        self.storage_before = storage
        self.recorder: Recorder | None = None
        self.events: list[tuple[int, int, int, str]] = []
        unit = Perturbation.draw(perturb) if isinstance(perturb, int) else perturb
        self.world = world
        self._rig_options: dict[str, Any] = {"perturbation": unit, "cells": cells, "noise": noise}
        if carry_over:
            self._rig_options["carry_over"] = True
        if world is not None:
            self._rig_options["world"] = world.build()
        self._compiled = False
        self._rig: Rig | None = None
        self._elapsed_ms = 0
        self._solver_us = 0
        self.meter = SimulatedMeter(self.profile["meter"]) if "meter" in self.profile else None
        self._rows: list[tuple[int, int]] = []  # the settings of the last reset
        self._master = BusMaster()
        self._outages = Outages(self.profile)
        self.clock: LockStep | FreeRun = LockStep(self.profile["scan_ms"])

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def link(self) -> Link:
        """The link's state: counters, the last raw outputs and points."""
        return self._connection.link

    @property
    def hello(self) -> Hello | None:
        """How the target introduced itself; None before."""
        return self._connection.hello

    @property
    def console(self) -> str:
        """What the target printed; empty until it is closed."""
        return self._connection.console

    @property
    def rig(self) -> Rig:
        """The simulated machine with its sensors and actuators."""
        if self._rig is None:
            raise RuntimeError("the bench is not started; use it in a with statement")
        return self._rig

    @property
    def t_s(self) -> float:
        """Simulated time since reset, s."""
        return self._elapsed_ms / 1000.0

    @property
    def powered(self) -> bool:
        """False while a power cut lasts."""
        return self._outages.flash is None

    @property
    def scan_s(self) -> float:
        """The controller's scan period, s."""
        return float(self.profile["scan_ms"]) / 1000.0

    @property
    def counters(self) -> dict[str, int]:
        """What happened on the wire, for reports: none of it enters a trace."""
        counted = self._connection.counters
        if isinstance(self.clock, FreeRun):
            counted["late_us_max"] = int(self.clock.late_us)
        return counted

    def prepare(self) -> None:
        """Compiles the plant, which takes about 20 s on first use; later ones load it in a moment.

        It is done before the target starts, whose dead-man would not wait for a slow machine.
        """
        if not self._compiled:
            rig = Rig(self._machine, self.profile["io"], seed=self.seed, **self._rig_options)
            rig.reset(280.0, 0.87, 300.0)  # any state compiles the same
            rig.step([0] * sum(row["dir"] == "out" for row in self.profile["io"]), self.scan_s)
            self._compiled = True

    def start(self) -> None:
        """Starts the target, opens the session and checks that its signals are the profile's."""
        self.prepare()
        self._rig = Rig(self._machine, self.profile["io"], seed=self.seed, **self._rig_options)
        self._connection.start(self.target, self.profile, self.meter)

    def close(self) -> None:
        """Says BYE, ends the target and keeps what it printed in `console`; harmless when repeated."""
        self._connection.close()

    def reset(
        self,
        *,
        outdoor_c: float = 7.0,
        rh: float = 0.87,
        water_c: float = 25.0,
        settings: Mapping[str, float] | None = None,
        storage: bytes | None = None,
        eev_fraction: float | None = None,
    ) -> None:
        """Standstill at these conditions (degC, relative humidity 0..1) and a controller just switched on.

        `settings` are the controller's, by name, in their units; they come on top of what is in `storage`,
        its flash (None: the bench's, empty: factory-new). `eev_fraction`: where the valve was left, of its
        stroke (None: closed where there is a storage, as after a stop; else as the rig has it).
        """
        table = self.link.table
        rows: list[tuple[int, int]] = []
        for name, value in (settings or {}).items():
            signal = table.find("setting", name)
            rows.append((signal.id, signal.raw(value)))
        if storage is not None:
            self.storage_before = storage
        where = [eev_fraction] if eev_fraction is not None else [0.0] if self.storage_before else []
        self.rig.reset(outdoor_c + KELVIN, rh, water_c + KELVIN, *where)
        with self._connection.explained():
            self.link.reset(self.seed, self.t0_ms, rows, self.storage_before, free_run=self.free_run)
        self.link.points = (0,) * len(table.points)
        self.link.raw_out = (0,) * len(table.outs)
        self.events = []
        self._rows, self._master, self._outages.flash = rows, BusMaster(), None
        self._repair_link()
        self._elapsed_ms = self._solver_us = 0
        scan_ms = int(self.profile["scan_ms"])
        self.clock = FreeRun(scan_ms) if self.free_run else LockStep(scan_ms, self.speed)

    def step(self, n: int = 1) -> None:
        """Runs `n` scans, and the plant with them."""
        with self._connection.explained():
            for _ in range(n):
                self._step()

    def read(self, name: str) -> float:
        """A point's value after the last step, in its unit."""
        table = self.link.table
        signal = table.find("point", name)
        return signal.physical(self.link.points[table.points.index(signal)])

    def write(self, name: str, value: float) -> None:
        """Writes a point or a setting, in its unit, as a bus would; it acts in the next scan."""
        with self._connection.explained():
            self._master.write(self.link, name, value, self._now_ms(), powered=self.powered)

    def storage(self) -> bytes:
        """The controller's flash as a power cut now would leave it; empty where a target keeps nothing."""
        with self._connection.explained():
            return self.link.image(self._now_ms())

    def raw(self, name: str) -> int:
        """The raw value of an input or output, as it last crossed the link."""
        table = self.link.table
        if name in table.of("in"):
            return int(self.rig.raw_in[table.ins.index(table.of("in")[name])])
        return self.link.raw_out[table.outs.index(table.find("out", name))]

    def knob(self, name: str, value: float) -> None:
        """Sets a condition of the plant (`Rig.knobs`), in its unit, from the next step on."""
        self.rig.set(name, value)

    def fault(self, target: str, verb: str, **parameters: float) -> None:
        """Breaks a sensor, an actuator, the plant or the link (docs/faults.md) from the next step on."""
        cut = (target, verb) == (faults.SUPPLY, faults.CUT)
        if (cut or target == faults.LINK) and self.free_run:
            raise InputError(
                f"fault {verb!r} on {target!r} needs lock-step: in a free run the target has time"
            )
        if target == faults.LINK:
            checked = self._outages.break_link(verb, parameters)
            self._connection.damage(checked.values["p"] if verb == "garbage" else None)
            return
        if cut:
            self._outages.flash = self.storage()
        self.rig.fault(target, verb, **parameters)

    def clear(self, target: str = faults.ALL) -> None:
        """Repairs one target, or all."""
        if target == faults.LINK:
            if self._outages.link is None:
                raise InputError(f"{target!r} has no fault to clear")
            self._repair_link()
            return
        if target == faults.ALL:
            self._repair_link()
        self.rig.clear_fault(target)
        flash = self._outages.flash
        if flash is not None and (faults.SUPPLY, "") not in self.rig.faults:
            self._restart(flash)

    def _repair_link(self) -> None:
        self._outages.link = None
        self._connection.damage(None)

    def _restart(self, flash: bytes) -> None:
        """The power is back: the controller starts from its flash, and the bus master repeats its writes."""
        self._outages.flash = None
        with self._connection.explained():
            self.link.reset(self.seed, self._now_ms(), self._rows, flash)
            self.rig.actuators.recount()
            self._master.repeat(self.link, self._now_ms())

    def truth(self, name: str) -> float:
        """A true value of the plant (SI), as it is now."""
        names = list(self.rig.truth_names)
        if name not in names:
            raise unknown("true value", name, names)
        return float(self.rig.truth[names.index(name)])

    @property
    def electric_w(self) -> float:
        """What the machine draws now, its backup heater included: the meter's truth."""
        names = self.rig.truth_names
        backup_w = self.truth("backup_w") if "backup_w" in names else 0.0
        return self.truth("electric_w") + backup_w

    def record(self, run_dir: Path | str) -> Recorder:
        """Records every step from now on; `run_dir` is where `Recorder.finish` will write."""
        from isentrope_hil.recorder import Recorder

        table, rig = self.link.table, self.rig
        self.recorder = Recorder(
            run_dir, table.ins, table.outs, table.points, rig.state_names, rig.truth_names
        )
        return self.recorder

    def run(self, scenario: Any, out: Path | str | None = None) -> dict[str, Any]:
        """Runs a scenario (name, path or loaded) here; returns the JSON document of `isentrope run`.

        With `out` it also leaves the run's folder there. Scenario and bench must agree on machine and board.
        """
        from isentrope_hil import runner

        return runner.run_on(self, scenario, out)

    def _now_ms(self) -> int:
        return (self.t0_ms + self._elapsed_ms) & frames.T_MASK

    def _step(self) -> None:
        link, rig = self.link, self.rig
        t_ms = self._now_ms()
        events: list[tuple[int, int, int, str]] = []
        raw_out = self._outages.instead(link.raw_out, self.scan_s)
        if raw_out is None:
            since_ms = self.clock.scan(link, self._outages.inputs(rig.raw_in), t_ms)
            raw_out, t_ms = link.raw_out, link.t_ms
            events = [(e.t_ms, e.code, e.value, e.text) for e in link.pull_log()]
            self.events += events
        else:
            since_ms = self._skip()
        if self.recorder is not None:
            timing = (int(link.rtt_us), link.scan_us, link.heap_free, link.gc_count, self._solver_us)
            self.recorder.append(t_ms, rig.raw_in, raw_out, link.points, rig.state, rig.truth, events, timing)
        began = perf_counter()
        rig.step(raw_out, since_ms / 1000.0)
        if self.meter is not None:
            self.meter.see(self.electric_w, since_ms / 1000.0)
        self._solver_us = int((perf_counter() - began) * 1e6)
        self._elapsed_ms += since_ms

    def _skip(self) -> int:
        """A scan's time without a scan; what the plant has to follow, ms."""
        assert isinstance(self.clock, LockStep), "fault() has seen to it"
        self.clock.wait()
        return int(self.profile["scan_ms"])
