"""The valve's clean close: what storage says of it is true at every power cut, and a start believes it.

Rotor and power are the test's: `Unit` is a machine whose valve stays where a cut leaves it.
"""

from flash import FIRST, SAVED, Firmware, Flash, PowerCut, copy_of
from isentrope import alarms, app, decisions
from isentrope.bench.pins import Pins
from isentrope.control import states
from isentrope.copies import SEAL
from isentrope.loading import Found
from isentrope.ports.ram import Ram
from sample import NTCS, T0, Port, profile, raw_in

ENABLE, SUPPLY = 0x3000, 12  # a point; a place among the raw inputs
EVAP = len(NTCS)  # and those of the pressures; what they read while the compressor runs
RUNS = (820, 1230)
STEPS, OVERDRIVE = 500, 200


class Unit:
    """A start of the firmware on a medium, with the valve where it was left."""

    def __init__(self, data=None, rotor=321):
        medium = Ram()
        if data:
            medium.data[:] = data
        self.medium = medium
        self.rotor = rotor
        self.way = 0
        self.ms = T0
        self.port = Port()
        whole = profile()
        whole["settings"] = {"minimum_run": 0}
        self._pins = Pins(whole)
        self._pins.inputs[:] = raw_in()
        self.scan = app.build(whole, self._pins, self.port, medium)
        self._count = 0
        self.most = 0  # how far the seal was off the stop, ever

    def supply(self, there):
        self._pins.inputs[SUPPLY] = 0 if there else 1

    def enable(self, on):
        assert self.scan.write(ENABLE, on) == 0

    def look(self):
        """The rotor has followed the pulses; whatever the medium would say now must be true."""
        count = self._pins.pulses.count
        if self._pins.inputs[SUPPLY] == 0:
            self.rotor = min(max(self.rotor + count - self._count, 0), STEPS)
        self.way += abs(count - self._count)
        self._count = count
        if self.rotor and Found(self.medium, self.medium.sector).sealed:
            self.most = max(self.most, self.rotor)

    def run(self, seconds):
        for _ in range(2 * seconds):
            runs = self.scan.controller.sequence.compressor_on
            self._pins.inputs[EVAP : EVAP + 2] = RUNS if runs else raw_in()[EVAP : EVAP + 2]
            self.scan.run(self.ms & 0x3FFFFFFF)
            self.look()
            self.scan.keep()
            self.look()
            self.ms += 500
        return self

    def until(self, condition, most_s=400):
        for _ in range(most_s):
            if condition():
                return self
            self.run(1)
        raise AssertionError("not within %d s" % most_s)

    def home(self):
        """Switched on; steps that it took to find the stop."""
        way = self.way
        self.until(lambda: self.scan.inp.eev_homed, 60)
        assert self.rotor == 0
        return self.way - way

    def saved(self):
        """Homed, standing, and a change that is saved."""
        self.until(lambda: self.scan.inp.eev_homed and not self.scan.out.compressor_on, 60)
        self.scan.write(FIRST, 100 if self.scan.settings.raw[0] != 100 else 110, True)
        return self.run(12)

    def runs(self):
        self.enable(1)
        self.until(lambda: self.scan.out.compressor_on)
        return self.run(5)

    def cut(self):
        """The next start, after a power cut now."""
        return Unit(self.medium.data, self.rotor)


def test_a_new_board_and_one_that_was_cut_while_it_ran_home_over_the_whole_stroke():
    assert Unit().home() >= STEPS + OVERDRIVE - 10
    unit = Unit().saved().runs()
    assert unit.rotor > 0 and not Found(unit.medium, unit.medium.sector).sealed
    assert unit.cut().home() >= STEPS + OVERDRIVE - 10


def test_after_a_clean_close_the_stop_is_found_within_the_overdrive_and_it_is_said():
    unit = Unit().saved()
    for _ in range(3):  # homing alone breaks nothing: it only closes
        unit = unit.cut()
        assert OVERDRIVE - 10 <= unit.home() <= OVERDRIVE
        entry, said = [0, 0, 0], []
        while unit.scan.log.pop_into(entry):
            said.append(decisions.text(entry[1], entry[2]))
        assert "valve stood closed when the power went: finds its stop within 200 steps" in said


