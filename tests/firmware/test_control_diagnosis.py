"""Charge loss and fouling against the unit's own baseline: what is learned, kept, judged and left alone."""

from control_bench import Bench, running
from isentrope import decisions, wording
from isentrope.control.baseline import Baseline
from isentrope.control.diagnosis import Diagnosis
from isentrope.ledger import BASELINE, Ledger
from isentrope.refrigerant.saturation import load

CHARGE, COIL, WATER, FLOW = 75, 76, 77, 78
LEARNS = {"diagnosis": 3, "diagnosis_learn": 1, "commissioned": 1, "defrost": 0}
# Speed, evaporating, condensing over the return, difference: a unit's steady points.
POINTS = (
    (30.0, 1.0, 4.0, 3.0),
    (45.0, 0.5, 5.5, 4.5),
    (60.0, 0.2, 7.0, 6.0),
    (80.0, 1.5, 9.0, 8.0),
    (50.0, 3.0, 6.2, 5.0),
    (70.0, 2.0, 8.1, 7.1),
)


def made(values=None, ledger=None):
    chosen = dict(LEARNS)
    chosen.update(values or {})
    bench = Bench(chosen, ledger=ledger or Ledger())
    bench.sat = load("R290")
    return bench


def option(bench):
    return next(each for each in bench.controller._options if isinstance(each, Diagnosis))


def stand(bench, point, subcool=1.0, over=1.0, under=1.0, less=1.0, minutes=9.0):
    """A steady point of a unit whose subcooling, condensing, depression and water difference are so many
    times a sound one's; the superheat at its setpoint whatever the valve does."""
    rps, evap_c, over_k, difference_k = point
    inp, c, sat = bench.inp, bench.controller, bench.sat
    inp.test_rps = rps
    inp.return_c = 30.0
    inp.flow_c = 30.0 + difference_k * less
    evap_c = 8.0 + rps / 30.0 + evap_c * 0.0 - (8.0 + rps / 30.0 - evap_c) * under
    inp.outdoor_c = 8.0 + rps / 30.0
    cond_c = 30.0 + over_k * over
    inp.evap_kpa = sat.dew_kpa(evap_c)
    inp.cond_kpa = sat.dew_kpa(cond_c)
    inp.suction_c = evap_c + c.superheat_setpoint_k
    inp.liquid_c = cond_c - 0.9 * over_k * subcool
    inp.discharge_c = cond_c + 25.0
    inp.coil_c = evap_c
    bench.run(minutes * 60.0)


def started(values=None, ledger=None):
    bench = made(values, ledger)
    bench.inp.enable = True
    bench.inp.test_rps = 30.0
    bench.until(lambda: bench.out.compressor_on, 300)
    running(bench.inp)
    bench.run(200)
    return bench


class Sound:
    """The ledger of a unit that has learned, made once."""

    image = b""


def learned(values=None):
    ledger = Ledger()
    if not Sound.image:
        bench = started(None, ledger)
        for point in POINTS * 4:
            stand(bench, point)
        assert option(bench).baseline.n == 60
        Sound.image = bytes(ledger.image)
    ledger.image[:] = Sound.image
    return started(values, ledger)


def test_it_is_not_loaded_unless_asked_for():
    bench = made({"diagnosis": 0})
    assert not any(isinstance(each, Diagnosis) for each in bench.controller._options)


def test_a_board_that_is_not_commissioned_learns_nothing():
    bench = started({"commissioned": 0})
    stand(bench, POINTS[1])
    assert option(bench).baseline.n == 0


def test_unsteady_running_teaches_nothing():
    bench = started()
    for _ in range(6):  # a speed that changes every four minutes, for 24
        stand(bench, POINTS[0], minutes=2.0)
        stand(bench, POINTS[3], minutes=2.0)
    assert option(bench).baseline.n == 0


