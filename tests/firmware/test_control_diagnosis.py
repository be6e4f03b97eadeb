"""Charge loss and fouling against the unit's own baseline: what is learned, kept, judged and left alone."""

from control_bench import Bench, profile
from isentrope import decisions, wording
from isentrope.alarms import Alarms
from isentrope.control import states
from isentrope.control.baseline import Baseline
from isentrope.control.coilfouling import CoilFouling
from isentrope.control.diagnosis import Diagnosis
from isentrope.control.io import BAD_OUTDOOR_T, Inputs, Outputs
from isentrope.decisions import Log
from isentrope.ledger import BASELINE, Ledger
from isentrope.refrigerant.saturation import load
from isentrope.settings import Settings
from plain import Plain

CHARGE, COIL, WATER, FLOW = 75, 76, 77, 78
# Speed, depression under the air, condensing over the return, water's difference: a unit's steady points.
POINTS = (
    (30.0, 8.0, 4.0, 3.0),
    (45.0, 9.0, 5.5, 4.5),
    (60.0, 9.8, 7.0, 6.0),
    (80.0, 9.2, 9.0, 8.0),
    (50.0, 6.7, 6.2, 5.0),
    (70.0, 8.3, 8.1, 7.1),
)
FULL = 500


class Unit:
    """A controller's measurements at steady points, seen every five seconds."""

    def __init__(self, ledger=None, **values):
        self.settings = Settings()
        chosen = {"diagnosis": 3, "diagnosis_learn": 1, "commissioned": 1}
        chosen.update(values)
        self.settings.load(chosen)
        self.alarms, self.log = Alarms(), Log(100)
        self.inp, self.out = Inputs(), Outputs()
        self.ledger = ledger or Ledger()
        self.option = Diagnosis(profile(), self.settings, self.alarms, self.log, self.ledger)
        frost = Plain(ms=0, clean=True, blind=0)
        self.c = Plain(
            service=None, sequence=Plain(compressor_on=True, state=states.HEATING), mode=states.HEATING,
            speed=Plain(set_rps=30.0), superheat_k=8.0, superheat_setpoint_k=8.0, subcooling_k=5.0,
            evap_kpa=0.0, evap_sat_c=0.0, cond_sat_c=0.0, rated_rps=60.0, feedforward_steps=200,
            saturation=load("R290"), defrost=Plain(frost=frost), fan_cap=100.0,
        )  # fmt: skip
        self.inp.eev_position = 200
        self.out.pump_pct = self.out.fan_pct = 100.0
        self.ms = 2**30 - 600_000

    def step(self, seconds):
        for _ in range(int(seconds) // 5):
            self.option.step(self.ms & 0x3FFFFFFF, 5.0, self.inp, self.out, self.c)
            self.ms += 5000

    def stand(self, point, subcool=1.0, over=1.0, under=1.0, less=1.0, minutes=9.0, air_c=6.0):
        """A point at which subcooling, condensing over the water, depression and water difference are so many
        times a sound unit's."""
        rps, depression_k, over_k, difference_k = point
        inp, c = self.inp, self.c
        c.speed.set_rps = rps
        inp.outdoor_c = air_c
        inp.return_c = 30.0
        inp.flow_c = 30.0 + difference_k * less
        c.evap_sat_c = air_c - depression_k * under
        c.evap_kpa = c.saturation.dew_kpa(c.evap_sat_c)
        c.cond_sat_c = 30.0 + over_k * over
        c.subcooling_k = 0.9 * over_k * subcool
        self.step(minutes * 60.0)

    def go_round(self, times, **fault):
        for point in POINTS * times:
            self.stand(point, **fault)

    def found(self):
        return [code for code in (CHARGE, COIL, WATER, FLOW) if self.alarms.is_active(code)]

    def logged(self, code):
        entry, values = [0, 0, 0], []
        while self.log.pop_into(entry):
            if entry[1] == code:
                values.append(entry[2])
        return values


def learned(**values):
    unit = Unit(**values)
    unit.go_round(3)
    assert unit.option.baseline.ready and unit.option.baseline.n == 60
    assert unit.logged(75) == [1]
    return unit


def test_it_is_not_loaded_unless_asked_for():
    for asked in (0, 1):
        bench = Bench({"diagnosis": asked}, ledger=Ledger())
        assert [isinstance(each, Diagnosis) for each in bench.controller._slow].count(True) == asked


def test_in_the_controller_ten_steady_minutes_teach():
    bench = Bench({"diagnosis": 1, "commissioned": 1}, ledger=Ledger()).start(50.0)
    for _ in range(600):  # the superheat is at its setpoint, whatever the valve does
        bench.inp.suction_c = bench.controller.evap_sat_c + bench.controller.superheat_setpoint_k
        bench.run(1)
    option = next(each for each in bench.controller._slow if isinstance(each, Diagnosis))
    assert 4 <= option.baseline.n <= 8


def test_a_board_that_is_not_commissioned_learns_nothing():
    unit = Unit(commissioned=0)
    unit.go_round(1)
    assert unit.option.baseline.n == 0


def test_unsteady_running_teaches_nothing():
    unit = Unit()
    for _ in range(6):
        unit.stand(POINTS[0], minutes=4.0)
        unit.stand(POINTS[3], minutes=4.0)
    unit.c.superheat_k = 11.0
    unit.go_round(1)
    unit.c.superheat_k = 8.0
    unit.c.mode = states.COOLING
    unit.go_round(1)
    unit.c.mode = states.HEATING
    unit.c.sequence.state = states.DEFROSTING
    unit.go_round(1)
    unit.c.sequence.state = states.HEATING
    unit.inp.bad = 1 << 2  # the liquid thermistor
    unit.go_round(1)
    assert unit.option.baseline.n == 0


def test_a_sound_unit_is_left_alone_and_a_loss_of_charge_found_within_two_hours():
    unit = learned()
    unit.go_round(5)
    assert abs(unit.option.charge) < 0.03 and not unit.alarms.warned
    minutes = 0
    for point in POINTS * 3:
        unit.stand(point, subcool=0.75)
        minutes += 9
        if unit.found():
            break
    assert unit.found() == [CHARGE] and minutes <= 120 and not unit.alarms.stop
    said = [decisions.text(76, value) for value in unit.logged(76)]
    assert len(said) == 1 and said[0].startswith("subcooling 1"), said
    _, kind, by, cause, effect, reset, remedy = wording.describe(CHARGE)
    assert kind == "warn" and by == "self" and cause and effect and reset and remedy
    unit.go_round(5)
    assert not unit.found(), "charged again, it clears by itself"


def test_charge_and_fouling_are_asked_for_apart():
    assert Unit(diagnosis=1).option.coil is None and isinstance(Unit(diagnosis=2).option.coil, CoilFouling)
    unit = learned(diagnosis=2)
    unit.go_round(4, subcool=0.5)
    assert not unit.found()
    unit = learned(diagnosis=1)
    unit.go_round(4, over=1.5)
    assert not unit.found()


def test_lime_and_a_blocked_coil_are_told_apart():
    for fault, alarm in (({"over": 1.4, "subcool": 1.4}, WATER), ({"under": 1.2}, COIL)):
        unit = learned()
        unit.go_round(10, **fault)
        assert unit.found() == [alarm], (fault, unit.found())


def test_lost_charge_is_no_dirt_and_dirt_no_lost_charge():
    unit = learned()
    unit.go_round(10, subcool=0.7)
    assert unit.found() == [CHARGE]
    unit = learned()
    unit.go_round(10, under=1.3)
    assert unit.found() == [COIL]


def test_frost_is_no_dirt():
    """A coil is judged in the first quarter of an hour of frosting after a defrost alone."""
    unit = learned()
    frost = unit.c.defrost.frost
    frost.ms = 1_000_000
    unit.go_round(10, under=1.3)
    assert not unit.alarms.is_active(COIL)
    frost.ms, frost.clean = 100_000, False
    unit.go_round(10, under=1.3)
    assert not unit.alarms.is_active(COIL), "that defrost left frost"
    frost.clean = True
    unit.go_round(10, under=1.3)
    assert unit.alarms.is_active(COIL)
    tested = learned()
    tested.c.sequence.state = states.TEST  # where nobody counts the frost
    tested.go_round(10, under=1.3)
    assert not tested.alarms.is_active(COIL)


def cool(unit, rps, air_c, further=1.0, minutes=9.0):
    """Cooling at a point where a clean coil condenses 12 K times the load over the air."""
    inp, c = unit.inp, unit.c
    c.mode = c.sequence.state = states.COOLING
    c.speed.set_rps = rps
    inp.outdoor_c, inp.return_c, inp.flow_c = air_c, 18.0, 13.0
    c.evap_sat_c, c.subcooling_k = 6.0, 5.0
    c.evap_kpa = c.saturation.dew_kpa(6.0)
    load = rps / 60.0 * c.saturation.vapour_density(c.evap_kpa)
    load /= c.saturation.vapour_density(c.saturation.dew_kpa(-2.0))
    c.cond_sat_c = air_c + 12.0 * load * (1.0 - 0.012 * (air_c - 30.0)) * further
    unit.step(minutes * 60.0)


def test_a_blocked_coil_in_cooling_and_what_the_other_modes_know_of_it():
    unit = Unit()

    def go_round(times, **fault):
        for n in range(times):
            cool(unit, (40.0, 70.0, 55.0)[n % 3], (26.0, 34.0, 30.0, 37.0)[n % 4], **fault)

    go_round(9)
    assert unit.option.coil.lines[1].n == 30 and unit.option.coil.lines[0].n == 0
    assert [decisions.text(227, value) for value in unit.logged(227)] == [
        "clean coil learned from 30 min of steady running, cooling 1"
    ]
    assert unit.option.baseline.n == 0, "what heating says is not learned in cooling"
    go_round(16)
    assert abs(unit.option.coil.share[1]) < 0.01 and not unit.found()
    go_round(16, further=0.8)
    assert not unit.found(), "lost charge condenses nearer to the air"
    unit.out.fan_pct = unit.c.fan_cap = 70.0
    go_round(16, further=1.4)
    assert not unit.found(), "a fan that is held back at night is no dirt"
    unit.out.fan_pct = unit.c.fan_cap = 100.0
    go_round(20, further=1.2)
    assert unit.found() == [COIL] and not unit.alarms.stop
    said = [decisions.text(226, value) for value in unit.logged(226)]
    assert len(said) == 1 and "further over the air than its clean coil" in said[0], said
    unit.c.mode = unit.c.sequence.state = states.HEATING
    unit.go_round(24)
    assert COIL in unit.found(), "heating, which learned late, does not clear what cooling found"
    go_round(20)
    assert COIL not in unit.found()


def test_moist_air_a_small_load_and_a_doubted_sensor_say_nothing_of_the_coil():
    unit = Unit()
    for _ in range(3):
        unit.stand(POINTS[0])
    unit.c.defrost.frost.blind = BAD_OUTDOOR_T
    for _ in range(3):
        unit.stand(POINTS[2])
    unit.c.defrost.frost.blind = 0
    assert unit.option.coil.lines[0].n == 0
    unit.stand(POINTS[2], air_c=12.0)
    assert unit.option.coil.lines[0].n == 0
    unit.stand(POINTS[2])
    assert unit.option.coil.lines[0].n > 0


def test_less_water_at_equal_pump_speed():
    unit = learned()
    unit.go_round(5, less=1.9)
    assert unit.found() == [FLOW]
    unit = learned()
    unit.out.pump_pct = 50.0  # a slower pump, and twice the difference
    unit.go_round(5, less=2.0)
    assert not unit.found()


def test_a_loose_liquid_thermistor_is_no_loss_of_charge():
    """It reads warm: no subcooling, and a valve that opens no further."""
    unit = learned()
    unit.go_round(5, subcool=-0.5)
    assert unit.option.charge > 0.9 and not unit.found()
    unit.inp.eev_position = 220
    unit.go_round(5, subcool=-0.5)
    assert unit.found() == [CHARGE]


def test_a_valve_wide_open_without_subcooling_needs_no_baseline():
    unit = Unit()
    unit.inp.eev_position = FULL
    unit.c.superheat_k = 14.0
    unit.stand(POINTS[2], subcool=0.0, minutes=29.0)
    assert not unit.found()
    unit.stand(POINTS[2], subcool=0.0, minutes=2.0)
    assert unit.found() == [CHARGE]


def test_the_baseline_outlives_a_power_cut_and_a_service_mode_ends_it():
    unit = Unit()
    unit.go_round(2)
    ledger = Ledger()
    assert ledger.size == BASELINE, "without a baseline it takes no room in the flash"
    ledger.image[:] = unit.ledger.image
    assert ledger.size == len(ledger.image)
    again = Unit(ledger)
    kept = again.option.baseline.n
    assert 0 <= unit.option.baseline.n - kept < 10 and kept
    again.go_round(2)
    assert again.option.baseline.ready
    third = Unit(ledger)
    third.stand(POINTS[0])
    assert third.option.baseline.ready and third.option.baseline.n == 60
    third.c.service = Plain(mode=3)
    third.step(10)
    assert third.option.baseline.ready, "bleeding the water changes no charge"
    assert third.option.coil.lines[0].n == unit.option.coil.lines[0].n == 30
    third.c.service = Plain(mode=1)
    third.step(10)
    assert not third.option.baseline.ready and ledger.size == BASELINE


def test_what_lies_far_from_what_was_learned_is_not_judged():
    base = Baseline(Ledger(), BASELINE)
    for n in range(60):
        base.at(0.8 + 0.01 * (n % 20), 5.0 + 0.1 * (n % 7), -2.0 + 0.3 * (n % 11))
        base.learn((6.0 + 0.01 * (n % 20), 7.0, 1.1), 0.002)
    calls = 0
    while not base.ready:
        base.solve()
        calls += 1
    assert calls == 8, "a little in each scan"
    base.at(0.9, 5.3, -0.5)
    assert base.near() and abs(base.expects(0) - 6.1) < 0.05 and abs(base.expects(1) - 7.0) < 0.02
    base.at(0.9, 5.3, -15.0)
    assert not base.near()
    base.at(1.8, 5.3, -0.5)
    assert not base.near()