def test_a_stop_saves_once_the_valve_has_closed():
    unit = Unit().saved().runs()
    unit.enable(0)
    unit.until(lambda: not unit.scan.out.compressor_on)
    assert unit.rotor > 0 and not Found(unit.medium, unit.medium.sector).sealed
    unit.run(40)
    assert unit.rotor == 0 and Found(unit.medium, unit.medium.sector).sealed
    assert unit.cut().home() <= OVERDRIVE


def test_power_cut_in_every_state():
    """Before and after every scan's storage sealed means closed; often a start on what is left."""
    seen = set()
    unit = Unit()

    def live(seconds):
        for n in range(seconds):
            unit.run(1)
            seen.add(unit.scan.controller.state)
            if n % 10 == 0:
                sealed = Found(unit.medium, unit.medium.sector).sealed
                again = unit.cut()
                assert again.scan.storage.closed == sealed
                if n % 40 == 0:
                    again.home()

    live(40)
    for trip in (False, True):
        unit.enable(1)
        live(300 if trip else 100)  # with its minimum time off
        if trip:
            unit._pins.inputs[9] = 1  # the high-pressure switch opens
            live(10)
        unit.enable(0)
        live(100)
        unit._pins.inputs[9] = 0
    assert unit.most == 0
    assert {states.OFF, states.STARTING, states.STOPPING, states.FAULT} <= seen
    assert Found(unit.medium, unit.medium.sector).sealed


def test_power_cut_at_every_byte():
    """What the medium says between two bytes, against what the valve did."""
    whole = Flash()
    firmware = Firmware(whole)
    moves = []  # bytes touched when the valve left its stop, and when it was back there
    firmware.closed = True
    firmware.scan(4)
    for n in range(4):
        firmware.put(FIRST, 100 + n)
        firmware.scan(SAVED)
        waited = 0
        while not firmware.storage.open():
            firmware.scan()
            waited += 1
        assert 1 <= waited <= 3
        firmware.running, firmware.closed = True, False
        left = len(whole.journal)
        firmware.scan(3)
        firmware.put(FIRST, 150 + n)
        firmware.scan(SAVED)
        moves.append((left, len(whole.journal)))
        firmware.running, firmware.closed = False, True
        firmware.control.run_s += 1
        firmware.scan(6)
    seals = [n for n, (_, value) in enumerate(whole.journal) if value == 0]
    flash = Flash()
    closed = 0
    for k, (place, value) in enumerate(whole.journal):
        if k % 7 == 0 or k in seals:
            found = Found(flash, flash.sector).sealed
            assert not (found and any(left <= k < back for left, back in moves)), k
            closed += found
        flash.data[place] = value
    assert closed > 20 and sum(whole.erased[:2]) > 2


def sealed_flash():
    firmware = Firmware(Flash())
    firmware.closed = True
    firmware.put(FIRST, 120)
    firmware.scan(SAVED)
    flash = firmware.medium
    assert Firmware(copy_of(flash)).storage.closed
    return flash


