"""A live board's pins: raw values as in bench/pins.py, through the drivers of converters and expanders.

`hardware` is what differs by chip, a port's module:

- `Pin`; `wire(pin)`: OneWire on it; `spi(name, bus)`, `i2c(name, bus)`: the profile's bus of that name
- `adc(pin)`: a function that reads 16 bit; `pwm(pin, hz)`: a function that sets a duty of 16 bit, 0 at first
- `pulses(profile, enable)`: what drivers/stepper.py drives; `enable(on)` is called to switch the windings
"""

from micropython import const

from ..tables import forget

_PWM_HZ = const(1000)  # what the filters of the boards' 0-10 V outputs are made for (board.toml)
_WRAP = const(0x3FFFFFFF)  # of ticks_ms
_POLL_MS = const(10)  # an ADS1115 takes 9 ms for a conversion; own
_OVERSAMPLE = const(8)  # of the chip's own converter; own


class LivePins:
    """`inputs` and `outputs` are lists of raw values in the order of the profile's rows.

    A device that fails does not raise: the scan goes on, its inputs read as failed (docs/drivers.md). What
    hangs on an expander that does not listen stays as it was told last, or lets go with the chip's supply.
    """

    def __init__(self, profile: dict, hardware):
        """Outputs are safe before any bus moves. Raises ValueError, KeyError: the profile fits no board."""
        self.live = True  # buses with other devices may be driven too
        pin = hardware.Pin
        for number, level in profile["pins"]:
            pin(number, pin.OUT, value=level)
        ins = [row for row in profile["io"] if row["dir"] == "in"]
        outs = [row for row in profile["io"] if row["dir"] == "out"]
        self._safe = tuple([row["safe"] for row in outs])
        self.inputs = [0] * len(ins)
        self.outputs = list(self._safe)
        from . import devices as made_once

        devices = made_once.Devices(profile, hardware)
        forget(made_once.__name__)
        self._polled = devices.polled
        self.rtc = devices.rtc
        self._wires = devices.wires
        self.polls = bool(devices.polled or devices.wires)  # poll() has something to do
        self._sensed: list = []  # expanders with contacts, or whose outputs can be read back
        self._contacts: list = []  # (place, pin)
        self._reads: list = []  # (place, function of the channel, channel)
        for place, row in enumerate(ins):
            self._input(place, row, hardware, devices)
        self._puts: list = []  # (place, function of the value)
        for place, row in enumerate(outs):
            if row["hw"][0] == "gpio":
                self._puts.append((place, pin(row["hw"][1])))
            elif row["hw"][0] == "pwm":
                self._puts.append((place, hardware.pwm(row["hw"][1], _PWM_HZ)))
        self._latches: list = []  # (expander, its outputs: (place, bit))
        for expander in devices.expanders:
            places = [(n, 1 << row["hw"][1]) for n, row in enumerate(outs) if _on(row, expander, devices)]
            if places:
                self._latches.append((expander, places))
                if hasattr(expander, "astray") and expander not in self._sensed:
                    self._sensed.append(expander)
        names = [row["name"] for row in outs]
        self._count_at = names.index("eev_count")
        self._coils_at = names.index("eev_coils")
        self._coils_on = outs[self._coils_at]["active"]
        self._coils_level = outs[self._coils_at]["safe"]
        self._coils = [put for place, put in self._puts if place == self._coils_at]
        self._dt_ms = 0  # of the last scan, while the wires' turn of it is to come
        self._fresh = False  # converters were polled since the last scan
        self._polled_ms = 0
        self.pulses = hardware.pulses(profile, self._enable)
        if hasattr(self.pulses, "poll"):  # it makes a long move in pieces
            self._polled.append(self.pulses)
            self.polls = True

    def sample(self, dt_ms: int):
        """Take all inputs, `dt_ms` after the last time."""
        if not self._fresh:
            for chip in self._polled:
                chip.poll()
        self._fresh = False
        self._turn()
        self._dt_ms = dt_ms
        for chip in self._sensed:
            chip.sense()
        inputs = self.inputs
        for place, pin in self._contacts:
            inputs[place] = pin()
        for place, read, channel in self._reads:
            inputs[place] = read(channel)

    def poll(self, now_ms: int):
        """Between scans, for what takes its time. Where nobody calls it, sample() does that once a scan."""
        if (now_ms - self._polled_ms) & _WRAP >= _POLL_MS:
            self._polled_ms = now_ms
            self._fresh = True
            for chip in self._polled:
                chip.poll()
            self._turn()

    def drive(self):
        """Put all outputs out."""
        outputs = self.outputs
        outputs[self._count_at] = self.pulses.count & 0xFFFF
        outputs[self._coils_at] = self._coils_level
        for place, put in self._puts:
            put(outputs[place])
        for expander, places in self._latches:
            levels = 0
            for place, bit in places:
                if outputs[place]:
                    levels |= bit
            expander.write(levels)

    def astray(self) -> int:
        """Bits of an expander's outputs that did not follow, as of the last `sample`; 0: all did."""
        for chip in self._sensed:
            if chip.astray:
                return chip.astray
        return 0

    def safe(self):
        """Every output in its safe state."""
        self.pulses.stop()
        self.pulses.coils(False)
        self.outputs[:] = self._safe
        self.drive()

    def _enable(self, on: int):
        """The windings, before the first step, which does not wait for drive()."""
        self._coils_level = level = self._coils_on if on else 1 - self._coils_on
        self.outputs[self._coils_at] = level
        for put in self._coils:
            put(level)

    def _turn(self):
        """What the one-wire buses do once a scan: reading a sensor takes 12 ms."""
        if self._dt_ms:
            for wire in self._wires:
                wire.poll(self._dt_ms)
            self._dt_ms = 0

    def _input(self, place: int, row: dict, hardware, devices):
        hw = row["hw"]
        kind = hw[0]
        if kind == "gpio":
            pin = hardware.Pin
            pull = pin.PULL_DOWN if row["active"] else pin.PULL_UP  # a broken wire reads open
            self._contacts.append((place, pin(hw[1], pin.IN, pull)))
            return
        if kind == "adc":
            device = _Own(hardware.adc(hw[1]), 16 - row["bits"])
        else:
            device = devices.get(hw)
            if kind == "mcp23017" and device not in self._sensed:
                self._sensed.append(device)
        self._reads.append((place, device.read, hw[-1]))


def _on(row: dict, expander, devices) -> bool:
    """The output row sits on this expander."""
    return row["hw"][0] in ("mcp23017", "hc595") and devices.get(row["hw"]) is expander


class _Own:
    """An input of the chip's own converter, `shift` bits coarser than 16, averaged."""

    def __init__(self, read_u16, shift: int):
        self._read_u16 = read_u16
        self._shift = shift

    def read(self, _pin: int) -> int:
        total = _OVERSAMPLE >> 1
        for _ in range(_OVERSAMPLE):
            total += self._read_u16() >> self._shift
        return total // _OVERSAMPLE
