"""A machine under its controller as a cell needs it: step, write, break, repair, and look at the truth.

`InProcess` is the firmware on stand-in pins in this process: it can be copied, so a mode is reached once and
every cell begins from there. `OnBench` is any target of the bench, which has to get there every time.
"""

from __future__ import annotations

import copy
import copyreg
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

from isentrope_sim import faults
from isentrope_sim.machine import Machine
from isentrope_sim.rig import Rig
from isentrope_sim.world.settings import WorldSettings

from isentrope_hil.bench import KELVIN, T0_MS, Bench
from isentrope_hil.busmaster import PULSES
from isentrope_hil.errors import TargetError
from isentrope_hil.outage import Outages
from isentrope_hil.targets.cpython import Port
from isentrope_hil.targets.firmware import Imports

TICKS = 0x3FFFFFFF
# Points by their permanent ids (docs/points.md).
ENABLE, FAULT_RESET, STATE = 0x3000, 0x3004, 0x003C
COMPRESSOR, BACKUP_1 = 0x1000, 0x1005
STOP_ALARMS, WARN_ALARMS, MORE_ALARMS = 0x006E, 0x0070, 0x0078


class Stand(Protocol):
    """What a trial sees. `state`, `stop_mask`, `warn_mask`, `commanded` (the compressor) and `heater` (stages
    of the backup) are as of the last scan; `powered` is False while the controller is dead."""

    @property
    def rig(self) -> Rig: ...
    @property
    def scan_s(self) -> float: ...
    @property
    def state(self) -> int: ...
    @property
    def stop_mask(self) -> int: ...
    @property
    def warn_mask(self) -> int: ...
    @property
    def commanded(self) -> bool: ...
    @property
    def heater(self) -> bool: ...
    @property
    def powered(self) -> bool: ...
    @property
    def point_ids(self) -> Sequence[int]: ...
    def reset(self, outdoor_c: float, rh: float, water_c: float, settings: Mapping[str, float]) -> None: ...
    def write(self, identity: int, raw: int) -> None: ...
    def step(self) -> None: ...
    def fault(self, target: str, verb: str, values: Mapping[str, float]) -> None: ...
    def clear(self, target: str) -> None: ...


def _whole(view: memoryview) -> tuple[type[memoryview], tuple[Any]]:
    return memoryview, (view.obj,)


class _Graph:
    """The firmware's objects, which are copied whole."""

    def __init__(self, imports: Imports, profile: Mapping[str, Any], flash: bytes) -> None:
        self.pins = imports.module("bench.pins").Pins(profile)
        self.medium = imports.module("ports.ram").Ram()
        self.medium.write(0, flash)
        try:
            self.scan = imports.module("app").build(profile, self.pins, Port(), self.medium)
        except ValueError as error:
            raise TargetError(str(error)) from None

    def copy(self) -> _Graph:
        """The firmware's memoryviews each show the whole of a bytearray, so the copy's show its own."""
        copyreg.pickle(memoryview, _whole)
        try:
            return copy.deepcopy(self)
        finally:
            del copyreg.dispatch_table[memoryview]