def test_a_sound_unit_is_left_alone_and_a_loss_of_charge_found_within_two_hours():
    bench = learned()
    for point in POINTS * 3:
        stand(bench, point)
    assert abs(option(bench).charge) < 0.03 and not bench.alarms.warned
    minutes = 0
    for point in POINTS * 3:
        stand(bench, point, subcool=0.75)
        minutes += 9
        if bench.alarms.is_active(CHARGE):
            break
    assert bench.alarms.is_active(CHARGE) and minutes <= 135 and not bench.alarms.stop
    assert not bench.alarms.is_active(WATER) and not bench.alarms.is_active(COIL)
    said = [decisions.text(76, value) for value in bench.logged(76)]
    assert len(said) == 1 and said[0].startswith("subcooling 1"), said
    _, kind, by, cause, effect, reset, remedy = wording.describe(CHARGE)
    assert kind == "warn" and by == "self" and cause and effect and reset and remedy
    for point in POINTS * 5:
        stand(bench, point)
    assert not bench.alarms.is_active(CHARGE), "charged again, it clears by itself"


def test_lime_a_blocked_coil_and_a_clogged_strainer_are_told_apart():
    for fault, alarm in (({"over": 1.4, "subcool": 1.4}, WATER), ({"under": 1.5}, COIL)):
        bench = learned()
        for point in POINTS * 4:
            stand(bench, point, **fault)
        found = [code for code in (CHARGE, COIL, WATER, FLOW) if bench.alarms.is_active(code)]
        assert found == [alarm], (fault, found, option(bench).__dict__)


def test_less_water_at_equal_pump_speed():
    bench = learned()
    # Twice the difference; a sound plate condenses over warmer water as its law says.
    for point in (POINTS[0], POINTS[1]) * 12:
        stand(bench, (point[0], point[1], point[2] + point[3] * 0.9, point[3]), less=1.9)
    assert bench.alarms.is_active(FLOW)


def test_a_loose_liquid_thermistor_is_no_loss_of_charge():
    """It reads the air: no subcooling, and a valve that opens no further."""
    bench = learned()
    for point in POINTS * 4:
        stand(bench, point, subcool=-0.5)
    assert option(bench).charge > 0.9 and not bench.alarms.is_active(CHARGE)


def test_a_valve_wide_open_without_subcooling_needs_no_baseline():
    bench = started()
    bench.inp.test_rps = 60.0
    bench.run(60)
    c, inp = bench.controller, bench.inp
    for _ in range(60):
        inp.suction_c = c.evap_sat_c + c.superheat_setpoint_k + 12.0
        inp.liquid_c = c.cond_sat_c
        bench.run(60)
    assert inp.eev_position >= 495 and bench.alarms.is_active(CHARGE)


def test_the_baseline_outlives_a_power_cut_and_a_service_mode_ends_it():
    bench = learned()
    ledger = Ledger()
    ledger.image[:] = bench.controller.ledger.image
    again = started(None, ledger)
    before = option(bench).baseline
    while not before.ready:
        before.solve()
    stand(again, POINTS[2])
    after = option(again).baseline
    assert after.ready and after.n == before.n
    after.at(1.0, 5.0, 0.0)
    before.at(1.0, 5.0, 0.0)
    assert after.near() and abs(after.expects(0) - before.expects(0)) < 1e-3
    again.inp.enable = False
    again.until(lambda: again.controller.state == 0, 900)
    assert again.controller.serve(1)
    again.run(2)
    assert after.n == 0 and not any(ledger.image[BASELINE:])


def test_what_lies_far_from_what_was_learned_is_not_judged():
    ledger = Ledger()
    base = Baseline(ledger, BASELINE)
    for n in range(60):
        base.at(0.8 + 0.01 * (n % 20), 5.0 + 0.1 * (n % 7), -2.0 + 0.3 * (n % 11))
        base.learn((6.0 + 0.01 * (n % 20), 7.0, 1.1), 0.002)
    while not base.ready:
        base.solve()
    base.at(0.9, 5.3, -0.5)
    assert base.near() and abs(base.expects(0) - 6.1) < 0.05
    base.at(0.9, 5.3, -15.0)
    assert not base.near()
    base.at(1.8, 5.3, -0.5)
    assert not base.near()
