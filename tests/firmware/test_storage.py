"""What is saved and when: settings, counters, events; what it may cost the flash and the heap."""

import gc
from struct import unpack_from

from flash import (
    FIRST,
    HEAD,
    QUIET_SCANS,
    SAVED,
    SECOND,
    SECTOR,
    Control,
    Firmware,
    Flash,
    copy_of,
    events,
    used,
)
from isentrope import alarms, settings
from isentrope.copies import Copies
from isentrope.eventlog import WAS, WATCHDOG
from isentrope.ports.ram import Ram


def test_a_new_board_has_defaults_and_no_alarm():
    firmware = Firmware(Flash())
    assert firmware.state() == (80, 180, 0, 0, 0) and not firmware.alarms.stop
    firmware.scan(20)
    assert Firmware(firmware.medium).state() == (80, 180, 0, 0, 0)


def test_what_was_saved_is_there_after_the_next_start():
    firmware = Firmware(used())
    assert firmware.state() == (120, 300, 7, 3601, 9)
    assert not firmware.alarms.stop and firmware.storage.resets == 2


def test_a_setting_as_the_profile_has_it_is_not_stored():
    """So that a new profile's value is not hidden by the old one's."""
    buf = Copies(used((80, 300)), 1).found.payload
    assert len(buf) == HEAD + 6 and unpack_from("<Hi", buf, HEAD) == (SECOND, 300)


def test_a_record_of_every_setting_is_found_again():
    flash = Flash()
    firmware = Firmware(flash)
    firmware.closed = True  # with a seal it is longest
    for place, raw in enumerate(list(firmware.settings.raw)):
        identity = firmware.settings.identity(place)
        if firmware.settings.set_raw(identity, raw + 1):
            firmware.put(identity, raw - 1)
    for raw in (120, 130, 140):
        firmware.put(FIRST, raw)
        firmware.scan(SAVED)
        again = Firmware(copy_of(flash))
        assert list(again.settings.raw) == list(firmware.settings.raw)
        assert again.storage.closed and not again.alarms.stop
    assert len(Copies(flash, 1).found.payload) == HEAD + 6 * settings.COUNT
    assert flash.erased[:2] == [3, 3]  # each fills a sector


def test_settings_wait_for_a_quiet_time_but_not_for_ever():
    flash = Flash()
    firmware = Firmware(flash).scan(30)
    before = flash.operations
    firmware.put(FIRST, 100)
    firmware.scan(QUIET_SCANS - 1)
    assert flash.operations == before
    firmware.scan(4)
    assert flash.operations > before and Firmware(flash).raw(FIRST) == 100
    before = flash.operations
    for n in range(118):  # a minute of a value that changes with every scan
        firmware.put(FIRST, 100 + n % 50 + 1)
        firmware.scan()
    assert flash.operations == before
    for n in range(10):
        firmware.put(FIRST, 200 + n)
        firmware.scan()
    assert Firmware(flash).raw(FIRST) >= 200


def test_counters_are_saved_once_an_hour_and_when_the_compressor_rests():
    flash = Flash()
    firmware = Firmware(flash).scan(100)
    flash.operations = 0
    firmware.control.starts = 5
    firmware.running = True
    firmware.scan(7000)
    assert flash.operations == 0
    firmware.scan(300)
    assert 2 <= flash.operations <= 4 and Firmware(flash).control.starts == 5
    for run_s, closed, wait in ((99, True, 5), (199, False, 125)):
        firmware.running, firmware.closed = True, False
        firmware.scan(2)
        firmware.control.run_s = run_s
        firmware.running = False
        firmware.scan(wait - 5)  # the valve closes, or a minute passes
        assert Firmware(flash).control.run_s != run_s
        firmware.closed = closed
        firmware.scan(6)
        assert Firmware(flash).control.run_s == run_s


def test_one_operation_a_scan_at_most():
    flash = Flash()
    firmware = Firmware(flash)
    most = 0
    for n in range(2000):
        if n % 7 == 0:
            firmware.put(FIRST, 50 + n % 200)
            firmware.alarms.raise_(alarms.LOW_SUPERHEAT, n)
            firmware.alarms.clear(alarms.LOW_SUPERHEAT, n)
        firmware.running = n % 50 < 25
        firmware.control.starts = n
        before = flash.operations
        firmware.scan()
        most = max(most, flash.operations - before)
    assert most == 1 and sum(flash.erased) > 4