def test_one_bit_of_a_seal_breaks_it_in_either_copy():
    flash = sealed_flash()
    seals = Found(flash, flash.sector).seals
    assert seals[0] >= 0 and seals[1] >= flash.sector
    for at in seals:
        for bit in range(8 * SEAL):
            broken = copy_of(flash)
            broken.data[at + bit // 8] &= ~(1 << bit % 8)
            firmware = Firmware(broken)
            assert not firmware.storage.closed and firmware.raw(FIRST) == 120
            assert not firmware.alarms.stop


def test_a_corrupt_store_or_a_missing_record_is_no_clean_close():
    assert not Firmware(Flash()).storage.closed
    for fill in (0x00, 0x5A, 0xFF):
        flash = sealed_flash()
        flash.data[: 2 * flash.sector] = bytes([fill]) * (2 * flash.sector)
        firmware = Firmware(flash)
        assert firmware.alarms.is_active(alarms.STORAGE_LOST) and not firmware.storage.closed
        assert firmware.storage.open()


def test_one_copy_lost_leaves_the_other_ones_word():
    for copy in (0, 1):
        flash = sealed_flash()
        flash.data[copy * flash.sector : (copy + 1) * flash.sector] = bytes(flash.sector)
        firmware = Firmware(flash)
        assert firmware.storage.closed
        while not firmware.storage.open():
            firmware.scan()
        assert not Firmware(copy_of(firmware.medium)).storage.closed


def test_a_break_that_was_cut_is_finished_by_the_next_start():
    for left in range(2 * SEAL + 1):
        flash = sealed_flash()
        flash.left = left
        firmware = Firmware(flash)
        try:
            while not firmware.storage.open():
                firmware.scan()
            assert left == 2 * SEAL
        except PowerCut:
            pass
        flash.left = -1
        firmware = Firmware(flash)
        assert firmware.storage.closed == (left == 0)
        while not firmware.storage.open():
            firmware.scan()
        assert Found(flash, flash.sector).seals == [-1, -1]


class Stubborn(Flash):
    """Once `stuck`, it keeps no zeros of a seal."""

    stuck = False

    def touch(self, place, value):
        super().touch(place, 0xFF if self.stuck and value == 0 else value)


def test_a_seal_that_does_not_break_is_a_fault_and_its_record_is_replaced():
    flash = sealed_flash()
    worn = Stubborn()
    worn.data[:] = flash.data
    worn.stuck = True
    firmware = Firmware(worn)
    while not firmware.storage.open():
        firmware.scan()
    assert firmware.alarms.is_active(alarms.STORAGE_FAULT) and not firmware.alarms.stop
    worn.stuck = False
    firmware.running = True
    firmware.scan(6)
    assert not Firmware(copy_of(worn)).storage.closed
    assert not firmware.alarms.is_active(alarms.STORAGE_FAULT)


def lived(closes, starts, off_scans):
    """Erases of a sector by so many starts, and how many of their ends were sealed."""
    flash = Flash()
    flash.journal = None
    firmware = Firmware(flash)
    sealed = 0
    for _ in range(starts):
        while not firmware.storage.open():
            firmware.scan()
        firmware.running, firmware.closed = True, False
        firmware.control.starts += 1
        firmware.scan(20)
        firmware.control.run_s += 10
        firmware.running, firmware.closed = False, closes
        firmware.scan(off_scans)
        sealed += Found(flash, flash.sector).sealed
    return max(flash.erased[:2]), sealed


def test_the_flag_costs_no_erase_and_obeys_the_budget_of_saves():
    for off_scans in (220, 2400):  # every 2 min, every 20
        plain, none = lived(False, 120, off_scans)
        flagged, sealed = lived(True, 120, off_scans)
        assert none == 0 and flagged <= plain + 1, (off_scans, plain, flagged)
        if off_scans == 2400:
            assert sealed == 120
        else:
            # 16 saves at once, then one in ten minutes: the other stops end with a whole homing.
            assert 16 + 20 <= sealed <= 16 + 26, sealed


def test_a_valve_without_supply_is_not_called_closed():
    unit = Unit().saved().runs()
    unit.enable(0)
    unit.until(lambda: unit.scan.controller.state == states.STOPPING)
    unit.supply(False)  # the driver counts steps that the rotor does not make
    unit.run(120)
    assert unit.rotor > 0 and unit.most == 0 and not Found(unit.medium, unit.medium.sector).sealed
    unit.supply(True)
    unit.run(200)
    assert unit.rotor == 0 and unit.most == 0


def test_a_hand_on_the_valve_breaks_the_seal_first():
    from isentrope.link.jog import Jog

    whole = profile()
    count = [row["name"] for row in whole["io"] if row["dir"] == "out"].index("eev_count")
    unit = Unit().saved()
    assert Found(unit.medium, unit.medium.sector).sealed
    assert Jog(unit.scan, whole).ask(count, 60) == 0
    assert not Found(unit.medium, unit.medium.sector).sealed
    unit.run(2)
    assert unit.rotor > 0 and unit.most == 0
    unit.run(60)
    assert unit.most == 0 and unit.rotor == 0
