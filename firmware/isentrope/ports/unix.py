"""MicroPython's unix port: the link on standard input and output, clock and heap; no pins."""

import gc
import select
import sys
from time import ticks_ms, ticks_us, time

from micropython import stack_use

from ..eventlog import POWER_ON
from .ram import Ram

# Where VTIME and VMIN stand among the control characters (Linux termbits.h, macOS sys/termios.h).
_VTIME, _VMIN = (17, 16) if sys.platform == "darwin" else (5, 6)


class Port:
    """What every port offers:

    - `name`; `cause`: why it started, one of eventlog.py's
    - `stream`, for asyncio to await the first byte that comes; `take(view)` puts what else is there into
      `view` without waiting, and returns how many bytes. On a pipe MicroPython's reads wait until the buffer
      is full, so there the link reads byte by byte
    - `write(buf, n)` sends `buf[:n]` to the host
    - `console(on)`: whether a Ctrl-C among the bytes that come interrupts the firmware
    - `ticks_ms()`, `ticks_us()`: the wall clock, of which only differences modulo 2^30 mean anything
    - `seconds()`: a second clock, the chip's RTC where it has one, in whole seconds since whenever
    - `stack()`: bytes of the stack in use
    - `mem_free()`: free heap in bytes, found by walking it; `collect()`: garbage, never collected otherwise
    - `pins(profile)`: the board's (ports/pins.py), None without any; `medium(profile)`: for storage.py
    - `rs485(name, bus, baud, parity, stop)`: the profile's RS-485 port, with `take` and `write` as above
    - `watch()` starts the hardware watchdog, `feed()` feeds it
    - `every(ms, callback)`: a timer whose callback comes in between whatever runs; `deinit()` ends it
    - `restart()`, after what was written has left; `maintain()`: a restart into maintenance
    """

    def __init__(self):
        self.name = "unix"
        self.cause = POWER_ON
        self.stream = sys.stdin.buffer
        self._whole = _raw_terminal()
        self._out = sys.stdout.buffer
        self.ticks_ms = ticks_ms
        self.ticks_us = ticks_us
        self.seconds = time
        self.stack = stack_use
        self.mem_free = gc.mem_free
        self.collect = gc.collect

    def take(self, view) -> int:
        return self.stream.readinto(view) or 0 if self._whole else 0

    def write(self, buf, n: int):
        try:
            self._out.write(buf, n)
        except OSError:
            pass  # the host has gone; the end of the input will tell

    def console(self, on: bool):
        """A raw terminal interrupts nothing."""

    def pins(self, profile: dict):
        return None

    def medium(self, profile: dict):
        return Ram()

    def rs485(self, name: str, bus: dict, baud: int, parity: int | None = None, stop: int = 1):
        """A terminal, `path` of the bus; its baud rate and format are whoever made it chose."""
        return Terminal(bus["path"])

    def watch(self):
        """There is none; nor does anything need it."""

    feed = watch

    def restart(self):
        """The bench starts another process."""
        sys.exit(1)

    def maintain(self):
        """The process ends."""
        sys.exit(0)


class Terminal:
    """A serial line, or a pseudo-terminal that stands for one; `stream` is for asyncio."""

    def __init__(self, path: str):
        """Raises OSError: there is none, or it is none."""
        self.stream = open(path, "r+b", 0)  # noqa: SIM115
        if not _raw_terminal(self.stream.fileno()):
            raise OSError(path)
        poll = select.poll()
        poll.register(self.stream, select.POLLOUT)
        self._ready = poll.ipoll

    def take(self, view) -> int:
        """Raises OSError: the line has gone."""
        n = self.stream.readinto(view) or 0
        if not n:
            for each in self._ready(0):
                if each[1] & select.POLLHUP:
                    raise OSError(5)  # EIO
        return n

    def write(self, buf, n: int) -> bool:
        """False: nobody reads at the other end, and waiting would stop everything."""
        for _ in self._ready(0):
            self.stream.write(buf, n)
            return True
        return False


def _raw_terminal(number: int = 0) -> bool:
    """That file, standard input, passes bytes untouched, reads returning at once; False: no terminal."""
    try:
        import termios

        line = termios.tcgetattr(number)[2]  # parity and speed are whoever made it chose
        termios.setraw(number)
        attributes = termios.tcgetattr(number)
        attributes[2] = line
        attributes[6][_VTIME] = 0
        attributes[6][_VMIN] = 0
        termios.tcsetattr(number, termios.TCSANOW, attributes)
    except (ImportError, OSError):
        return False
    return True
