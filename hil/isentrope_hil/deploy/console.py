"""A board's MicroPython console as a `Remote`, through mpremote's raw REPL."""

from __future__ import annotations

import ast
import contextlib
import io
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isentrope_hil.deploy import library
from isentrope_hil.deploy.remote import Listing, Space, Stored
from isentrope_hil.errors import TargetDied, TargetError, TargetMissing

# Bytes in one piece. On an emulated Pico pieces of 2048 take 335 ms for 16 KB, mpremote's own of 256 take
# 390. Base64 and deflate would win another 60 to 90 ms, which is not worth a protocol of our own.
CHUNK = 2048
# Own: an emulated board is twenty times slower than a real one.
_SILENT_S = 30.0
_PROMPT_S = 10.0
_BETWEEN_TRIES_S = 0.3

# What the board needs to know for everything below. CRC-32 is zlib's; a folder that is not there is empty.
_HELPERS = """
import os, binascii
_v = memoryview(bytearray(1024))
def _crc(p):
    c = n = 0
    with open(p, 'rb') as f:
        while 1:
            k = f.readinto(_v)
            if not k:
                return n, c
            n += k
            c = binascii.crc32(_v[:k], c)
def _walk(d):
    try:
        for e in os.ilistdir(d):
            p = d + '/' + e[0]
            if e[1] & 0x4000:
                print((p,))
                _walk(p)
            else:
                print((p,) + _crc(p))
    except OSError:
        pass
def _copy(a, b):
    with open(a, 'rb') as f, open(b, 'wb') as g:
        while 1:
            k = f.readinto(_v)
            if not k:
                break
            g.write(_v[:k])
def _stored(p):
    try:
        return _crc(p)
    except OSError:
        return None
"""

_FACTS = """
import sys, os
i = sys.implementation
try:
    import network
    n = [k for k in ('WLAN', 'WIZNET5K', 'LAN') if hasattr(network, k)]
except ImportError:
    n = []
sys.path.clear()
sys.path.append('.frozen')
try:
    import isentrope
    z = True
except ImportError:
    z = False
m = getattr(i, '_machine', '')
print((i.name, i.version[:3], getattr(i, '_mpy', 0), m, sys.platform, n, z, os.listdir()))
"""


@dataclass(frozen=True)
class Facts:
    """What runs on the board.

    Attributes:
        name, version: of the Python, ("micropython", (1, 28, 0)).
        mpy: "6.3", the format of compiled files that it loads.
        machine, platform: "Raspberry Pi Pico with RP2040", "rp2".
        network: what its network module has, of WLAN, WIZNET5K and LAN.
        frozen: the firmware is in the image.
        root: names in the root folder.
    """

    name: str
    version: tuple[int, ...]
    mpy: str
    machine: str
    platform: str
    network: tuple[str, ...]
    frozen: bool
    root: frozenset[str]


