"""The hardware of a port (ports/pins.py) with chips on its buses, as a profile describes them."""

from fake_buses import Ads1115Chip, Hc595Chip, I2c, Mcp3208Chip, Mcp23017Chip, Wire, rom_code


class Hardware:
    """`pins` by number, `duties` and `frequencies` of PWM pins, `counts` of the own converter (16 bit).

    `log` has levels and directions of pins in order (None: none are kept). `chips[kind]` is a list, in the
    profile's order.
    """

    def __init__(self, profile, sensors=8):
        self.pins = {}
        self.duties = {}
        self.frequencies = {}
        self.counts = {}
        self.log = []
        self.wired = {}  # chips' pins by the number of ours
        self.moves = Moves()
        self.chips = {}
        self.buses = {}
        Hardware.Pin.board = self
        for data in profile["devices"]:
            chip = self._chip(data, sensors)
            self.chips.setdefault(data["kind"], []).append(chip)
            bus = data.get("bus")
            if bus and profile["buses"][bus]["kind"] == "spi":
                self.buses.setdefault(bus, Spi()).chips.append((data, chip))
            elif bus:
                self.buses.setdefault(bus, I2c({})).chips[data["address"]] = chip

    def _chip(self, data, sensors):
        kind = data["kind"]
        if kind == "mcp3208":
            chip = Mcp3208Chip([0] * 8)
            self.wired[data["cs"]] = chip.cs
            return chip
        if kind == "ads1115":
            return Ads1115Chip([0.0, 0.0, 0.0, 3.3])
        if kind == "mcp23017":
            return Mcp23017Chip(0xFFFF)
        if kind == "hc595":
            chip = Hc595Chip(0xFF, 0xFF, True)
            self.wired[data["latch"]] = chip.latch
            self.wired[data["oe"]] = chip.oe
            return chip
        if kind == "ds18b20":
            return Wire({rom_code(b"SENSO" + bytes((n,))): 20.0 + n for n in range(sensors)})
        return None

    class Pin:
        """One object a number, as on a board. Levels of outputs are noted in the board's log."""

        IN, OUT, PULL_UP, PULL_DOWN = range(4)
        board: "Hardware"

        def __new__(cls, number, mode=-1, pull=-1, value=-1):
            pins = cls.board.pins
            if number not in pins:
                pins[number] = super().__new__(cls)
                pins[number].level = pins[number].mode = pins[number].pull = None
                pins[number].number = number
            return pins[number]

        def __init__(self, number, mode=-1, pull=-1, value=-1):
            if value >= 0:
                self(value)
            if mode >= 0:
                assert mode == self.IN or value >= 0, "an output has its level before it drives"
                self.mode, self.pull = mode, pull
                self.board.log.append((number, "in" if mode == self.IN else "out"))

        def __call__(self, level=None):
            if level is None:
                return self.level
            self.level = level
            if self.number in self.board.wired:
                self.board.wired[self.number](level)
            if self.board.log is not None:
                self.board.log.append((self.number, level))

    def spi(self, name, bus):
        assert bus["kind"] == "spi"
        return self.buses[name]

    def i2c(self, name, bus):
        assert bus["kind"] == "i2c"
        return self.buses[name]

    def wire(self, pin):
        return self.chips["ds18b20"][0]

    def adc(self, pin):
        return lambda: self.counts[pin]

    def pwm(self, pin, hz):
        self.frequencies[pin] = hz
        self.duties[pin] = 0

        def duty(value):
            self.duties[pin] = value

        return duty

    def pulses(self, profile, enable):
        self.moves.enable = enable
        return self.moves


class Moves:
    """A pulse generator that only remembers."""

    def __init__(self):
        self.count = 0
        self.busy = False
        self.stopped = 0
        self.energised = False

    def go(self, target):
        self.busy = target != self.count

    def stop(self):
        self.busy = False
        self.stopped += 1

    def coils(self, on):
        self.energised = on
        self.enable(1 if on else 0)


class Spi:
    """A bus: who is selected answers, and a shift register takes whatever passes by."""

    def __init__(self):
        self.chips = []

    def write_readinto(self, out, into):
        selected = 0
        for data, chip in self.chips:
            if "cs" in data and not chip.cs.level:
                selected += 1
                chip.write_readinto(out, into)
        assert selected == 1

    def write(self, buf):
        for data, chip in self.chips:
            if "cs" in data:
                assert chip.cs.level
            else:
                chip.write(buf)
