"""MicroPython's modules of an ESP32 as far as ports/esp32.py uses them, each call noted."""

import sys

from fake_rmt import Rmt

FAKED = ("machine", "esp32", "micropython", "time", "select", "gc")


class Noted:
    """Remembers what it was made with; calls of `init` and the like are noted in `calls`."""

    def __init__(self, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs
        self.calls = []

    def init(self, **kwargs):
        self.calls.append(kwargs)

    deinit = init


LEVELS = {}  # of the pins by number; None: an input


class Pin:
    """Any number of objects for a pin, as on the chip."""

    OUT, IN, PULL_UP, PULL_DOWN = 3, 1, 2, 1

    def __init__(self, number, mode=None, pull=None, value=None):
        self.number = number
        if mode == Pin.OUT:
            LEVELS[number] = value
        elif mode == Pin.IN:
            LEVELS[number] = None

    def __call__(self, level=None):
        if level is None:
            return 1 if LEVELS.get(self.number) is None else LEVELS[self.number]
        LEVELS[self.number] = level


class Pwm(Noted):
    def duty_u16(self, duty):
        self.duty = duty


class Adc(Noted):
    ATTN_11DB = 3
    uv = 1_650_000

    def read_uv(self):
        return Adc.uv


class Timer(Noted):
    ONE_SHOT, PERIODIC = 0, 1


class Uart(Noted):
    """`waiting` bytes have come; sending takes until `sent` is set."""

    def __init__(self, *args, **kwargs):
        Noted.__init__(self, *args, **kwargs)
        self.waiting = b""
        self.out = b""
        self.sent = False

    def any(self):
        return len(self.waiting)

    def readinto(self, buf, n):
        buf[:n] = self.waiting[:n]
        self.waiting = self.waiting[n:]

    def write(self, buf, n):
        self.out += bytes(buf[:n])

    def txdone(self):
        return self.sent


class Wdt(Noted):
    fed = 0

    def feed(self):
        Wdt.fed += 1


class Poll:
    def register(self, stream, events):
        pass

    def ipoll(self, timeout):
        return ()


class Resets(Exception):
    """machine.reset()"""


def reset():
    raise Resets


class Machine:
    PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5
    ADC, I2C, PWM, SPI, UART, WDT = Adc, Noted, Pwm, Noted, Uart, Wdt
    cause = PWRON_RESET
    reset = staticmethod(reset)

    @staticmethod
    def reset_cause():
        return Machine.cause


Machine.Pin = Pin
Machine.Timer = Timer


class Partition(Noted):
    TYPE_DATA = 1
    there = True

    @staticmethod
    def find(kind, label):
        return [Partition(kind, label)] if Partition.there else []


class Esp32:
    pass


Esp32.Partition = Partition


class Clock:
    slept = 0
    now_us = 0

    @staticmethod
    def sleep_ms(ms):
        Clock.slept += ms

    @staticmethod
    def ticks_ms():
        return Clock.now_us // 1000

    @staticmethod
    def ticks_us():
        return Clock.now_us

    @staticmethod
    def time():
        return Clock.now_us // 1_000_000


class Micropython:
    interrupt = 3

    @staticmethod
    def stack_use():
        return 1000

    @staticmethod
    def const(value):
        return value

    @staticmethod
    def kbd_intr(char):
        Micropython.interrupt = char


class Select:
    POLLIN = 1
    poll = Poll


class Gc:
    enabled = True

    @staticmethod
    def disable():
        Gc.enabled = False

    @staticmethod
    def mem_free():
        return 100_000

    @staticmethod
    def collect():
        pass


class PlayedRmt(Rmt):
    """An RMT as a port makes it; who lets its time pass tells it the levels of DIR and windings."""

    def __init__(self, pin, resolution_hz, num_symbols):
        Rmt.__init__(self, num_symbols)
        self.pin = pin.number
        self.resolution_hz = resolution_hz


Esp32.RMT = PlayedRmt


def port():
    """isentrope.ports.esp32 on these modules, which nobody else gets to see."""
    before = {name: sys.modules.get(name) for name in FAKED}
    fakes = (Machine, Esp32, Micropython, Clock, Select, Gc)
    for name, fake in zip(FAKED, fakes):
        sys.modules[name] = fake
    try:
        from isentrope.ports import esp32
    finally:
        for name in FAKED:
            if before[name] is None:
                del sys.modules[name]
            else:
                sys.modules[name] = before[name]
    return esp32