class Console:
    """The raw REPL of a board. Everything raises TargetDied when the line fails or the board falls silent."""

    def __init__(self, port: str, patience_s: float) -> None:
        """Tries for so long to reach the prompt.

        Raises:
            TargetMissing: nothing on the port behaves as MicroPython's console.
        """
        self.port = port
        self._transport_error = library("mpremote.transport", "mpremote").TransportError
        self._link = _prompt(port, patience_s)
        self._run(_HELPERS)

    def facts(self) -> Facts:
        """What runs on the board."""
        name, version, mpy, machine, platform, network, frozen, root = ast.literal_eval(self._run(_FACTS))
        form = f"{mpy & 0xFF}.{mpy >> 8 & 3}"
        return Facts(name, tuple(version), form, machine, platform, tuple(network), frozen, frozenset(root))

    def listing(self) -> Listing:
        rows = [ast.literal_eval(line) for line in self._run("_walk('a')\n_walk('b')").splitlines()]
        files = {row[0]: Stored(*row[1:]) for row in rows if len(row) > 1}
        root = self._ask("os.listdir()")
        folders = {row[0] for row in rows if len(row) == 1} | {name for name in ("a", "b") if name in root}
        return Listing(files, frozenset(folders))

    def space(self) -> Space:
        block, _, count, free, *_ = self._ask("os.statvfs('/')")
        return Space(block, count, free)

    def stored(self, path: str) -> Stored | None:
        found = self._ask(f"_stored({path!r})")
        return Stored(*found) if found else None

    def read(self, path: str) -> bytes:
        return bytes(self._ask(f"open({path!r}, 'rb').read()"))

    def write(self, path: str, data: bytes, said: Callable[[int], None]) -> None:
        self._run(f"_f = open({path!r}, 'wb')", path)
        for start in range(0, len(data), CHUNK):
            piece = data[start : start + CHUNK]
            self._run(f"_f.write({piece!r})", path)
            said(len(piece))
        self._run("_f.close()", path)

    def copy(self, old: str, new: str) -> None:
        self._run(f"_copy({old!r}, {new!r})", new)

    def rename(self, old: str, new: str) -> None:
        self._run(f"os.rename({old!r}, {new!r})", new)

    def remove(self, path: str) -> None:
        self._run(f"os.remove({path!r})", path)

    def mkdir(self, path: str) -> None:
        self._run(f"os.mkdir({path!r})", path)

    def rmdir(self, path: str) -> None:
        self._run(f"os.rmdir({path!r})", path)

    def reset(self) -> None:
        """Restart the board, whatever it is doing; that ends this connection."""
        self._last("machine.reset()")

    def enter_boot_rom(self) -> None:
        """Restart the board into its boot ROM; that ends this connection."""
        self._last("machine.bootloader()")

    def close(self) -> None:
        """Ends the connection and nothing else; harmless when the line is gone."""
        with contextlib.suppress(Exception):
            self._link.close()

    def _last(self, code: str) -> None:
        with contextlib.suppress(Exception):
            self._link.serial.write(b"\r\x03\x03\x01import machine\n%s\n\x04" % code.encode())
            self._link.serial.flush()
        self.close()

    def _ask(self, expression: str) -> Any:
        return ast.literal_eval(self._run(f"print({expression})"))

    def _run(self, code: str, path: str = "") -> str:
        """What it prints; mpremote's and pyserial's exceptions as ours."""
        try:
            out, error = self._link.exec_raw(code, timeout=_SILENT_S)
        except OSError:
            raise TargetDied(f"{self.port} is gone (unplugged, or the board was reset)") from None
        except (self._transport_error, struct.error):
            raise TargetDied(f"{self.port}: the board fell silent in the middle of a transfer") from None
        if error:
            last = error.decode(errors="replace").strip().splitlines()[-1]
            if "ENOSPC" in last or last == "OSError: 28":
                raise TargetError("the board's file system is full; remove files of yours from it")
            raise TargetError(f"the board refused {path or 'an operation'}: {last}")
        return str(out.decode())


def _prompt(port: str, patience_s: float) -> Any:
    """mpremote's transport in the raw REPL, after a soft reset, which frees the heap."""
    mpremote = library("mpremote.transport_serial", "mpremote")
    deadline = time.monotonic() + patience_s
    while True:
        link = None
        try:
            link = mpremote.SerialTransport(port, timeout=_PROMPT_S)
            _interrupt(link.serial, deadline)
            with contextlib.redirect_stdout(io.StringIO()):  # it prints what it could not understand
                link.enter_raw_repl(soft_reset=True, timeout_overall=_PROMPT_S)
            link.serial.timeout = _SILENT_S
            return link
        except (mpremote.TransportError, OSError, struct.error):
            if link is not None:
                with contextlib.suppress(Exception):
                    link.close()
        if time.monotonic() > deadline:
            raise TargetMissing(
                f"{port}: nothing there answers as MicroPython's console does; if this is a board, write a"
                " MicroPython image first (isentrope flash), or reset it and try again"
            )
        time.sleep(_BETWEEN_TRIES_S)


def _interrupt(serial: Any, deadline: float) -> None:
    """Ctrl-C until there is a prompt: of firmware that faults and resets, only the pause before hears it.

    Ctrl-B leaves a raw prompt for the usual one, and is nothing to anybody else.
    """
    got = b""
    while not got.endswith(b">>> ") and time.monotonic() < deadline:
        serial.write(b"\r\x03\x02")
        time.sleep(_BETWEEN_TRIES_S)
        got = (got + serial.read(serial.in_waiting))[-200:]
