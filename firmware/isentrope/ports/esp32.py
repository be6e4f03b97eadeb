"""ESP32 and ESP32-S3: what a port offers (ports/unix.py) and the hardware of its pins (ports/pins.py)."""

import gc
import select
import sys
from time import sleep_ms, ticks_ms, ticks_us, time

import machine
from esp32 import RMT, Partition
from machine import ADC, I2C, PWM, SPI, UART, WDT, Pin, Timer
from micropython import const, kbd_intr, stack_use

from ..eventlog import ASKED, POWER_ON, WATCHDOG
from . import esp32_steps

_WATCHDOG_MS = const(5000)  # own: ten scans
_I2C_TIMEOUT_US = const(5000)  # own: longer than any transfer here, and a hung bus delays a scan by little
_DRAIN_MS = const(50)  # own: what the console's UART still holds, 128 bytes at 115200 Bd
_CTRL_C = const(3)
_FILES = "vfs"  # the partition of the file system in MicroPython's images
# The module's 3.3 V rail in units of the last place of 16 bit, in hundredths of a microvolt: 3.3 V / 65536.
_PLACE = const(5035)
# Bytes; own: the longest frame of Modbus (256) or MS/TP (512), so that no write waits.
_UART = {"rxbuf": 1024, "txbuf": 512, "timeout": 0}


class Port:
    def __init__(self):
        self.name = "esp32"
        self.cause = _cause(machine.reset_cause())
        self.stream = sys.stdin.buffer
        self.ticks_ms = ticks_ms
        self.ticks_us = ticks_us
        self.seconds = time
        self.stack = stack_use
        self.mem_free = gc.mem_free
        self.collect = gc.collect
        self._out = sys.stdout.buffer
        self._byte = bytearray(1)
        poll = select.poll()
        poll.register(self.stream, select.POLLIN)
        self._ready = poll.ipoll
        self._dog = None

    def take(self, view) -> int:
        """Fill `view` with what has come; how much that is. Asked for more than one, stdin waits for all."""
        ready, read, byte = self._ready, self.stream.readinto, self._byte
        n = 0
        size = len(view)
        while n < size:
            for _ in ready(0):
                read(byte)
                view[n] = byte[0]
                n += 1
                break
            else:
                break
        return n

    def write(self, buf, n: int):
        self._out.write(buf, n)

    def console(self, on: bool):
        """Whether Ctrl-C interrupts."""
        kbd_intr(_CTRL_C if on else -1)

    def every(self, ms: int, call) -> Timer:
        """Call it between two bytecodes of whatever runs; `deinit()` ends that."""
        return Timer(0, mode=Timer.PERIODIC, period=ms, callback=call)

    def watch(self):
        self._dog = WDT(timeout=_WATCHDOG_MS)

    def feed(self):
        if self._dog:
            self._dog.feed()

    def restart(self):
        sleep_ms(_DRAIN_MS)
        machine.reset()

    def maintain(self):
        """Restart into maintenance (main.py)."""
        with open("/maintenance", "w"):
            pass
        self.restart()

    def pins(self, profile: dict):
        from .pins import LivePins

        return LivePins(profile, sys.modules[__name__])

    def medium(self, profile: dict):
        """Raises OSError: the partition table is not that of MicroPython's images."""
        from .flash import Flash

        found = Partition.find(Partition.TYPE_DATA, label=_FILES)
        if not found:
            raise OSError("storage: no partition " + _FILES)
        return Flash(found[0])

    def rs485(self, name: str, bus: dict, baud: int, parity: int | None = None, stop: int = 1):
        """The profile's RS-485 port of that name; `parity` 0 even, 1 odd."""
        number = int(name[4:])
        tx, rx = Pin(bus["tx"]), Pin(bus["rx"])
        uart = UART(number, baud, parity=parity, stop=stop, tx=tx, rx=rx, **_UART)
        bits = 9 + stop + (parity is not None)
        return Rs485(uart, Pin(bus["de"], Pin.OUT, value=0), Timer(number), bits * 1000, baud)


class Rs485:
    """`stream` is for asyncio to await the first byte with.

    MicroPython does not offer the chip's own driver enable (DE), so a timer switches it: DE falls one to two
    milliseconds after the last stop bit, later by as long as a collection lasts. Who answers sooner is not
    heard; Modbus RTU leaves 1.75 ms at least, 4 ms at 9600 Bd. A transceiver that switches itself has no
    such limit, and leaves DE unconnected.
    """

    def __init__(self, uart, de, timer, millibits: int, baud: int):
        """A character takes `millibits` / `baud` ms."""
        self.stream = uart
        self._de = de
        self._timer = timer
        self._millibits = millibits
        self._baud = baud

    def take(self, view) -> int:
        """Fill `view` with what has come; how much that is."""
        n = min(self.stream.any(), len(view))
        if n:
            self.stream.readinto(view, n)
        return n

    def write(self, buf, n: int) -> bool:
        """Send `buf[:n]` without waiting, 512 bytes at most."""
        self._de(1)
        self.stream.write(buf, n)
        self._after(n * self._millibits // self._baud + 1)
        return True

    def _after(self, ms: int):
        self._timer.init(mode=Timer.ONE_SHOT, period=ms, callback=self._release)

    def _release(self, _):
        if self.stream.txdone():
            self._de(0)
        else:
            self._after(1)


def _cause(reset: int) -> int:
    """eventlog.py's for machine's. A crash of the interpreter counts as asked for: both are HARD_RESET."""
    if reset == machine.WDT_RESET:
        return WATCHDOG
    return ASKED if reset in (machine.HARD_RESET, machine.SOFT_RESET) else POWER_ON


def spi(name: str, bus: dict) -> SPI:
    sck, mosi, miso = Pin(bus["sck"]), Pin(bus["mosi"]), Pin(bus["miso"])
    return SPI(int(name[3:]), baudrate=bus["hz"], sck=sck, mosi=mosi, miso=miso)


def i2c(name: str, bus: dict) -> I2C:
    sda, scl = Pin(bus["sda"]), Pin(bus["scl"])
    return I2C(int(name[3:]), scl=scl, sda=sda, freq=bus["hz"], timeout=_I2C_TIMEOUT_US)


def adc(pin: int):
    """By the chip's calibration, as a ratio to a rail of 3.3 V; it cannot read more than 3.1 V of that."""
    read_uv = ADC(Pin(pin), atten=ADC.ATTN_11DB).read_uv
    return lambda: min(read_uv() * 100 // _PLACE, 0xFFFF)


def pwm(pin: int, hz: int):
    return PWM(Pin(pin), freq=hz, duty_u16=0).duty_u16


def wire(pin: int):
    from onewire import OneWire

    return OneWire(Pin(pin))


def pulses(profile: dict, enable) -> esp32_steps.Steps:
    """Raises ValueError: only a step/dir chip can be driven here."""
    valve = profile["valve"]
    if valve["drive"] != "step_dir":
        raise ValueError("profile.json: valve.drive %s: an ESP32 has step_dir only" % valve["drive"])
    step, way = next(row["hw"][1:] for row in profile["io"] if row["kind"] == "stepper_count")
    rmt = RMT(pin=Pin(step), resolution_hz=esp32_steps.HZ, num_symbols=esp32_steps.SYMBOLS)
    return esp32_steps.Steps(rmt, Pin(way, Pin.OUT, value=0), enable, valve, ticks_us)
