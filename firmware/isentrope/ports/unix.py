"""MicroPython's unix port: the link on standard input and output, clock and heap."""

import gc
import sys
from time import ticks_ms, ticks_us

NAME = "unix"
# Where VTIME and VMIN stand among the control characters (Linux termbits.h, macOS sys/termios.h).
_VTIME, _VMIN = (17, 16) if sys.platform == "darwin" else (5, 6)


class Port:
    """`stream` is polled and read by asyncio; `at_once` says that a read gives what is there and never waits.

    On a terminal that is so; on a pipe MicroPython's reads wait until the buffer is full, so there the link
    reads one byte at a time.
    """

    def __init__(self):
        gc.disable()
        self.name = NAME
        self.wired = False  # no pins, so no machine that the bench could seize
        self.stream = sys.stdin.buffer
        self._out = sys.stdout.buffer
        self.at_once = _raw_terminal()

    def write(self, buf, n: int):
        """Send `buf[:n]` to the host."""
        self._out.write(buf, n)

    def ticks_ms(self) -> int:
        """Wall clock; only differences modulo 2^30 mean anything."""
        return ticks_ms()

    def ticks_us(self) -> int:
        return ticks_us()

    def mem_free(self) -> int:
        """Free heap in bytes; walks all of it."""
        return gc.mem_free()

    def collect(self):
        gc.collect()

    def restart(self):
        """After a fault: the bench starts another process."""
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
