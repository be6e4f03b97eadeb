"""The live firmware at its pins: the simulated machine on the converters, expanders and coils of the board.

Nothing of the bench link is used: sensors are counts of the converter chips, the valve is the count of its
coil transitions, relays and references are what expanders and PWM pins drive. The plant goes on by itself,
one scan period of it in one of emulated time, whoever runs the board.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isentrope_sim.rig import Rig

from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.coils import SEQUENCES, StepCounter
from isentrope_hil.emulator.i2c import Ads1115, I2cBus, Mcp23017
from isentrope_hil.emulator.spi import Hc595, Mcp3208, SpiBus

RAIL_V = 3.3  # of dividers and transducers, which an ADS1115 measures beside them


class PinRig:
    """Wires `rig` to `board` as the profile says, from now on.

    `coils` counts the valve's steps, `expanders` are the board's (MCP23017, 74HC595) in the profile's order,
    `raw_out()` what the pins say now in the order of the `out` rows. `on_step` is called after every step of
    the plant with (emulated ms, raw inputs, raw outputs).
    """

    def __init__(self, board: Board, profile: Mapping[str, Any], rig: Rig) -> None:
        self.rig = rig
        self.on_step: Callable[[float, list[int], list[int]], None] = lambda ms, ins, outs: None
        self._board = board
        self._ins = [row for row in profile["io"] if row["dir"] == "in"]
        self._outs = [row for row in profile["io"] if row["dir"] == "out"]
        self._scan_ms = float(profile["scan_ms"])
        self._places = {tuple(row["hw"]): at for at, row in enumerate(self._ins)}
        self._spis: dict[str, SpiBus] = {}
        self._i2cs: dict[str, I2cBus] = {}
        devices = [self._device(data, profile) for data in profile["devices"]]
        self.expanders = [device for device in devices if isinstance(device, Mcp23017 | Hc595)]
        self.coils = self._valve(profile)
        self._alarm: Any = board.chip.clock.create_alarm(self._step)
        self._alarm.schedule(self._scan_ms * 1e6)
        self._contacts()

    def raw_out(self) -> list[int]:
        """The raw outputs as bench and plant know them; what is not driven is 0."""
        return [self._output(row) for row in self._outs]

    def _step(self) -> None:
        self._alarm.schedule(self._scan_ms * 1e6)
        outs = self.raw_out()
        ins = [int(value) for value in self.rig.raw_in]
        self.rig.step(outs, self._scan_ms / 1000.0)
        self._contacts()
        self.on_step(self._board.ms, ins, outs)

    def _contacts(self) -> None:
        """Levels of inputs that are pins; converters ask when they convert."""
        for row, value in zip(self._ins, self.rig.raw_in, strict=True):
            kind, *where = row["hw"]
            if kind == "gpio":
                self._board.pins.drive(where[0], int(value))
            elif kind == "mcp23017":
                expander = self.expanders[0]
                assert isinstance(expander, Mcp23017)
                expander.outside[where[0]] = int(value)

    def _output(self, row: Mapping[str, Any]) -> int:
        kind, *where = row["hw"]
        if kind in ("mcp23017", "hc595"):
            return self.expanders[0].level(where[0]) or 0
        if kind == "gpio":
            return self._board.pins.level(where[0]) or 0
        if kind == "pwm":
            return self._board.pins.duty(where[0])
        return self.coils.position & 0xFFFF

    def _valve(self, profile: Mapping[str, Any]) -> StepCounter:
        valve = profile["valve"]
        row = next(row for row in self._outs if row["kind"] == "stepper_count")
        counter = StepCounter(SEQUENCES.get((valve["drive"], valve["half_steps"])))
        pins: list[int] = row["hw"][1:]
        self._board.pins.watch(pins, lambda ms, pin, level: counter.change(ms, pins.index(pin), level or 0))
        enable = next((row for row in self._outs if row["name"] == "eev_coils"), None)
        if enable is not None and enable["hw"][0] == "gpio":
            counter.power(False)
            active = enable["active"]
            self._board.pins.watch(enable["hw"][1:], lambda ms, pin, level: counter.power(level == active))
        return counter

    def _device(self, data: Mapping[str, Any], profile: Mapping[str, Any]) -> object:
        kind = data["kind"]
        place = [other for other in profile["devices"] if other["kind"] == kind].index(data)
        pins = self._board.pins
        if kind == "mcp3208":
            adc = Mcp3208(pins, data["cs"], lambda channel: self._count(kind, place, channel))
            self._spi(data).chips.append(adc)
            return adc
        if kind == "hc595":
            shift = Hc595(pins, data["latch"], data["oe"])
            self._spi(data).chips.append(shift)
            return shift
        if kind == "mcp23017":
            expander = Mcp23017(self._board.chip)
            self._i2c(data).chips[data["address"]] = expander
            return expander
        if kind == "ads1115":
            rail = data.get("reference_channel")
            slow = Ads1115(
                self._board.chip,
                lambda channel: (
                    RAIL_V
                    if channel == rail
                    else RAIL_V * self._count(kind, place, channel) / (1 << data["bits"])
                ),
            )
            self._i2c(data).chips[data["address"]] = slow
            return slow
        return None

    def _count(self, kind: str, place: int, channel: int) -> int:
        at = self._places.get((kind, place, channel))
        return 0 if at is None else int(self.rig.raw_in[at])

    def _spi(self, data: Mapping[str, Any]) -> SpiBus:
        name = data["bus"]
        if name not in self._spis:
            self._spis[name] = SpiBus(self._board.chip, int(name[3:]))
        return self._spis[name]

    def _i2c(self, data: Mapping[str, Any]) -> I2cBus:
        name = data["bus"]
        if name not in self._i2cs:
            self._i2cs[name] = I2cBus(self._board.chip, int(name[3:]))
        return self._i2cs[name]
