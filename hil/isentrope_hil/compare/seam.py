"""The firmware in this process, and the one thing that is exchanged: who says where the valve stands.

The scan is the firmware's: drivers, filters, sequence, speed, fan, protections, stepper with its ramp.
Until `hand_over`, and with our own law after it too, its controller's word goes to the valve. With a peer's
law that word is replaced, once a second, by the law's; a machine that the firmware stops stays stopped.

What it says with our own law is what the bench's targets say: tests/hil/test_compare_seam.py.
"""

from __future__ import annotations

import copy
import copyreg
from collections.abc import Mapping, Sequence
from typing import Any

from isentrope_hil.compare.law import PERIOD_S, Law, Signals, Unit
from isentrope_hil.errors import TargetError
from isentrope_hil.targets.cpython import Port
from isentrope_hil.targets.firmware import Imports

COUNT, COILS = "eev_count", "eev_coils"


class Exchange:
    """The firmware's controller; once it has a law, the valve is that law's. All else is passed through."""

    def __init__(self, controller: Any, steps: int) -> None:
        self._controller = controller
        self._steps = steps
        self._waited_s = 0.0
        self._last_ms = -1
        self.law: Law | None = None
        self.target = 0
        self.signals = Signals()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_controller":  # while it is being copied there is none
            raise AttributeError(name)
        return getattr(self._controller, name)

    def take_over(self, law: Law, inp: Any) -> None:
        """From the next scan on the valve is `law`'s, starting where it stands."""
        self.law = law
        self.target = inp.eev_position
        self._waited_s = PERIOD_S
        law.begin(self._look(inp), self.signals.position_pct)

    def step(self, now_ms: int, inp: Any, out: Any) -> None:
        controller = self._controller
        controller.step(now_ms, inp, out)
        if self.law is None or not out.compressor_on:
            return
        passed_ms = (now_ms - self._last_ms) & 0x3FFFFFFF if self._last_ms >= 0 else 0
        self._last_ms = now_ms
        self._waited_s += passed_ms / 1000.0
        if self._waited_s >= PERIOD_S:
            self._waited_s -= PERIOD_S
            opening = self.law.step(self._look(inp))
            self.target = round(opening * self._steps / 100.0)
        out.eev_steps = self.target

    def _look(self, inp: Any) -> Signals:
        seen, controller = self.signals, self._controller
        seen.superheat_k = controller.superheat_k
        seen.suction_c, seen.coil_c = inp.suction_c, inp.coil_c
        seen.evap_c, seen.cond_c = controller.evap_sat_c, controller.cond_dew_c
        seen.evap_kpa = controller.evap_kpa
        seen.speed_rps = controller.speed_set_rps
        seen.position_pct = 100.0 * inp.eev_position / self._steps
        return seen


def _whole(view: memoryview) -> tuple[type[memoryview], tuple[Any]]:
    return memoryview, (view.obj,)


class Firmware:
    """The firmware's object graph on stand-in pins: `scan` takes raw inputs and gives raw outputs.

    Raises TargetError for a profile, a setting or a point that it refuses.
    """

    def __init__(self, imports: Imports, profile: Mapping[str, Any], settings: Mapping[str, float]) -> None:
        made = {**profile, "settings": {**profile["settings"], **settings}}
        pins = imports.module("bench.pins").Pins(made)
        medium = imports.module("ports.ram").Ram()
        points = imports.module("points")
        try:
            self._scan = imports.module("app").build(made, pins, Port(), medium)
        except ValueError as error:
            raise TargetError(str(error)) from None
        self._pins = pins
        self._saturation = imports.module("refrigerant.saturation").load(made["fluid"])
        self._points = {row[1]: (row[0], row[4]) for row in points.rows()}
        outs = [row for row in made["io"] if row["dir"] == "out"]
        names = [row["name"] for row in outs]
        self._count, self._coils = names.index(COUNT), names.index(COILS)
        self._energised = outs[self._coils]["active"]
        self._max_rps = made["compressor"]["max_rps"]
        self._exchange = Exchange(self._scan.controller, made["valve"]["steps"])
        self._scan.controller = self._exchange

    def copy(self) -> Firmware:
        """An independent one in the same state.

        The firmware's memoryviews each show the whole of a bytearray (storage), so the copy's show its own.
        """
        copyreg.pickle(memoryview, _whole)
        try:
            return copy.deepcopy(self)
        finally:
            del copyreg.dispatch_table[memoryview]

    def unit(self, setpoint_k: float) -> Unit:
        return Unit(setpoint_k, self._max_rps, self._saturation)

    def write(self, name: str, value: float) -> None:
        """Write a point, in its unit."""
        identity, exponent = self._points[name]
        if code := self._scan.write(identity, round(value * 10.0**-exponent)):
            raise TargetError(f"point {name!r}: the firmware refuses {value:g} (code {code})")

    def settings(self, values: Mapping[str, float]) -> None:
        """Take settings, in their units, while it runs."""
        try:
            self._scan.settings.load(dict(values))
        except ValueError as error:
            raise TargetError(str(error)) from None

    def hand_over(self, law: Law) -> None:
        """The valve is `law`'s from the next scan on."""
        self._exchange.take_over(law, self._scan.inp)

    def scan(self, now_ms: int, raw_in: Sequence[int]) -> list[int]:
        """One scan: the raw outputs in the order of the profile's rows."""
        pins = self._pins
        pins.inputs[:] = raw_in
        self._scan.run(now_ms)
        self._scan.keep()
        raw = list(pins.outputs)
        raw[self._count] = pins.pulses.count & 0xFFFF
        raw[self._coils] = self._energised if pins.pulses.energised else 1 - self._energised
        return raw

    @property
    def running(self) -> bool:
        """The compressor's relay is on."""
        return bool(self._scan.out.compressor_on)

    @property
    def superheat_k(self) -> float:
        """As the firmware measures it."""
        return float(self._exchange.superheat_k)
