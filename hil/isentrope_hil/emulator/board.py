"""A controller board around the emulated chip: image and file system in, USB serial and pins out.

    board = Board("firmware.uf2", flash=littlefs.image(files, blocks=352))
    board.boot()
    board.send(b"...")
    board.run_until(lambda: ready, ms=1000)

Emulated time passes only inside `run`, `run_until` and `boot`: it stands still while the caller thinks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from isentrope_sim.errors import InputError

from isentrope_hil.emulator import image as images
from isentrope_hil.emulator.chip import Chip
from isentrope_hil.emulator.console import Console
from isentrope_hil.emulator.flashchip import TYPICAL, FlashChip, PowerCut, Times
from isentrope_hil.emulator.image import SECTOR, Image
from isentrope_hil.emulator.pins import Pins
from isentrope_hil.emulator.uart import PacedUart

USB_MS = 5000.0  # to be on the bus after reset: MicroPython 1.28 takes 17 ms; own: what a slow one may take


class Board:
    """One board, switched on.

    Args:
        image: MicroPython, a .uf2 file or one that was read.
        flash: its file system (`Image.sectors` sectors of 4096 bytes); None: blank, as from the factory.
        times: of the flash chip.

    `resets` has the emulated ms of every reset since power-on, `on_reset` is called after each. `flash_chip`
    asks before flash operations.

    Raises:
        InputError: a bad image, or a file system of another size.
    """

    def __init__(
        self, image: Image | str | Path, *, flash: bytes | None = None, times: Times = TYPICAL
    ) -> None:
        self.image = image if isinstance(image, Image) else images.read(image)
        self.chip = Chip(self.image)
        self.flash_chip = FlashChip(self.chip, times)
        self.uarts = [PacedUart(self.chip, 0), PacedUart(self.chip, 1)]
        self.console = Console(self.chip)
        self.pins = Pins(self.chip)
        self.resets: list[float] = []
        self.on_reset: Callable[[], None] = lambda: None
        self._due = False
        self._dead = False
        self._alarm = self.chip.clock.create_alarm(self.chip.stop)
        self.chip.mcu.watchdog.on_watchdog_trigger = self._triggered
        if flash is not None:
            self.flash_fs = flash

    @property
    def ms(self) -> float:
        """Emulated time since power-on."""
        return self.chip.ms

    @property
    def flash_fs(self) -> bytes:
        """The file system's part of the flash."""
        at = self.image.file_system
        return bytes(self.chip.mcu.flash[at : at + self.image.sectors * SECTOR])

    @flash_fs.setter
    def flash_fs(self, data: bytes) -> None:
        size = self.image.sectors * SECTOR
        if len(data) != size:
            raise InputError(
                f"a file system of {len(data)} bytes; on {self.image.board} it has {size} "
                f"({self.image.sectors} sectors of {SECTOR})"
            )
        self.chip.mcu.flash[self.image.file_system : self.image.file_system + size] = data

    @property
    def on_serial(self) -> Callable[[bytes], None]:
        """Gets what the board writes to its USB serial port."""
        return self.console.on_serial

    @on_serial.setter
    def on_serial(self, taker: Callable[[bytes], None]) -> None:
        self.console.on_serial = taker

    def send(self, data: bytes) -> None:
        """Bytes for the board's USB serial port."""
        self.console.send(data)

    def boot(self) -> None:
        """Runs until the board is on the USB. TimeoutError if it never is."""
        self.run_until(lambda: self.console.connected, ms=USB_MS)

    def run(self, ms: float) -> None:
        """Runs for so much emulated time."""
        end = self._nanos + ms * 1e6
        while self._nanos < end:
            self._run(end)

    def run_until(
        self, condition: Callable[[], bool], *, ms: float = 60_000.0, wall_s: float | None = None
    ) -> None:
        """Runs until `condition()`: looked at when the board writes to its serial port, when a device stops
        the chip, and every few ms of wall time. TimeoutError after `ms` emulated or `wall_s` of real time.
        """
        end = self._nanos + ms * 1e6
        late = None if wall_s is None else monotonic() + wall_s
        while not condition():
            if self._nanos >= end:
                raise TimeoutError(f"not within {ms:g} ms emulated (processor at {self.chip.mcu.core.pc:#x})")
            if late is not None and monotonic() > late:
                raise TimeoutError(f"not within {wall_s:g} s of wall time, at {self.ms:g} ms emulated")
            self._run(end)

    def reset(self) -> None:
        """As by the RUN pin: everything but flash and RAM starts anew."""
        self.chip.reset(from_watchdog=False)
        self._restarted()

    @property
    def _nanos(self) -> float:
        """The chip's own time: ends are compared in it, since one converted to ms and back may never come."""
        return float(self.chip.clock.nanos)

    def _run(self, end: float) -> None:
        if self._dead:
            raise RuntimeError("the board has no power; make a new one with its flash")
        self._alarm.schedule(max(0.0, end - self._nanos))
        try:
            self.chip.run()
        except PowerCut:
            self._dead = True
            raise
        if self._due:
            self._due = False
            self.chip.reset(from_watchdog=True)
            self._restarted()

    def _triggered(self) -> None:
        """The watchdog bites between two instructions, not in the middle of the one that asked for it."""
        self._due = True
        self.chip.stop()

    def _restarted(self) -> None:
        self.resets.append(self.ms)
        self.on_reset()
