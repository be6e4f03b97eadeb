"""Drift of the coil's and the outdoor sensor: at rest, and in minutes 12 to 15 after a defrost."""

from isentrope import alarms, decisions, settings
from isentrope.control import states
from isentrope.control.coildrift import make
from isentrope.control.io import BAD_COIL_T, BAD_OUTDOOR_T, Inputs
from isentrope.refrigerant.saturation import load
from plain import Plain

SCAN_S = 0.5


class Machine:
    """What the option sees of a controller; the sensors are off by `coil_k` and `outdoor_k`."""

    def __init__(self, limit=5.0):
        self.settings = settings.Settings()
        self.settings.load({"sensor_drift": limit})
        self.alarms, self.log = alarms.Alarms(), decisions.Log(50)
        self.drift = make({"reversing": {"shift_kpa": 200.0}}, self.settings, self.alarms, self.log, self)
        self.saturation = load("R290")
        self.frost = Plain(coil_off_k=0.0, outdoor_off_k=0.0, blind=0, clean=True)
        self.defrost = Plain(frost=self.frost)
        self.sequence = Plain(purge=False, starts=1)
        self.sensors = Plain(failed=0)
        self.speed, self.rated_rps = Plain(set_rps=55.0), 55.0
        self.superheat_k = self.superheat_setpoint_k = 8.0
        self.inp, self.out = Inputs(), Plain(compressor_on=False)
        self.ms = 2**30 - 400_000
        self.coil_k = self.outdoor_k = 0.0

    def pass_(self, seconds):
        for _ in range(int(seconds / SCAN_S)):
            self.ms = (self.ms + int(1000 * SCAN_S)) & 0x3FFFFFFF
            self.drift.step(self.ms, SCAN_S, self.inp, self.out, self)

    def _measure(self, air_c, coil_c, sat_c):
        self.inp.outdoor_c, self.inp.coil_c = air_c + self.outdoor_k, coil_c + self.coil_k
        self.evap_kpa = self.saturation.bubble_kpa(sat_c)
        self.evap_sat_c = sat_c

    def rest(self, air_c=7.0):
        """A run and a stop of five minutes; the wet coil lies 1 K under the air. Seconds of purging."""
        self._measure(air_c, air_c - 8.0, air_c - 9.0)
        self.out.compressor_on, self.state = True, states.HEATING
        self.pass_(60)
        self._measure(air_c, air_c - 1.0, air_c - 0.7)
        self.out.compressor_on, self.state = False, states.OFF
        purged = 0
        for _ in range(600):
            self.pass_(SCAN_S)
            purged += self.sequence.purge
        return purged * SCAN_S

    def heat(self, minutes=16):
        """A defrost and heating after it: the plant's clean coil at 2 degC and 55 rps."""
        self.out.compressor_on, self.state = True, states.DEFROSTING
        self.pass_(10)
        self.state = states.HEATING
        self._measure(2.0, -3.8, -5.6)
        self.pass_(60 * minutes)


def test_three_rests_that_agree_correct_the_odd_sensor():
    for coil_k, outdoor_k in ((3.0, 0.0), (-3.0, 0.0), (0.0, 3.0), (0.0, -3.0), (0.0, 0.0), (0.6, -0.6)):
        made = Machine()
        made.coil_k, made.outdoor_k = coil_k, outdoor_k
        purged = made.rest()
        assert 195.0 <= purged <= 202.0
        made.rest()
        assert made.frost.coil_off_k == made.frost.outdoor_off_k == 0.0, "two are not enough"
        made.rest()
        found = made.frost.coil_off_k, made.frost.outdoor_off_k
        wanted = (coil_k if abs(coil_k) > 1.0 else 0.0, outdoor_k if abs(outdoor_k) > 1.0 else 0.0)
        assert abs(found[0] - wanted[0]) < 0.8 and abs(found[1] - wanted[1]) < 0.8, (coil_k, outdoor_k, found)
        assert not made.frost.blind and not made.alarms.warned
        assert made.rest() == 0.0, "then once a day"
        made.pass_(86_500)
        assert made.rest() > 190.0


def test_no_rest_in_the_cold():
    made = Machine()
    assert made.rest(2.5) == 0.0
    made.out.compressor_on, made.state = False, states.FAULT
    made.pass_(300)
    assert not made.sequence.purge


def test_rests_that_differ_correct_nothing():
    made = Machine()
    for coil_k in (3.0, 1.5, 4.5, 2.0, 4.0):
        made.coil_k = coil_k
        made.rest()
    assert made.frost.coil_off_k == 0.0


def test_heating_after_a_defrost_tells_too():
    for coil_k, outdoor_k in ((3.0, 0.0), (-3.0, 0.0), (0.0, 3.0), (0.0, -3.0), (0.0, 0.0)):
        made = Machine()
        made.coil_k, made.outdoor_k = coil_k, outdoor_k
        for _ in range(3):
            made.heat()
        assert abs(made.frost.coil_off_k - coil_k) < 0.8, (coil_k, made.frost.coil_off_k)
        assert abs(made.frost.outdoor_off_k - outdoor_k) < 0.8, (outdoor_k, made.frost.outdoor_off_k)


def test_a_coil_that_is_not_clean_or_not_steady_says_nothing():
    made = Machine()
    made.coil_k = 3.0
    made.frost.clean = False
    for _ in range(4):
        made.heat()
    made.frost.clean = True
    made.superheat_k = 12.0
    for _ in range(4):
        made.heat()
    assert made.frost.coil_off_k == 0.0


def test_beyond_the_limit_the_sensor_is_not_believed():
    for coil_k, outdoor_k, alarm, bit in ((6.5, 0.0, 49, BAD_COIL_T), (0.0, -7.5, 50, BAD_OUTDOOR_T)):
        made = Machine()
        made.coil_k, made.outdoor_k = coil_k, outdoor_k
        for _ in range(3):
            made.heat()
        assert made.frost.blind == bit and made.alarms.is_active(alarm)
        assert made.frost.coil_off_k == made.frost.outdoor_off_k == 0.0
        made.coil_k = made.outdoor_k = 0.0
        for _ in range(3):
            made.heat()
        assert made.frost.blind == 0 and not made.alarms.is_active(alarm)


def test_a_sensor_that_failed_is_another_matter():
    made = Machine()
    made.coil_k = 3.0
    made.inp.bad = BAD_COIL_T
    for _ in range(4):
        made.heat()
    assert made.rest() == 0.0 and made.frost.coil_off_k == 0.0


def test_switched_off_it_forgets():
    made = Machine()
    made.coil_k = 6.5
    for _ in range(3):
        made.heat()
    assert made.frost.blind == BAD_COIL_T
    made.settings.load({"sensor_drift": 0.0})
    made.pass_(1)
    assert not made.frost.blind and not made.alarms.warned
