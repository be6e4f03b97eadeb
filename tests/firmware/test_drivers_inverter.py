"""The drive on Modbus: its round, its readings, its faults; and relays with one and two stages."""

from isentrope.drivers.inverter import Inverter
from isentrope.drivers.relay import Relay
from isentrope.drivers.rtu import crc
from isentrope.drivers.stages import Stages
from test_drivers_rtu import Line, framed

T0 = 2**30 - 5_000
MASK = 2**30 - 1


def data(**changed):
    """As hil/isentrope_hil/drives/optidrive-eco.toml, with two pole pairs."""
    made = {
        "kind": "modbus", "unit": 1, "timeout_ms": 200, "retries": 1, "lost_ms": 3000, "write": 6,
        "run": [0, 1], "stop": [0, 0], "reset": [0, 4], "speed": [1, 20.0],
        "read": [[3, 5, 4], [3, 22, 2]],
        "running": [5, 1, 1], "tripped": [5, 2, 2], "fault": [5, 8, 255],
        "speed_rps": [6, 0.05, 0, False], "current_a": [7, 0.1, 0, False],
        "bus_v": [22, 1.0, 0, False], "module_c": [23, 1.0, 0, True],
        "faults": [[3, 1], [8, 2], [6, 3]],
    }  # fmt: skip
    made.update(changed)
    return made


class Drive(Line):
    """A drive behind the line: answers at once, runs when told to."""

    def __init__(self):
        super().__init__()
        self.registers = dict.fromkeys(range(30), 0)
        self.registers[22], self.registers[23] = 560, 41
        self.silent = False
        self.stuck = False

    def write(self, buf, n):
        super().write(buf, n)
        if self.silent:
            return
        frame = self.sent[-1]
        assert crc(frame, n) == 0
        address = frame[2] << 8 | frame[3]
        value = frame[4] << 8 | frame[5]
        if frame[1] == 6:
            self.registers[address] = value
            if address == 0:
                self.command(value)
            self.coming += frame
        else:
            body = [1, 3, 2 * value]
            for register in range(address, address + value):
                body += [self.registers[register] >> 8, self.registers[register] & 0xFF]
            self.coming += framed(*body)

    def command(self, word):
        status = self.registers[5]
        if word & 4:
            status = 0
        if not status & 2 and not self.stuck:
            status = status & ~1 | word & 1
        self.registers[5] = status
        self.registers[6] = self.registers[1] if status & 1 else 0
        self.registers[7] = 52 if status & 1 else 0

    def trip(self, number):
        self.registers[5] = number << 8 | 2


