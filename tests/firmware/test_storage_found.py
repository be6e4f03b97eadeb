"""What a start finds: after a power cut at any byte, in a damaged copy, after a change of schema."""

from binascii import crc32
from struct import pack_into, unpack_from

from flash import (
    FIRST,
    HEAD,
    LOW,
    QUIET_SCANS,
    SAVED,
    SECOND,
    SECTOR,
    Firmware,
    Flash,
    PowerCut,
    copy_of,
    kept,
    used,
)
from isentrope import alarms
from isentrope.copies import Copies
from isentrope.ledger import Ledger


def lost(firmware):
    return firmware.alarms.is_active(alarms.STORAGE_LOST)


# Saves one after the other, a page each, until each sector has been erased at least twice; with each change
# all of FIRST, SECOND and the counters move together, so that a mixture would be seen.
SAVES = SECTOR // 256 + 1


def life(flash):
    """A new board, then SAVES changes; each state with the bytes touched when it came."""
    firmware = Firmware(flash)
    states = [(0, firmware.state())]
    for n in range(1, SAVES + 1):
        firmware.scan(8)
        firmware.put(FIRST, 100 + n)
        firmware.put(SECOND, 200 + n)
        firmware.control.restore(n, 1000 + n)
        firmware.ledger.add(0)
        states.append((len(flash.journal), firmware.state()))
        firmware.alarms.raise_(alarms.LOW_SUPERHEAT, 0)
        firmware.alarms.clear(alarms.LOW_SUPERHEAT, 0)
        firmware.scan(QUIET_SCANS + 1)
    firmware.scan(8)
    return states


@kept
def test_power_cut_at_every_byte():
    """Old or new, never lost, never a mixture; and the next start can save again."""
    for backwards in (False, True):
        whole = Flash(backwards=backwards)
        states = life(whole)
        assert whole.erased[0] >= 2 and whole.erased[1] >= 2 and len(whole.journal) > 3000
        flash = Flash()
        seen = 0  # a state once read back never gives way to an older one
        same = False  # an erase of what is blank: a start finds what the one before found
        for k, (place, value) in enumerate(whole.journal):
            if not same:
                firmware = Firmware(flash)
                assert not firmware.alarms.stop, k
                found = firmware.state()
            assert found in [state for when, state in states if when <= k][-2:], k
            assert found[2] >= seen, k
            seen = found[2]
            if k % 16 == 0:
                again = copy_of(flash)
                firmware = Firmware(again)
                firmware.put(FIRST, 222)
                firmware.scan(SAVED)
                after = Firmware(again)
                assert after.raw(FIRST) == 222 and after.state()[1:] == found[1:], k
                assert not after.alarms.stop
            same = flash.data[place] == value
            flash.data[place] = value
        assert seen == SAVES


