"""MicroPython's unix port: the link on standard input and output, clock and heap."""

import gc
import sys
from time import ticks_ms, ticks_us

from ..eventlog import POWER_ON

# Where VTIME and VMIN stand among the control characters (Linux termbits.h, macOS sys/termios.h).
_VTIME, _VMIN = (17, 16) if sys.platform == "darwin" else (5, 6)


class Port:
    """What every port offers:

    - `name`; `wired`: a machine hangs on its pins, which the bench may not seize
    - `stream`, for asyncio to poll and read; `at_once`: a read gives what is there and never waits. On a pipe
      MicroPython's reads wait until the buffer is full, so there the link reads byte by byte
    - `write(buf, n)` sends `buf[:n]` to the host
    - `ticks_ms()`, `ticks_us()`: the wall clock, of which only differences modulo 2^30 mean anything
    - `mem_free()`: free heap in bytes, found by walking it; `collect()`: garbage, never collected otherwise
    - `cause`: why it started, one of eventlog.py's; `restart()`, after a fault
    """

    def __init__(self):
        gc.disable()
        self.name = "unix"
        self.wired = False
        self.cause = POWER_ON
        self.stream = sys.stdin.buffer
        self.at_once = _raw_terminal()
        self._out = sys.stdout.buffer
        self.ticks_ms = ticks_ms
        self.ticks_us = ticks_us
        self.mem_free = gc.mem_free
        self.collect = gc.collect

    def write(self, buf, n: int):
        try:
            self._out.write(buf, n)
        except OSError:
            pass  # the host has gone; the end of the input will tell

    def restart(self):
        """The bench starts another process."""
        sys.exit(1)


def _raw_terminal() -> bool:
    """Standard input passes bytes through untouched, reads returning at once; False if it is no terminal."""
    try:
        import termios

        termios.setraw(0)
        attributes = termios.tcgetattr(0)
        attributes[6][_VTIME] = 0
        attributes[6][_VMIN] = 0
        termios.tcsetattr(0, termios.TCSANOW, attributes)
    except (ImportError, OSError):
        return False
    return True
