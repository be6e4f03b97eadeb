"""RP2040: what a port offers (ports/unix.py) and the hardware of its pins (ports/pins.py)."""

import gc
import select
import sys
from time import sleep_ms, ticks_ms, ticks_us, time

import rp2
from machine import ADC, I2C, PWM, SPI, UART, WDT, Pin, Timer, mem32, reset
from micropython import const, kbd_intr, stack_use

from ..eventlog import ASKED, POWER_ON, WATCHDOG
from . import rp2_steps

_WATCHDOG_MS = const(5000)  # own: ten scans; the hardware's longest is 8388
_I2C_TIMEOUT_US = const(5000)  # own: longer than any transfer here, and a hung bus delays a scan by little
# RP2040 datasheet, 4.7.6: watchdog registers.
_REASON = const(0x40058008)
_SCRATCH4 = const(0x4005801C)
_FORCED = const(2)
# pico-sdk, hardware_watchdog/watchdog.c: in SCRATCH4 while a watchdog guards a program.
_GUARDING = const(0x6AB73121)
_DRAIN_MS = const(50)  # own: USB hosts fetch what was written within a few
_CTRL_C = const(3)
# Bytes; own: the longest frame of Modbus (256) or MS/TP (512), so that no write waits.
_UART = {"rxbuf": 1024, "txbuf": 512, "timeout": 0}


class Port:
    def __init__(self):
        self.name = "rp2"
        self.cause = _cause()
        self.stream = sys.stdin.buffer
        self.ticks_ms = ticks_ms
        self.ticks_us = ticks_us
        self.seconds = time
        self.stack = stack_use
        self.mem_free = gc.mem_free
        self.collect = gc.collect
        self._out = sys.stdout.buffer
        self._byte = bytearray(1)
        self._ready_in = _poller(self.stream, select.POLLIN)
        self._ready_out = _poller(self._out, select.POLLOUT)
        self._dog = None

    def take(self, view) -> int:
        """Fill `view` with what has come; how much that is. It takes 29 us a byte (emulated): asked for more
        than one, stdin waits for all."""
        ready, read, byte = self._ready_in, self.stream.readinto, self._byte
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
        """A host that does not read loses what it is sent, and delays one write by half a second at most."""
        for _ in self._ready_out(0):
            self._out.write(buf, n)
            break

    def console(self, on: bool):
        """Whether Ctrl-C interrupts."""
        kbd_intr(_CTRL_C if on else -1)

    def every(self, ms: int, call) -> Timer:
        """Call it between two bytecodes of whatever runs; `deinit()` ends that."""
        return Timer(-1, mode=Timer.PERIODIC, period=ms, callback=call)

    def watch(self):
        self._dog = WDT(timeout=_WATCHDOG_MS)

    def feed(self):
        if self._dog:
            self._dog.feed()

    def restart(self):
        sleep_ms(_DRAIN_MS)
        reset()

    def maintain(self):
        """Restart into maintenance (main.py)."""
        with open("/maintenance", "w"):
            pass
        self.restart()

    def pins(self, profile: dict):
        from .pins import LivePins

        return LivePins(profile, sys.modules[__name__])

    def medium(self, profile: dict):
        from .flash import Flash

        return Flash(rp2.Flash())

    def rs485(self, name: str, bus: dict, baud: int, parity: int | None = None, stop: int = 1):
        """The profile's RS-485 port of that name; `parity` 0 even, 1 odd."""
        from .rp2_rs485 import Rs485, driver_enable

        tx = Pin(bus["tx"])
        de = Pin(bus["de"])
        bits = 9 + stop + (parity is not None)
        # The UART first: until then its pin is low, which is a start bit.
        uart = UART(int(name[4:]), baud, parity=parity, stop=stop, tx=tx, rx=Pin(bus["rx"]), **_UART)
        return Rs485(uart, driver_enable(rp2.StateMachine, bus["sm"], tx, de, baud, bits))


def _cause() -> int:
    """Why the chip started; a deliberate reset is the watchdog's work too."""
    reason = mem32[_REASON]
    if reason and mem32[_SCRATCH4] == _GUARDING:
        return WATCHDOG
    # The boot ROM lets the watchdog time out when it has flashed an image: that counts as power on.
    return ASKED if reason & _FORCED else POWER_ON


def _poller(stream, events: int):
    poll = select.poll()
    poll.register(stream, events)
    return poll.ipoll


def spi(name: str, bus: dict) -> SPI:
    sck, mosi, miso = Pin(bus["sck"]), Pin(bus["mosi"]), Pin(bus["miso"])
    return SPI(int(name[3:]), baudrate=bus["hz"], sck=sck, mosi=mosi, miso=miso)


def i2c(name: str, bus: dict) -> I2C:
    sda, scl = Pin(bus["sda"]), Pin(bus["scl"])
    return I2C(int(name[3:]), scl=scl, sda=sda, freq=bus["hz"], timeout=_I2C_TIMEOUT_US)


def adc(pin: int):
    return ADC(Pin(pin)).read_u16


def pwm(pin: int, hz: int):
    return PWM(Pin(pin), freq=hz, duty_u16=0).duty_u16


def wire(pin: int):
    from onewire import OneWire

    return OneWire(Pin(pin))


def pulses(profile: dict, enable) -> rp2_steps.Steps:
    """A state machine and a DMA channel, which asks for the machine's FIFO (RP2040 datasheet, 2.5.3.1)."""
    valve = profile["valve"]
    number = valve["sm"]
    first = next(row["hw"][1] for row in profile["io"] if row["kind"] == "stepper_count")
    sequence = rp2_steps.sequence(valve["drive"], valve["half_steps"])
    program = rp2_steps.program(4 if sequence else 2)
    sm = rp2.StateMachine(number, program, freq=rp2_steps.HZ, out_base=Pin(first))
    dma = rp2.DMA()
    dma.config(write=sm, ctrl=dma.pack_ctrl(inc_write=False, treq_sel=(number >> 2 << 3) + (number & 3)))
    where = rp2_steps.whereabouts(mem32, number)
    room = valve["steps"] + valve["overdrive_steps"]
    return rp2_steps.Steps(sm, dma, where, enable, sequence, valve, room)
