"""The ESP32's port on stand-ins for MicroPython's modules: what it asks the chip for, and when."""

import sys

import fake_esp32
from fake_esp32 import LEVELS, Adc, Clock, Machine, Micropython, Partition, Wdt
from isentrope.eventlog import ASKED, POWER_ON, WATCHDOG
from isentrope.ports.pins import LivePins

esp32 = fake_esp32.port()

BUS = {"kind": "rs485", "tx": 17, "rx": 34, "de": 4, "use": "field bus"}
PROFILE = {
    "pins": [[4, 0], [13, 0], [25, 0], [26, 0], [27, 1]],
    "buses": {"uart1": BUS},
    "devices": [],
    "io": [
        {"name": "water_flow", "dir": "in", "kind": "contact", "active": 0, "hw": ["gpio", 14]},
        {"name": "suction_t", "dir": "in", "kind": "ntc", "bits": 12, "hw": ["adc", 36]},
        {"name": "eev_count", "dir": "out", "kind": "stepper_count", "hw": ["step_dir", 25, 26], "safe": 0},
        {"name": "eev_coils", "dir": "out", "kind": "level", "hw": ["gpio", 27], "active": 0, "safe": 1},
        {"name": "fan_ref", "dir": "out", "kind": "analog_out", "hw": ["pwm", 13], "safe": 0},
    ],
    "valve": {"drive": "step_dir", "rate_hz": 200, "start_rate_hz": 100, "ramp_steps": 16},
}


def raises(kind, call, *args):
    try:
        call(*args)
    except kind as error:
        return str(error)
    raise AssertionError("nothing was raised")


def test_why_it_started():
    causes = {1: POWER_ON, 2: ASKED, 3: WATCHDOG, 5: ASKED, 0: POWER_ON}
    for reset, cause in causes.items():
        Machine.cause = reset
        assert esp32.Port().cause == cause
    Machine.cause = 1


def test_the_watchdog_is_fed_once_it_runs():
    port = esp32.Port()
    before = Wdt.fed
    port.feed()
    assert Wdt.fed == before
    port.watch()
    assert port._dog.kwargs == {"timeout": 5000}
    port.feed()
    assert Wdt.fed == before + 1


def test_ctrl_c_is_a_byte_while_a_session_lasts():
    port = esp32.Port()
    port.console(False)
    assert Micropython.interrupt == -1
    port.console(True)
    assert Micropython.interrupt == 3


def test_a_restart_lets_the_console_drain():
    Clock.slept = 0
    raises(fake_esp32.Resets, esp32.Port().restart)
    assert Clock.slept == 50


class Console:
    """Standard input with bytes waiting; asked for more than there are it would hang."""

    def __init__(self, waiting):
        self.waiting = waiting

    def ipoll(self, timeout):
        return ((self, 1),) if self.waiting else ()

    def readinto(self, buf):
        assert len(buf) <= len(self.waiting)
        buf[:] = self.waiting[: len(buf)]
        self.waiting = self.waiting[len(buf) :]


def test_take_fills_the_view_and_waits_for_nothing():
    port = esp32.Port()
    port.stream = console = Console(b"abcdefg")
    port._ready = console.ipoll
    view = memoryview(bytearray(5))
    assert port.take(view) == 5 and bytes(view) == b"abcde"
    assert port.take(view) == 2 and bytes(view[:2]) == b"fg"
    assert port.take(view) == 0


class Storage:
    """In place of ports/flash.py, whose tests are elsewhere."""

    @staticmethod
    def Flash(device):
        return device


def test_storage_is_on_the_partition_of_the_file_system():
    name = "isentrope.ports.flash"
    before = sys.modules.get(name)
    sys.modules[name] = Storage
    try:
        assert esp32.Port().medium(PROFILE).args == (1, "vfs")
        Partition.there = False
        assert raises(OSError, esp32.Port().medium, PROFILE) == "storage: no partition vfs"
    finally:
        Partition.there = True
        del sys.modules[name]
        if before:
            sys.modules[name] = before


