"""The defrost laws by setting: demand at equal load, the adaptive interval, what stands in for a sensor."""

from isentrope import alarms, decisions, settings
from isentrope.control import frostdemand, frostinterval
from isentrope.control.frost import Frost
from isentrope.control.io import BAD_COIL_T, BAD_OUTDOOR_T
from isentrope.control.states import HEATING
from isentrope.refrigerant.saturation import load
from plain import Plain

T0 = 2**30 - 600_000
SECOND = 1000


def a_settings(values=None):
    made = settings.Settings()
    made.load(values or {})
    return made


class Machine:
    """A controller as far as a law looks at it, heating; `law.step` once a second."""

    def __init__(self, law, values=None):
        self.settings = a_settings(values)
        self.log = decisions.Log(50)
        self.law = law.Law(self.settings, self.log)
        self.saturation = load("R290")
        self.rated_rps = 55.0
        self.speed = Plain(set_rps=55.0)
        self.sequence = Plain(state=HEATING)
        self.superheat_k = self.superheat_setpoint_k = 8.0
        self.frost = Plain(clean=True, ms=0, growth_k=0.0)
        self.air_c = 2.0
        self.ms = T0
        self.under(7.6)

    def under(self, k):
        """Evaporate so far under the true air of 2 degC."""
        self.evap_kpa = self.saturation.dew_kpa(2.0 - k)
        self.evap_sat_c = self.saturation.dew_c(self.evap_kpa)

    def run(self, minutes):
        """Minutes until a defrost is due; None: it is not."""
        for second in range(round(minutes * 60)):
            self.ms = (self.ms + SECOND) & 0x3FFFFFFF
            self.frost.ms += SECOND
            if self.law.step(self.ms, SECOND, True, -5.0, self.air_c, self.frost, self):
                return second / 60.0
        return None


def demand(values=None):
    made = Machine(frostdemand, values)
    assert made.run(20) is None and made.law.clean_k > -100.0
    return made


def test_growth_over_the_clean_coil_is_due():
    made = demand()
    made.under(8.1)
    assert made.run(20) is None, "0.5 K is not yet frost enough at the rated load"
    made.under(9.0)
    assert 0.5 <= made.run(10) < 4.0, "sure for half a minute"
    assert made.law.why == 90 and 8.0 <= made.law.value <= 14.5


def test_after_a_stop_it_looks_when_the_house_has_recovered():
    made = demand()
    made.law.step(made.ms, SECOND, False, -5.0, made.air_c, made.frost, made)
    made.under(9.2)
    assert made.run(9.9) is None
    assert made.run(2) is not None


def test_a_higher_load_is_no_frost():
    """The plant's own map: 30 rps 7.3 K, 90 rps 9.06 K, both clean in humid air of 2 degC."""
    made = demand()
    made.speed.set_rps = 90.0
    made.under(9.06)
    assert made.run(30) is None
    made.under(10.6)
    assert made.run(10) is not None


def test_half_the_load_shows_half_the_growth():
    made = demand()
    made.speed.set_rps = 30.0
    made.under(7.1)
    assert made.run(10) is None
    made.under(7.9)
    assert made.run(10) is not None, "0.8 K at half of the gas flow"


def test_an_offset_is_in_the_clean_map():
    for off_k in (-3.0, 3.0):
        made = Machine(frostdemand)
        made.air_c = 2.0 + off_k
        assert made.run(40) is None
        made.under(9.2)
        assert made.run(10) is not None


def test_superheat_off_its_setpoint_says_nothing():
    made = demand()
    made.superheat_k = 3.0
    made.under(12.0)
    assert made.run(20) is None
    made.superheat_k = 8.0
    assert made.run(5) is not None


def test_learned_anew_after_a_defrost_and_the_retry_after_a_poor_one():
    made = demand()
    made.under(9.2)
    assert made.run(10) is not None
    made.law.ended(150.0)
    made.frost.ms = 0
    assert made.run(30) is None, "the coil is now what it is: the map is its own"
    made.under(11.0)
    made.frost.clean, made.frost.ms = False, 0
    assert 29.5 <= made.run(60) <= 31.0


def test_at_the_latest():
    made = Machine(frostdemand, {"defrost_latest": 60})
    made.superheat_k = 3.0
    assert 59.5 <= made.run(90) <= 60.5, "a clean coil is not known"


def test_in_dry_cold_a_clean_coil_has_no_latest():
    made = demand({"defrost_latest": 60})
    assert made.run(240) is None
    made.under(8.1)
    assert made.run(10) is not None, "half of what is waited for"


def test_interval_follows_the_melting_time():
    made = Machine(frostinterval, {"defrost_interval": 44})
    assert 43.5 <= made.run(90) <= 44.5
    for melted_s, least, most in (
        (150.0, 43.5, 44.5),
        (100.0, 65.5, 66.5),
        (75.0, 98.5, 99.5),
        (50.0, 119.5, 120.5),
    ):
        made.law.ended(melted_s)
        made.frost.ms = 0
        assert least <= made.run(150) <= most, melted_s
    for _ in range(8):
        made.law.ended(600.0)
    made.frost.ms = 0
    assert 24.5 <= made.run(60) <= 25.5, "never under its shortest"


def due(frost, inp, c, minutes, failed, coil_c):
    """Minutes until `frost` says so; None: it does not."""
    for second in range(round(minutes * 60)):
        c.ms = (c.ms + SECOND) & 0x3FFFFFFF
        if frost.due(c.ms, SECOND, inp, coil_c, failed, False, c):
            return second / 60.0
    return None


def test_a_law_without_its_sensor_is_replaced_and_comes_back():
    from isentrope.control.io import Inputs

    for law, bit in ((1, BAD_COIL_T), (1, BAD_OUTDOOR_T), (2, BAD_OUTDOOR_T)):
        c = Machine(frostinterval, {"defrost": law})
        raised = alarms.Alarms()
        frost = Frost(c.settings, raised, c.log)
        inp = Inputs()
        inp.enable, inp.outdoor_c, inp.return_c, inp.flow_c = True, 2.0, 30.0, 35.0
        assert due(frost, inp, c, 1, 0, -2.0) is None
        chosen = frost._kind
        assert due(frost, inp, c, 60, bit, -2.0) is not None, "44 min, the coil never under -3 degC"
        assert frost._kind == 3 and raised.is_active(51)
        due(frost, inp, c, 0.1, 0, -2.0)
        assert frost._kind == chosen and not raised.is_active(51)
    frost.blind = 0
    due(frost, inp, c, 0.1, BAD_COIL_T, -2.0)
    assert not raised.is_active(51), "demand does without the coil's sensor"