class InProcess:
    """Raises TargetError for a profile, a setting or a point that the firmware refuses."""

    def __init__(
        self,
        imports: Imports,
        machine: Machine,
        profile: Mapping[str, Any],
        *,
        seed: int = 1,
        world: WorldSettings | None = None,
    ) -> None:
        self._imports = imports
        self._profile = profile
        self.rig = Rig(machine, profile["io"], seed=seed, world=world.build() if world else None)
        self.scan_s = profile["scan_ms"] / 1000.0
        self._ids = [row[0] for row in imports.module("points").rows()]
        self._pulses = [row[0] for row in imports.module("points").rows() if row[1] in PULSES]
        outs = [row for row in profile["io"] if row["dir"] == "out"]
        names = [row["name"] for row in outs]
        self._count, self._coils = names.index("eev_count"), names.index("eev_coils")
        self._energised = outs[self._coils]["active"]
        self._built: Mapping[str, Any] = profile
        self._graph: _Graph | None = None
        self._now_ms = T0_MS
        self._written: dict[int, int] = {}
        self._raw_out: Sequence[int] = [0] * len(outs)
        self._outages = Outages(profile)

    @property
    def point_ids(self) -> Sequence[int]:
        return self._ids

    @property
    def _scan(self) -> Any:
        assert self._graph is not None, "reset() has been called"
        return self._graph.scan

    @property
    def state(self) -> int:
        return int(self._scan.controller.state)

    @property
    def stop_mask(self) -> int:
        return int(self._scan.alarms.stop_mask)

    @property
    def warn_mask(self) -> int:
        _, warnings, more = self._scan.alarms.masks
        return int(warnings | more << 32)

    @property
    def commanded(self) -> bool:
        return bool(self._scan.out.compressor_on)

    @property
    def heater(self) -> bool:
        return bool(self._scan.out.backup > 0)

    @property
    def powered(self) -> bool:
        return self._outages.flash is None

    def reset(self, outdoor_c: float, rh: float, water_c: float, settings: Mapping[str, float]) -> None:
        self.rig.reset(outdoor_c + KELVIN, rh, water_c + KELVIN)
        self._built = {**self._profile, "settings": {**self._profile["settings"], **settings}}
        self._graph = _Graph(self._imports, self._built, b"")
        self._now_ms, self._written = T0_MS, {}
        self._outages = Outages(self._profile)

    def write(self, identity: int, raw: int) -> None:
        if identity not in self._pulses:
            self._written[identity] = raw
        if self.powered and (code := self._scan.write(identity, raw)):
            raise TargetError(f"point 0x{identity:04X}: the firmware refuses {raw} (code {code})")

    def step(self) -> None:
        raw_out = self._outages.instead(self._raw_out, self.scan_s)
        if raw_out is None:
            raw_out = self._raw_out = self._run(self._outages.inputs(self.rig.raw_in))
        self.rig.step(raw_out, self.scan_s)
        self._now_ms = (self._now_ms + self._profile["scan_ms"]) & TICKS

    def _run(self, raw_in: Sequence[int]) -> list[int]:
        graph = self._graph
        assert graph is not None, "reset() has been called"
        pins = graph.pins
        pins.inputs[:] = raw_in
        graph.scan.run(self._now_ms)
        graph.scan.keep()
        raw = list(pins.outputs)
        raw[self._count] = pins.pulses.count & 0xFFFF
        raw[self._coils] = self._energised if pins.pulses.energised else 1 - self._energised
        return raw

    def fault(self, target: str, verb: str, values: Mapping[str, float]) -> None:
        if target == faults.LINK:
            self._outages.break_link(verb, values)
            return
        if verb == faults.CUT:
            assert self._graph is not None, "reset() has been called"
            self._outages.flash = bytes(self._graph.medium.data)
        self.rig.fault(target, verb, **values)

    def clear(self, target: str) -> None:
        if target == faults.LINK:
            self._outages.link = None
            return
        self.rig.clear_fault(target)
        if self._outages.flash is not None:
            self._graph = _Graph(self._imports, self._built, self._outages.flash)
            self._outages.flash = None
            self.rig.actuators.recount()
            for identity, raw in self._written.items():
                self.write(identity, raw)

    def save(self) -> Any:
        """All that decides what follows; nothing may be broken."""
        assert self._graph is not None and self._outages.link is None and self._outages.flash is None
        return (
            self.rig.snapshot(), self._graph.copy(), self._now_ms, dict(self._written), list(self._raw_out),
            self._built,
        )  # fmt: skip

    def load(self, saved: Any) -> None:
        rig, graph, self._now_ms, written, raw_out, self._built = saved
        self.rig.restore(rig)
        self._graph = graph.copy()
        self._written, self._raw_out = dict(written), list(raw_out)
        self._outages = Outages(self._profile)


class OnBench:
    """A target of the bench; use it in a with statement."""

    def __init__(
        self,
        machine: str,
        board: str,
        target: str,
        *,
        seed: int = 1,
        firmware: Path | None = None,
        world: WorldSettings | None = None,
    ) -> None:
        self._bench = Bench(machine, board, target, seed=seed, firmware=firmware, world=world)

    def __enter__(self) -> Self:
        self._bench.start()
        self._points = list(self._bench.link.table.points)
        self._names = {point.id: point.name for point in self._points}
        self._places = {point.id: place for place, point in enumerate(self._points)}
        return self

    def __exit__(self, *_: object) -> None:
        self._bench.close()

    @property
    def rig(self) -> Rig:
        return self._bench.rig

    @property
    def scan_s(self) -> float:
        return self._bench.scan_s

    @property
    def point_ids(self) -> Sequence[int]:
        return list(self._places)

    def _point(self, identity: int) -> int:
        return int(self._bench.link.points[self._places[identity]])

    @property
    def state(self) -> int:
        return self._point(STATE)

    @property
    def stop_mask(self) -> int:
        return self._point(STOP_ALARMS)

    @property
    def warn_mask(self) -> int:
        return self._point(WARN_ALARMS) | self._point(MORE_ALARMS) << 32

    @property
    def commanded(self) -> bool:
        return bool(self._point(COMPRESSOR))

    @property
    def heater(self) -> bool:
        return BACKUP_1 in self._places and bool(self._point(BACKUP_1))

    @property
    def powered(self) -> bool:
        return self._bench.powered

    def reset(self, outdoor_c: float, rh: float, water_c: float, settings: Mapping[str, float]) -> None:
        self._bench.reset(outdoor_c=outdoor_c, rh=rh, water_c=water_c, settings=settings)

    def write(self, identity: int, raw: int) -> None:
        signal = self._points[self._places[identity]]
        self._bench.write(signal.name, signal.physical(raw))

    def step(self) -> None:
        self._bench.step()

    def fault(self, target: str, verb: str, values: Mapping[str, float]) -> None:
        self._bench.fault(target, verb, **values)

    def clear(self, target: str) -> None:
        self._bench.clear(target)