def test_counters_alone_are_saved_once_an_hour():
    flash = Flash()
    firmware = Firmware(flash).scan(100)
    flash.operations = 0
    for _ in range(4 * 60):
        firmware.ledger.add(20)
        firmware.scan(120)
    assert 8 <= flash.operations <= 2 * 4 + 3  # four hours: two copies, an erase now and then
    firmware.scan(7200)
    assert unpack_from("<I", Firmware(flash).ledger.image, 20)[0] == 240


def test_resets_by_the_watchdog_are_counted():
    flash = used()
    for n in range(1, 4):
        firmware = Firmware(flash, cause=WATCHDOG).scan(7300)
        assert unpack_from("<H", firmware.ledger.image, 44)[0] == n
    assert unpack_from("<H", Firmware(flash).ledger.image, 44)[0] == 3


def written(firmware, identity, raw):
    old = firmware.raw(identity)
    firmware.put(identity, raw)
    firmware.storage.changed(firmware.settings.place(identity), old)


def test_a_setting_that_was_changed_is_in_the_event_log():
    firmware = Firmware(Flash()).scan(20)
    for raw in range(81, 91):  # somebody turns a knob
        written(firmware, FIRST, raw)
        firmware.scan(2)
    written(firmware, SECOND, 300)
    written(firmware, SECOND, 180)  # and back again
    firmware.scan(QUIET_SCANS + 5)
    assert events(firmware.storage.events)[1:] == [(WAS | FIRST, 80), (FIRST, 90)]


def test_a_bus_that_never_stops_writing_settings_leaves_the_event_log_to_the_alarms():
    flash = Flash(4 * 3840, 3840)
    flash.journal = None
    firmware = Firmware(flash).scan(20)
    for hour in range(24):
        firmware.alarms.raise_(alarms.LOW_SUPERHEAT, firmware.ms)
        firmware.alarms.clear(alarms.LOW_SUPERHEAT, firmware.ms)
        for place in range(40):
            for n in range(12):
                written(firmware, 0x4000 + place, firmware.settings.raw[place])
                written(firmware, FIRST, 100 + (hour + n) % 60)
                firmware.scan(15)
    found = events(firmware.storage.events)
    assert sum(code < 0x4000 for code, _ in found) == 1 + 2 * 24 and firmware.storage.events.lost == 0
    assert 64 < sum(code >= 0x4000 for code, _ in found) <= 2 * (32 + 24 * 6 + 1)


class Worn(Flash):
    """Its first sector holds nothing any more."""

    def write(self, at, buf):
        super().write(at, buf)
        if at < self.sector:
            self.data[at] = 0


def test_a_worn_sector_raises_a_warning_and_is_not_hammered():
    flash = Worn()
    flash.journal = None
    firmware = Firmware(flash).scan(40)
    assert firmware.alarms.is_active(alarms.STORAGE_FAULT) and not firmware.alarms.stop
    firmware.scan(7200 * 24)
    assert sum(flash.erased) < 400


def test_an_idle_scan_allocates_nothing():
    allocated = getattr(gc, "mem_alloc", int)  # CPython has none: then this says nothing there
    firmware = Firmware(Ram())
    storage = firmware.storage
    firmware.scan(100)
    gc.collect()
    gc.disable()
    before = allocated()
    for ms in range(0, 50_000, 500):
        storage.step(ms, False)
    taken = allocated() - before
    gc.enable()
    assert taken == 0, taken


def test_a_medium_too_small_is_refused():
    smaller = SECTOR - 256
    assert Firmware(Ram(4 * SECTOR, SECTOR)).storage
    for size, sector in ((3 * SECTOR, SECTOR), (4 * smaller, smaller), (4 * 256, 256)):
        try:
            Firmware(Ram(size, sector))
            raise AssertionError("accepted")
        except ValueError:
            pass


def test_counters_go_back_to_the_controller():
    from control_bench import Bench

    control = Bench().controller
    control.restore(41, 7200)
    assert (control.starts, control.run_s) == (41, 7200)
    assert Control().starts == 0