@kept
def test_two_power_cuts_in_a_row():
    """The second one while the first one's damage is being repaired."""
    whole = Flash()
    life(whole)
    flash = Flash()
    changes = 0
    for first, (place, value) in enumerate(whole.journal):
        changes += flash.data[place] != value
        same = flash.data[place] == value
        flash.data[place] = value
        if same or changes % 41 != 20:
            continue
        found = Firmware(flash).state()
        for second in range(0, SECTOR, SECTOR // 24):
            again = copy_of(flash, second)
            try:
                Firmware(again).scan(SAVED)
            except PowerCut:
                pass
            again.left = -1
            firmware = Firmware(again)
            assert firmware.state() == found and not firmware.alarms.stop, (first, second)


@kept
def test_a_flipped_bit_in_one_copy_costs_nothing():
    medium = used()
    for copy in (0, 1):
        base = copy * medium.sector
        for at in range(base, base + medium.sector):
            if medium.data[at] == 0xFF and at % 16:
                continue
            flash = copy_of(medium)
            flash.data[at] ^= 1 << at % 8
            firmware = Firmware(flash)
            assert firmware.state() == (120, 300, 7, 3601, 9) and not firmware.alarms.stop, at


def test_one_copy_destroyed_costs_nothing_and_is_made_again():
    for copy in (0, 1):
        flash = used()
        for at in range(copy * flash.sector, (copy + 1) * flash.sector):
            flash.data[at] = at & 0xFF
        firmware = Firmware(flash).scan(10)
        assert firmware.state() == (120, 300, 7, 3601, 9) and not firmware.alarms.stop
        for at in range((1 - copy) * flash.sector, (2 - copy) * flash.sector):
            flash.data[at] = 0
        assert Firmware(flash).state() == (120, 300, 7, 3601, 9)


def test_a_copy_that_lags_is_erased_however_blank_it_looks():
    """An erase that was cut may leave cells that read blank and do not keep what is written."""
    flash = used()
    older = flash.data[SECTOR : 2 * SECTOR]
    firmware = Firmware(flash)
    firmware.put(FIRST, 121)
    firmware.scan(SAVED)
    flash.data[SECTOR : 2 * SECTOR] = older
    flash.erased = [0] * 4
    firmware = Firmware(flash).scan(10)
    assert firmware.raw(FIRST) == 121 and flash.erased == [0, 1, 0, 0]
    assert Firmware(flash).storage._copies.whole


def test_rubbish_is_no_beginning_of_a_first_record():
    flash = Flash()
    for at in range(SECTOR):
        flash.data[at] = 0x5A
    assert lost(Firmware(flash))


def test_a_fault_before_the_first_record_is_no_loss():
    flash = Flash()
    Firmware(flash).storage.fault()
    assert not lost(Firmware(flash))


def destroyed(fill):
    flash = used()
    for at in range(2 * flash.sector):
        flash.data[at] = fill
    return flash


def test_both_copies_bad_stops_the_compressor_until_a_person_acknowledges():
    for fill in (0x00, 0x5A, 0xFF):
        flash = destroyed(fill)
        firmware = Firmware(flash)
        assert firmware.state() == (80, 180, 0, 0, 0) and firmware.alarms.stop and lost(firmware)
        firmware.scan(20_000)
        assert lost(firmware)
        firmware = Firmware(flash)  # switching off and on is no acknowledgement
        assert lost(firmware)
        firmware.put(FIRST, 99)
        firmware.alarms.reset(firmware.ms)
        assert not firmware.alarms.stop
        firmware.scan(10)
        firmware = Firmware(flash)
        assert firmware.raw(FIRST) == 99 and not firmware.alarms.stop


def resealed(flash, change):
    """Every record of a medium changed by `change(record)` and given a sound CRC."""
    for at in range(0, 2 * flash.sector, 256):
        magic, size = unpack_from("<HH", flash.data, at)
        if magic == 0x4953:
            record = flash.data[at : at + size]
            change(record)
            pack_into("<I", record, size - 4, crc32(record[: size - 4]))
            flash.data[at : at + size] = record
    return flash


def test_a_value_out_of_range_is_not_replaced_in_silence():
    def far(record):
        pack_into("<Hi", record, 8 + HEAD, FIRST, 30_000)

    firmware = Firmware(resealed(used(), far))
    assert lost(firmware) and firmware.raw(FIRST) == 80 and firmware.raw(SECOND) == 300


def test_values_that_contradict_each_other_are_not_kept_in_silence():
    """A profile's low_superheat has come up to what somebody once stored as superheat_setpoint."""
    flash = used((50, 300))
    firmware = Firmware(flash, values={"low_superheat": 6.0, "superheat_setpoint": 9.0})
    assert lost(firmware) and firmware.raw(FIRST) == 90 and firmware.raw(SECOND) == 300
    assert firmware.settings.contradiction() == -1


def test_stored_values_may_contradict_one_another_on_the_way():
    flash = Flash()
    firmware = Firmware(flash)
    firmware.put(FIRST, 120)
    firmware.put(LOW, 90)  # above what superheat_setpoint is at first
    firmware.scan(SAVED)
    firmware = Firmware(flash)
    assert not firmware.alarms.stop and (firmware.raw(FIRST), firmware.raw(LOW)) == (120, 90)


def test_a_newer_schema_is_refused_and_left_alone():
    def later(record):
        record[6] = 3

    flash = resealed(used(), later)
    before = bytes(flash.data)
    firmware = Firmware(flash)
    assert firmware.alarms.is_active(alarms.STORAGE_NEWER) and firmware.alarms.stop
    assert firmware.state() == (80, 180, 0, 0, 0)
    firmware.put(FIRST, 99)
    firmware.scan(8000)
    firmware.alarms.reset(firmware.ms)
    firmware.scan(8000)
    firmware.storage.fault()
    assert bytes(flash.data) == before


def test_the_sequence_number_wraps():
    def last(record):
        pack_into("<H", record, 4, 0xFFFE)

    flash = used((101, 201))
    resealed(flash, last)
    for n in range(8):
        firmware = Firmware(flash)
        assert firmware.raw(FIRST) == 101 + n
        firmware.put(FIRST, 102 + n)
        firmware.scan(SAVED)
    assert 0 <= firmware.storage._copies.sequence < 20


def tenfold(payload):
    """To a schema of this test's own, 3: the first setting in units ten times as small."""
    changed = bytearray(payload)
    for at in range(HEAD, len(changed), 6):
        identity, raw = unpack_from("<Hi", changed, at)
        if identity == SECOND:
            pack_into("<i", changed, at + 2, raw * 10)
    return bytes(changed)


@kept
def test_migration_at_every_byte():
    """Before, during and after the first save of the new schema the values are those of the old one."""
    medium = used((120, 33))
    expected = (120, 330, 7, 3601, 9)
    whole = copy_of(medium)
    Firmware(whole, 3, (None, tenfold)).scan(SAVED)
    assert len(whole.journal) > 90
    for k in range(len(whole.journal) + 1):
        flash = copy_of(medium, k)
        try:
            firmware = Firmware(flash, 3, (None, tenfold))
            assert firmware.state() == expected
            firmware.scan(SAVED)
        except PowerCut:
            pass
        flash.left = -1
        firmware = Firmware(flash, 3, (None, tenfold))
        assert firmware.state() == expected and not firmware.alarms.stop, k
    assert Firmware(whole).alarms.is_active(alarms.STORAGE_NEWER)


def test_a_record_without_a_ledger_is_taken():
    """Schema 1: the counters of then, and settings."""
    flash = Flash()
    copies = Copies(flash, 64)
    pack_into("<IIIIHi", copies.buf, 8, 7, 3601, 1, 0, FIRST, 120)
    copies.begin(1, 22)
    while copies.busy:
        copies.step()
    firmware = Firmware(flash)
    assert firmware.state() == (120, 180, 7, 3601, 0) and not firmware.alarms.stop
    firmware.ledger.add(0, 5)
    firmware.put(SECOND, 200)
    firmware.scan(SAVED)
    assert Firmware(flash).state() == (120, 200, 7, 3601, 5)


def test_counters_of_a_newer_firmware_are_left_alone():
    def longer(record):
        pack_into("<H", record, 8 + 16, len(Ledger().image) + 2)

    flash = resealed(used(), longer)
    before = bytes(flash.data)
    firmware = Firmware(flash)
    assert firmware.alarms.is_active(alarms.STORAGE_NEWER) and firmware.state() == (80, 180, 0, 0, 0)
    firmware.scan(8000)
    assert bytes(flash.data) == before
