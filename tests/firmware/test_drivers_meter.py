"""The electricity meter: plain registers, SunSpec's discovery, silence, its turn on the drive's line."""

from struct import pack

from isentrope.drivers.inverter import Inverter
from isentrope.drivers.meter import NO_MODEL, REFUSES, SILENT, Line, Meter
from isentrope.drivers.rtu import crc
from test_drivers_inverter import MASK, T0, Drive, data
from test_drivers_rtu import Line as Wire
from test_drivers_rtu import framed

UNIT = 9
PLAIN = {
    "unit": UNIT, "timeout_ms": 200, "lost_ms": 5000, "function": 4,
    "maps": [{"read": [[52, 2], [342, 2], [0, 6]], "power": [52, 4, 1.0, -1],
              "energy": [342, 4, 1000.0, -1], "volts": [[0, 4, 1.0, -1], [2, 4, 1.0, -1], [4, 4, 1.0, -1]]}],
}  # fmt: skip
SUNSPEC = {
    "unit": UNIT, "timeout_ms": 200, "lost_ms": 5000, "function": 3, "sunspec": [40000, 50000, 0],
    "maps": [{"models": [201, 204], "read": [[18, 5], [46, 9], [8, 8]], "power": [18, 1, 1.0, 22],
              "energy": [46, 2, 1.0, 54], "volts": [[8, 1, 1.0, 15], [9, 1, 1.0, 15], [10, 1, 1.0, 15]]},
             {"models": [211, 214], "read": [[28, 2]], "power": [28, 4, 1.0, -1]}],
}  # fmt: skip


def words(value):
    """A float32 as two registers."""
    raw = pack(">f", value)
    return raw[0] << 8 | raw[1], raw[2] << 8 | raw[3]


class Meters(Wire):
    """A meter behind the line, and the drive of the other tests beside it."""

    def __init__(self, drive=None):
        super().__init__()
        self.registers = {}
        self.silent = False
        self.drive = drive
        self.asked = []
        self.ms = T0

    def put(self, at, *values):
        for n in range(len(values)):
            self.registers[at + n] = values[n]

    def write(self, buf, n):
        super().write(buf, n)
        frame = self.sent[-1]
        assert crc(frame, n) == 0
        if frame[0] != UNIT:
            self.drive.sent = []
            self.drive.write(buf, n)
            self.coming += self.drive.coming
            self.drive.coming = b"" if isinstance(self.coming, bytes) else []
            return
        self.asked.append(self.ms)
        if self.silent:
            return
        first, count = frame[2] << 8 | frame[3], frame[4] << 8 | frame[5]
        body = [UNIT, frame[1], 2 * count]
        for register in range(first, first + count):
            if register not in self.registers:
                self.coming += framed(UNIT, frame[1] | 0x80, 2)
                return
            body += [self.registers[register] >> 8, self.registers[register] & 0xFF]
        self.coming += framed(*body)


