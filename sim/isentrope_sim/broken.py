"""What is broken on a rig now: faults spread over plant, sensors, actuators and supply, until repaired."""

from __future__ import annotations

from typing import Any

from isentrope_sim import faults
from isentrope_sim.actuators import Actuators
from isentrope_sim.errors import InputError
from isentrope_sim.plant import Plant
from isentrope_sim.sensors import Sensors

_MONITOR = "supply_ok"


class Broken:
    """The faults at work on these parts of one rig.

    Attributes:
        faults: by target and, of the plant, name.
    """

    def __init__(self, plant: Plant, sensors: Sensors, actuators: Actuators) -> None:
        self._plant = plant
        self._sensors = sensors
        self._actuators = actuators
        self._kinds = {**sensors.kinds, **actuators.kinds, faults.SUPPLY: faults.SUPPLY}
        self.faults: dict[tuple[str, str], faults.Fault] = {}
        self._out_s = 0.0  # since the supply's fault began

    def fault(self, target: str, verb: str, **parameters: float) -> None:
        """Break something from the next step on: see `faults.TABLE` and `faults.PLANT`.

        Raises:
            InputError: unknown target, verb or parameter, a value out of range, or a fault this plant lacks.
        """
        fault = faults.check(target, verb, parameters, self._kinds)
        missing = faults.unmet(fault, self._plant)
        if not missing and target in self._sensors.kinds:
            missing = self._sensors.unmet(fault)
        if missing:
            raise InputError(missing)
        if target == "plant":
            self.faults[target, verb] = fault
            self._plant.set_fault(*faults.plant_setting(fault))
            return
        self.faults[target, ""] = fault
        if target == faults.SUPPLY:
            self._out_s = 0.0
            self._power(False)
            return
        (self._sensors if target in self._sensors.kinds else self._actuators).fault(fault)

    def clear(self, target: str = faults.ALL) -> None:
        """Repair one target, a plant fault by its name, or all.

        Raises:
            InputError: it has no fault.
        """
        found = [key for key in self.faults if target in (faults.ALL, key[0], key[1])]
        if not found and target != faults.ALL:
            broken = ", ".join(verb or name for name, verb in self.faults) or "nothing"
            raise InputError(f"{target!r} has no fault to clear; broken: {broken}")
        for name, verb in found:
            del self.faults[name, verb]
            if name == "plant":
                row = faults.PLANT[verb]
                self._plant.set_fault(row.parameter, row.nominal)
            elif name == faults.SUPPLY:
                self._power(True)
            else:
                (self._sensors if name in self._sensors.kinds else self._actuators).clear(name)
        if (faults.SUPPLY, "") in self.faults:
            self._power(self._actuators.powered)  # a repaired monitor sees the power cut again

    def flicker(self, dt_s: float) -> None:
        """A step of `dt_s` begins: a supply that comes and goes does so."""
        fault = self.faults.get((faults.SUPPLY, ""))
        if fault is None:
            return
        if fault.verb == "intermittent":
            on = not faults.interrupted(fault.values, self._out_s)
            if on != self._actuators.powered:
                self._power(on)
        self._out_s += dt_s

    def _power(self, on: bool) -> None:
        """Cut or restore the power; the supply monitor shows it unless it has a fault of its own."""
        self._actuators.powered = on
        if _MONITOR in self._sensors.kinds and (_MONITOR, "") not in self.faults:
            if on:
                self._sensors.clear(_MONITOR)
            else:
                self._sensors.fault(faults.Fault(_MONITOR, "open"))

    def snapshot(self) -> Any:
        """What plant, sensors and actuators do not say in theirs."""
        return dict(self.faults), self._out_s

    def restore(self, saved: Any) -> None:
        broken, self._out_s = saved
        self.faults = dict(broken)
