"""What a year costs the flash, in simulated minutes; docs/storage.md states the figures."""

from pathlib import Path

from flash import FIRST, Firmware, Flash
from isentrope import alarms

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "storage.md").read_text(encoding="utf-8")
DAY = 1440


class Board(Flash):
    """Sectors as on a board (ports/flash.py); erases and writes at once."""

    def __init__(self):
        super().__init__(4 * 3840, 3840)

    def erase(self, at):
        self.erased[at // self.sector] += 1
        self.data[at : at + self.sector] = b"\xff" * self.sector

    def write(self, at, buf):
        self.data[at : at + len(buf)] = buf


def year(change):
    """(most erases of a sector of the copies, of the event log), `change(firmware, minute)` every minute."""
    flash = Board()
    firmware = Firmware(flash)
    for minute in range(365 * DAY):
        change(firmware, minute)
        firmware.ledger.add(20)  # the pump's hours
        firmware.storage.step(minute * 60_000 & 0x3FFFFFFF, firmware.running)
    assert firmware.storage.erases == sum(flash.erased)
    return max(flash.erased[:2]), max(flash.erased[2:])


def put(firmware, raw):
    """As a wire writes it (scan.py)."""
    old = firmware.raw(FIRST)
    firmware.put(FIRST, raw)
    firmware.storage.changed(firmware.settings.place(FIRST), old)


def flap(firmware, times):
    for _ in range(times):
        firmware.alarms.raise_(alarms.LOW_SUPERHEAT, 0)
        firmware.alarms.clear(alarms.LOW_SUPERHEAT, 0)


def test_usual():
    """Twenty starts a day with an alarm at each, the pump always on, somebody at the settings every day."""

    def change(firmware, minute):
        firmware.running = minute % 72 < 50
        if firmware.running:
            firmware.control.run_s += 60
        if minute % 72 == 0:
            firmware.control.starts += 1
            flap(firmware, 1)
        if minute % DAY == 0:
            put(firmware, 50 + minute // DAY % 200)

    settings, log = year(change)
    assert f"| usual | {settings} | {log} | {100_000 // max(settings, log)} years |" in PAGE


def test_worst():
    """A bus that never stops writing settings, a start every two minutes, an alarm that flaps."""

    def change(firmware, minute):
        firmware.running = minute % 2 == 0
        firmware.control.starts += 1
        put(firmware, 50 + minute % 200)
        flap(firmware, 5)

    settings, log = year(change)
    assert f"| worst | {settings} | {log} | {100_000 // max(settings, log)} years |" in PAGE
