"""The clock: sources and their rank, days of the week, validity, an RTC chip behind it."""

from fake_buses import Ds3231Chip, I2c
from isentrope import decisions
from isentrope.alarms import Alarms
from isentrope.control.clock import BACNET, NTP, RTC, TOLD, Clock
from isentrope.control.io import Inputs
from isentrope.dates import date, first
from isentrope.decisions import Log
from isentrope.drivers.ds3231 import Ds3231
from isentrope.rtc import Rtc

LOST = 79


class Bench:
    def __init__(self, chip=None):
        self.inp, self.log, self.events = Inputs(), Log(50), Log(50)
        self.clock = Clock(self.inp, self.log, self.events)
        self.alarms = Alarms()
        self.chip = chip
        self.rtc = Rtc(Ds3231(I2c({0x68: chip} if chip else {}), 0x68), self.clock, self.inp, self.alarms)

    def run(self, seconds, by_ms=500):
        for _ in range(seconds * 1000 // by_ms):
            if self.chip:
                self.chip.pass_ms(by_ms)
            self.clock.step(0, by_ms)
            self.rtc.step(0, by_ms)

    def told(self, log):
        entry, found = [0, 0, 0], []
        while log.pop_into(entry):
            found.append((entry[1], entry[2]))
        return found


def test_days_and_dates():
    assert first(0, 1) == 0 and first(26, 11) == 9801 and date(9801) == (26, 11, 1)
    for day in range(36525):
        year, month, of_month = date(day)
        assert first(year, month) + of_month - 1 == day and 1 <= of_month <= 31


def test_a_week_goes_by():
    at = Bench()
    assert at.clock.tell(1439, TOLD, 6) and at.inp.weekday == 6
    at.clock.step(0, 60_000)
    assert at.inp.minute == 0 and at.inp.weekday == 0 and at.inp.day == -1
    assert at.clock.tell(1438), "a minute early: it is Sunday still"
    assert at.inp.weekday == 6
    at.clock.tell(3)
    assert at.inp.weekday == 0
    at.clock.tell(600, BACNET, -1, first(26, 11) + 28)
    assert at.inp.weekday == 6 and date(at.inp.day) == (26, 11, 29), "a Sunday"


def test_a_worse_source_waits_until_the_better_has_been_silent_for_a_day():
    at = Bench()
    assert at.clock.tell(100, NTP)
    assert at.clock.tell(200, TOLD) and at.clock.tell(300, BACNET)
    assert not at.clock.tell(400, TOLD) and not at.clock.tell(400, NTP) and at.inp.minute == 300
    assert at.clock.tell(301, BACNET)
    at.run(26 * 3600, 60_000)
    assert at.clock.tell(400, NTP) and at.inp.minute == 400 and at.clock.source == NTP


def test_both_logs_say_when_there_is_a_time_and_whose_and_when_it_is_gone():
    at = Bench()
    at.clock.tell(750, TOLD)
    at.clock.tell(751, TOLD)
    at.clock.tell(752, BACNET)
    at.run(8 * 86_400, 60_000)
    expected = [(74, TOLD), (134, 750), (74, BACNET), (134, 752), (135, 192)]
    assert at.told(at.log) == expected and at.told(at.events) == expected
    assert at.inp.minute == at.inp.weekday == at.inp.day == -1 and at.clock.source == 0
    assert decisions.text(74, 4).startswith("time told by source 4")


def test_the_chip_tells_the_time_at_the_start():
    chip = Ds3231Chip(26, 11, 29, 23, 59, 30)
    at = Bench(chip)
    at.run(1)
    assert at.inp.minute == 1439 and at.inp.weekday == 6 and at.clock.source == RTC
    at.run(40)
    assert at.inp.minute == 0 and at.inp.weekday == 0 and date(at.inp.day) == (26, 11, 30)
    assert not at.alarms.warned


def test_a_chip_that_lost_its_battery_is_not_believed_until_it_is_set():
    chip = Ds3231Chip(0, 1, 1, 0, 0, 0, stopped=True)
    at = Bench(chip)
    at.run(1)
    assert at.inp.minute < 0 and at.alarms.is_active(LOST) and not at.alarms.stop
    at.clock.tell(721, TOLD)
    at.run(120)
    assert chip.stopped, "of which day, nobody has said"
    at.clock.tell(723, NTP + 2, -1, first(26, 2) + 27)
    at.run(120)
    assert not chip.stopped and chip.now()[:3] == (26, 2, 28) and not at.alarms.is_active(LOST)
    at.run(13 * 3600, 60_000)
    assert chip.now()[:4] == (26, 3, 1, 1), "2026 is no leap year"
    again = Bench(chip)  # after a power cut
    again.run(1)
    assert again.inp.minute == chip.now()[3] * 60 + chip.now()[4] and again.clock.source == RTC


def test_a_better_source_sets_the_chip_and_a_second_off_does_not():
    chip = Ds3231Chip(26, 6, 1, 12, 0, 10)
    at = Bench(chip)
    at.run(1)
    at.clock.tell(720, NTP, second=12)
    at.run(2)
    assert chip.written == 0
    at.clock.tell(780, TOLD)  # summer time
    at.run(2)
    assert chip.now()[3] == 13 and chip.now()[:3] == (26, 6, 1) and chip.written == 1
    at.clock.tell(1, TOLD)  # past midnight by the master
    chip.set(26, 6, 1, 23, 50, 0)
    at.run(2)
    assert chip.now()[:4] == (26, 6, 2, 0)


def test_a_chip_that_is_not_there():
    at = Bench()
    at.run(1)
    assert at.alarms.is_active(LOST) and at.inp.minute < 0
    at.clock.tell(600, BACNET, -1, 9000)
    at.run(10)
    assert at.inp.minute == 600


def test_nonsense_in_the_chip_is_no_time():
    for registers in (
        b"\x99\x00\x12\x01\x01\x01\x26",
        b"\x00\x00\x12\x01\x00\x01\x26",
        b"\x00\x00\x55\x01\x01\x13\x26",
    ):
        chip = Ds3231Chip(26, 1, 1, 0, 0, 0)
        chip.raw = registers
        assert Ds3231(I2c({0x68: chip}), 0x68).read() is None