def test_the_converter_reads_calibrated_as_a_ratio_to_the_rail():
    read = esp32.adc(36)
    for uv, wanted in ((0, 0), (1_650_000, 32768), (3_100_000, 61564), (3_400_000, 65535)):
        Adc.uv = uv
        assert abs(read() - wanted) <= wanted // 10_000
    Adc.uv = 1_650_000


def test_buses_have_the_profiles_pins():
    spi = esp32.spi("spi2", {"sck": 18, "mosi": 23, "miso": 36, "hz": 1_000_000})
    assert spi.args == (2,) and spi.kwargs["baudrate"] == 1_000_000
    assert [spi.kwargs[key].number for key in ("sck", "mosi", "miso")] == [18, 23, 36]
    i2c = esp32.i2c("i2c0", {"sda": 21, "scl": 22, "hz": 400_000})
    assert i2c.args == (0,) and i2c.kwargs["freq"] == 400_000
    assert [i2c.kwargs[key].number for key in ("sda", "scl")] == [21, 22]


def test_the_driver_enable_lasts_as_long_as_the_sending():
    line = esp32.Port().rs485("uart1", BUS, 9600, 0)
    uart, timer = line.stream, line._timer
    assert uart.args == (1, 9600) and (uart.kwargs["tx"].number, uart.kwargs["rx"].number) == (17, 34)
    assert LEVELS[4] == 0 and timer.args == (1,)
    line.write(b"12345678", 8)
    assert LEVELS[4] == 1 and uart.out == b"12345678"
    assert timer.calls[-1]["period"] == 8 * 11 * 1000 // 9600 + 1  # start, 8 data, parity, stop
    timer.calls[-1]["callback"](timer)  # still at it
    assert LEVELS[4] == 1 and timer.calls[-1]["period"] == 1
    uart.sent = True
    timer.calls[-1]["callback"](timer)
    assert LEVELS[4] == 0
    uart.waiting = b"abc"
    view = memoryview(bytearray(2))
    assert line.take(view) == 2 and line.take(view) == 1 and line.take(view) == 0


def test_windings_cannot_be_driven():
    profile = {"valve": {"drive": "bipolar"}}
    assert raises(ValueError, esp32.pulses, profile, None) == (
        "profile.json: valve.drive bipolar: an ESP32 has step_dir only"
    )


def test_a_boards_pins():
    """A move of the valve on a board: safe at first, windings on through their low enable, in pieces."""
    LEVELS.clear()
    pins = LivePins(PROFILE, esp32)
    assert LEVELS == {4: 0, 13: 0, 25: 0, 26: 0, 27: 1, 14: None}
    assert pins.polls
    pins.sample(500)
    assert pins.inputs[0] == 1 and abs(pins.inputs[1] - 2048) <= 1
    rmt = pins.pulses._rmt
    assert rmt.pin == 25 and rmt.symbols == 192 and rmt.resolution_hz == 500_000
    clock_ms = 0

    def pass_ms(ms):
        nonlocal clock_ms
        clock_ms += ms
        rmt.powered = 1 - LEVELS[27]
        rmt.way = 1 if LEVELS[26] else -1
        rmt.run(1000 * ms)
        Clock.now_us = rmt.now
        pins.poll(clock_ms)

    pass_ms(10)
    pins.pulses.go(400)
    pins.pulses.coils(True)
    pins.outputs[2] = 32768
    pins.drive()
    assert LEVELS[27] == 0 and pins.outputs[1] == 0
    while pins.pulses.busy:
        pass_ms(10)
    pins.drive()
    assert rmt.steps == 400 == pins.outputs[0] and rmt.writes == 4
    pins.pulses.go(0)
    pass_ms(200)
    assert 0 < rmt.steps < 400
    pins.safe()
    assert LEVELS[27] == 1 and pins.outputs[1:] == [1, 0]
    there = rmt.steps
    pass_ms(3000)
    assert rmt.steps == there and not pins.pulses.busy


def test_the_console_is_standard_input():
    assert esp32.Port().stream is sys.stdin.buffer