class Bench:
    def __init__(self, **changed):
        self.drive = Drive()
        self.inverter = Inverter(data(**changed), self.drive)
        self.ms = T0

    def run(self, seconds, on, rps, period=500):
        for _ in range(int(seconds * 1000) // period):
            self.inverter.step(self.ms & MASK, on, rps)
            self.ms += period


def test_once_a_scan_is_enough():
    bench = Bench()
    bench.run(4, True, 40.0)
    at = bench.inverter
    assert at.running and not at.lost and at.fault == 0
    assert abs(at.speed_rps - 40.0) < 1e-3 and abs(at.current_a - 5.2) < 1e-3
    assert at.bus_v == 560.0 and at.module_c == 41.0
    assert bench.drive.registers[1] == 800


def test_the_round():
    bench = Bench()
    bench.run(3, True, 40.0)
    assert bench.drive.sent[:4] == [
        framed(1, 6, 0, 0, 0, 1),  # a changed run command goes first
        framed(1, 3, 0, 5, 0, 4),
        framed(1, 3, 0, 22, 0, 2),
        framed(1, 6, 0, 1, 3, 32),
    ]
    assert bench.drive.sent[4] == bench.drive.sent[0], "repeated, as a heartbeat"


def test_stop_goes_before_everything_else():
    bench = Bench()
    bench.run(4, True, 40.0)
    bench.drive.sent.clear()
    bench.run(1.0, False, 0.0)
    assert bench.drive.sent[0] in (framed(1, 6, 0, 0, 0, 0), framed(1, 3, 0, 5, 0, 4))
    assert framed(1, 6, 0, 0, 0, 0) in bench.drive.sent[:2]
    assert not bench.drive.registers[5] & 1
    bench.run(2.0, False, 40.0)
    assert bench.drive.registers[1] == 0, "no speed is asked of a stopped drive"


def test_between_scans_a_round_is_fast():
    bench = Bench()
    bench.run(0.5, True, 40.0, period=10)
    assert bench.inverter.running and bench.inverter.rounds >= 6


def test_a_silent_drive_is_lost_and_found():
    bench = Bench()
    bench.run(4, True, 40.0)
    bench.drive.silent = True
    bench.run(2.5, True, 40.0)
    assert not bench.inverter.lost
    bench.run(2, True, 40.0)
    at = bench.inverter
    assert at.lost and not at.running and at.current_a is None
    bench.drive.silent = False
    bench.run(3, True, 40.0)
    assert not at.lost and at.running and abs(at.current_a - 5.2) < 1e-3


def test_a_drive_that_was_never_there():
    bench = Bench()
    bench.drive.silent = True
    bench.run(4, False, 0.0)
    assert bench.inverter.lost


def test_a_drive_that_refuses_is_there():
    bench = Bench()

    def refuse(buf, n):
        frame = bytes(buf[:n])
        bench.drive.coming += framed(frame[0], frame[1] | 0x80, 2)

    bench.drive.write = refuse
    bench.run(10, False, 0.0)
    assert not bench.inverter.lost


def test_fault_codes_have_classes():
    for number, kind in ((3, 1), (8, 2), (6, 3), (99, 4)):
        bench = Bench()
        bench.run(3, True, 40.0)
        bench.drive.trip(number)
        bench.run(3, True, 40.0)
        at = bench.inverter
        assert (at.fault, at.fault_raw) == (kind, number) and not at.running


def test_a_fault_is_reset_when_asked_while_off():
    bench = Bench()
    bench.run(3, True, 40.0)
    bench.drive.trip(3)
    bench.run(3, False, 0.0)
    assert bench.inverter.fault == 1
    bench.inverter.reset = True
    bench.run(1.5, False, 0.0)
    assert framed(1, 6, 0, 0, 0, 4) in bench.drive.sent
    bench.inverter.reset = False
    bench.run(3, False, 0.0)
    assert bench.inverter.fault == 0
    assert bench.drive.sent[-1] != framed(1, 6, 0, 0, 0, 4), "taken back"


def test_a_drive_that_does_not_follow():
    bench = Bench()
    bench.drive.stuck = True
    bench.run(29, True, 40.0)
    assert bench.inverter.fault == 0
    bench.run(2, True, 40.0)
    assert (bench.inverter.fault, bench.inverter.fault_raw) == (4, -1)
    bench.run(6, False, 0.0)
    assert bench.inverter.fault == 0


def test_negative_readings():
    bench = Bench()
    bench.drive.registers[23] = 0x10000 - 7
    bench.run(3, False, 0.0)
    assert bench.inverter.module_c == -7.0


def test_a_register_that_nothing_reads_is_named():
    try:
        Inverter(data(bus_v=[40, 1.0, 0, False]), Drive())
        raise AssertionError("accepted")
    except ValueError as error:
        assert "40" in str(error)


def relays(second_rps=None):
    levels = [0]
    made = {"kind": "stages"}
    if second_rps is None:
        return Stages(made), levels
    made["second_rps"] = second_rps
    return Stages(made, Relay({"active": 1}, levels, 0)), levels


def test_one_stage_is_the_run_relay():
    at, levels = relays()
    at.step(0, True, 50.0)
    at.step(500, False, 50.0)
    assert levels == [0]


def test_two_stages_change_once_a_minute():
    at, levels = relays(50.0)
    changes = []
    for scan in range(400):
        before = levels[0]
        at.step((T0 + 500 * scan) & MASK, True, 50.0 if scan // 20 % 2 else 25.0)
        if levels[0] != before:
            changes.append(scan)
    assert (
        changes[0] == 120 + 20 and min([changes[n + 1] - changes[n] for n in range(len(changes) - 1)]) >= 120
    )
    at.step((T0 + 500 * 400) & MASK, False, 0.0)
    assert levels == [0]


def test_the_second_stage_needs_the_whole_speed():
    at, levels = relays(50.0)
    for scan in range(300):
        at.step(500 * scan, True, 49.0)
    assert levels == [0]
    for scan in range(300, 310):
        at.step(500 * scan, True, 50.0)
    assert levels == [1]
