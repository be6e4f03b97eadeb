"""The event log keeps every whole record through power cuts, oldest given up first."""

from flash import Firmware, Flash, events, kept
from isentrope import alarms
from isentrope.decisions import ALARM
from isentrope.eventlog import FAULT, POWER_ON, STARTED, WATCHDOG, EventLog

LOW = ALARM + alarms.LOW_SUPERHEAT


def small():
    """Two sectors of 32 records for the log."""
    return Flash(2048, 512)


def of(flash):
    """The event log behind the two sectors of records."""
    return EventLog(flash, 2 * flash.sector)


def filled(flash, count):
    """An event log of its own into which `count` numbered events have gone; those that were whole."""
    log = of(flash)
    for n in range(count):
        log.passed(60_000)
        log.add(n, LOW, n)
        log.step()
        log.step()
    return log


def test_alarms_and_starts_with_their_cause():
    flash = Flash()
    firmware = Firmware(flash).scan(20)
    firmware.alarms.raise_(alarms.LOW_SUPERHEAT, 5)
    firmware.scan(2)
    firmware = Firmware(flash, cause=WATCHDOG).scan(20)
    assert events(firmware.storage.events) == [(STARTED, POWER_ON), (LOW, 1), (STARTED, WATCHDOG)]


def test_time_and_value_are_kept():
    flash = small()
    log = of(flash)
    log.add(2**30 - 1, FAULT, -5)
    log.step()
    log.step()
    entry = [0, 0, 0]
    assert of(flash).read(0, entry) and entry == [2**30 - 1, FAULT, -5]


def test_the_ring_gives_up_its_oldest_sector():
    for count in (1, 31, 32, 33, 64, 65, 100, 129):
        log = of(filled(small(), count)._medium)
        found = [value for _, value in events(log)]
        assert found == list(range(found[0], count)), count
        assert len(found) == count or len(found) >= 32


def test_the_sequence_number_wraps():
    flash = small()
    log = of(flash)
    log.sequence = 0xFFF0
    for n in range(50):
        log.passed(60_000)
        log.add(n, LOW, n)
        log.step()
        log.step()
        found = [value for _, value in events(of(flash))]
        assert found[-1] == n and found == list(range(found[0], n + 1))


@kept
def test_power_cut_at_every_byte():
    """All that was whole stays, nothing else appears, and the next event finds its place."""
    for backwards in (False, True):
        whole = Flash(2048, 512, backwards=backwards)
        filled(whole, 100)
        flash = small()
        found = []
        for k, (place, value) in enumerate(whole.journal):
            same = flash.data[place] == value  # an erase of what is blank
            flash.data[place] = value
            if not same:
                found = [value for _, value in events(of(flash))]
            if found:
                kept = min(found[-1] + 1, 32)  # the sector being erased may have left some of its own
                assert found[-kept:] == list(range(found[-1] - kept + 1, found[-1] + 1)), k
                assert found == sorted(found), k
            if k % 16:
                continue
            again = small()
            again.data[:] = flash.data
            log = of(again)
            log.add(0, LOW, 7777)
            log.step()
            log.step()
            after = [value for _, value in events(of(again))]
            assert after[-1] == 7777, k
            assert after[:-1] == found[len(found) - len(after) + 1 :], k


def test_a_damaged_record_is_left_out_and_no_other():
    flash = filled(small(), 20)._medium
    flash.data[2 * flash.sector + 16 * 7 + 9] ^= 4
    assert [value for _, value in events(of(flash))] == [n for n in range(20) if n != 7]


def test_an_alarm_that_flaps_is_bounded():
    flash = Flash()
    firmware = Firmware(flash).scan(20)
    flash.operations = 0
    for _ in range(7200):  # an hour
        firmware.alarms.raise_(alarms.LOW_SUPERHEAT, firmware.ms)
        firmware.alarms.clear(alarms.LOW_SUPERHEAT, firmware.ms)
        firmware.scan()
    assert 60 <= flash.operations <= 60 + 96 + 4
    assert firmware.storage.events.lost > 10_000


def test_a_fault_is_written_at_once():
    flash = Flash()
    firmware = Firmware(flash).scan(20)
    firmware.alarms.raise_(alarms.LOW_SUPERHEAT, 5)
    firmware.storage.fault()
    assert events(Firmware(flash).storage.events)[-2:] == [(LOW, 1), (FAULT, 0)]