class Bench:
    def __init__(self, described):
        self.wire = Meters()
        self.meter = Meter(described)
        self.line = Line(self.meter, self.wire)
        self.ms = T0

    def run(self, seconds, period=20):
        for _ in range(int(seconds * 1000) // period):
            self.wire.ms = self.ms
            self.line.poll(self.ms & MASK)
            self.ms += period


def plain(power=1234.5):
    at = Bench(PLAIN)
    at.wire.put(52, *words(power))
    at.wire.put(342, *words(12.5))
    at.wire.put(0, *words(230.0))
    at.wire.put(2, *words(231.0))
    at.wire.put(4, *words(229.0))
    return at


def sunspec(model=203):
    at = Bench(SUNSPEC)
    at.wire.put(40000, 0x5375, 0x6E53, 1, 66)
    at.wire.put(40070, model, 105)
    at.wire.put(40072, *[0] * 105)
    at.wire.put(40070 + 18, 0xFF38, 0, 0, 0, 1)  # -200, 10 W each
    at.wire.put(40070 + 46, 1, 2)
    at.wire.put(40070 + 54, 0xFFFF)  # 0.1 Wh
    at.wire.put(40070 + 8, 2300, 2310, 2290)
    at.wire.put(40070 + 15, 0xFFFF)
    at.wire.put(40177, 0xFFFF, 0)
    return at


def test_floats():
    at = plain()
    at.run(3)
    meter = at.meter
    assert not meter.lost and abs(meter.power_w - 1234.5) < 0.01 and abs(meter.energy_wh - 12_500.0) < 0.1
    assert meter.volts == (230.0, 231.0, 229.0)


def test_each_second_a_new_power_and_no_more():
    at = plain()
    at.run(10)
    assert 25 <= len(at.wire.asked) <= 33, "three requests a round"
    at.wire.put(52, *words(2000.0))
    at.run(2)
    assert at.meter.power_w == 2000.0


def test_a_number_that_is_none_is_not_said():
    at = plain()
    at.wire.put(52, 0x7FC0, 0)
    at.run(3)
    assert at.meter.power_w is None and at.meter.volts and not at.meter.lost


def test_sunspec_is_looked_for():
    at = sunspec()
    at.run(6)
    meter = at.meter
    assert meter.model == 203 and meter.power_w == 2000.0, "drawn, whichever way its transformers point"
    assert abs(meter.energy_wh - 6553.8) < 0.01 and abs(meter.volts[1] - 231.0) < 1e-4


def test_sunspec_at_another_base_and_as_floats():
    at = Bench(SUNSPEC)
    at.wire.put(0, 0x5375, 0x6E53, 1, 66)
    at.wire.put(70, 213, 124)
    at.wire.put(98, *words(777.0))
    at.run(6)
    assert at.meter.model == 213 and at.meter.power_w == 777.0


def test_no_model_of_a_meter():
    at = sunspec(103)
    at.run(20)
    assert at.meter.lost and at.meter.why == NO_MODEL and at.meter.power_w is None
    at.wire.put(40070, 202)
    at.run(40)
    assert not at.meter.lost and at.meter.model == 202 and at.meter.why == 0


def test_silence_and_back():
    at = plain()
    at.run(3)
    at.wire.silent = True
    at.run(8)
    assert at.meter.lost and at.meter.why == SILENT and at.meter.power_w is None
    before = len(at.wire.asked)
    at.run(60)
    assert 5 <= len(at.wire.asked) - before <= 7, "once in ten seconds"
    at.wire.silent = False
    at.run(15)
    assert not at.meter.lost and at.meter.power_w == 1234.5


def test_refusals():
    at = Bench(PLAIN)
    at.run(12)
    assert at.meter.lost and at.meter.why == REFUSES


def test_a_block_that_it_has_not():
    at = plain()
    del at.wire.registers[342]
    at.run(20)
    assert not at.meter.lost and at.meter.power_w == 1234.5 and at.meter.volts and at.meter.energy_wh is None


def test_values_that_sunspec_calls_not_there():
    at = sunspec()
    at.wire.put(40070 + 18, 0x8000)
    at.run(6)
    assert at.meter.power_w is None and not at.meter.lost
    at.wire.put(40070 + 18, 5, 0, 0, 0, 0x8000)
    at.run(6)
    assert at.meter.power_w is None


class Shared:
    """Drive and meter on one line."""

    def __init__(self):
        self.drive = Drive()
        self.wire = Meters(self.drive)
        at = plain()
        self.wire.registers = at.wire.registers
        self.meter = Meter(PLAIN)
        self.inverter = Inverter(data(), self.wire, self.meter)
        self.ms = T0
        self.longest = 0  # between two speeds written, ms
        self._written = T0

    def run(self, seconds, on, rps, period=10):
        for n in range(int(seconds * 1000) // period):
            self.wire.ms = self.ms
            before = len(self.wire.sent)
            if n % 50:
                self.inverter.poll(self.ms & MASK)
            else:
                self.inverter.step(self.ms & MASK, on, rps)
            for frame in self.wire.sent[before:]:
                if frame[0] == 1 and frame[1] == 6 and frame[3] == 1:
                    self.longest = max(self.longest, self.ms - self._written)
                    self._written = self.ms
            self.ms += period


def test_drive_and_meter_share_a_line():
    at = Shared()
    at.run(10, True, 40.0)
    assert at.inverter.running and at.inverter.speed_rps == 40.0 and not at.inverter.lost
    assert at.meter.power_w == 1234.5 and at.longest <= 150, at.longest


def test_a_silent_meter_costs_the_drives_heartbeat_its_time_out_at_most():
    at = Shared()
    at.run(5, True, 40.0)
    alone = at.longest
    at.wire.silent = True
    at.run(60, True, 40.0)
    assert at.meter.lost and not at.inverter.lost and at.inverter.running
    assert at.longest <= alone + PLAIN["timeout_ms"] + 20, at.longest


def test_a_stop_waits_for_the_meter_no_longer():
    at = Shared()
    at.run(5, True, 40.0)
    at.wire.silent = True
    worst = 0
    for n in range(40):
        at.run(3.0 + 0.01 * n, True, 40.0)
        at.inverter.step(at.ms & MASK, False, 0.0)
        began = at.ms
        while at.drive.registers[0]:
            at.run(0.01, False, 0.0)
            assert at.ms - began < 1000
        worst = max(worst, at.ms - began)
    assert worst <= PLAIN["timeout_ms"] + 50, worst
