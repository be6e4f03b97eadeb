"""The peers' laws do what their manuals and sources say."""

import pytest
from isentrope_hil.compare import carel, danfoss, thermostatic, valden
from isentrope_hil.compare.danfoss_reference import LOAD, MSS, Reference
from isentrope_hil.compare.law import Signals, Unit
from isentrope_hil.compare.laws import LAWS, law
from isentrope_hil.compare.thermostatic import Thermostatic
from isentrope_hil.targets.firmware import imported
from isentrope_sim.errors import InputError


@pytest.fixture(scope="module")
def unit():
    with imported() as imports:
        yield Unit(8.0, 90.0, imports.module("refrigerant.saturation").load("R290"))


def made(module, unit, **values):
    return module.SPEC.make(unit, module.SPEC.values(values))


def signals(superheat=8.0, speed=60.0, position=40.0, evap=-2.0, cond=40.0):
    return Signals(
        superheat_k=superheat,
        suction_c=evap + superheat,
        coil_c=evap,
        evap_c=evap,
        cond_c=cond,
        evap_kpa=440.0,
        speed_rps=speed,
        position_pct=position,
    )


def run(law, seconds, **given):
    """The opening after so many seconds of the same signals; the valve follows at once."""
    opening = given.pop("position", 40.0)
    for _ in range(seconds):
        opening = law.step(signals(position=opening, **given))
    return opening


@pytest.mark.parametrize("name", [name for name in LAWS if name not in ("isentrope", "thermostatic")])
def test_takes_over_where_the_valve_stands(unit, name):
    law = LAWS[name].make(unit, LAWS[name].values())
    law.begin(signals(), 40.0)
    assert law.step(signals()) == pytest.approx(40.0)


def test_an_unknown_law_or_parameter_is_an_error():
    with pytest.raises(InputError, match="did you mean carel"):
        law("carell")
    with pytest.raises(KeyError):
        carel.SPEC.values({"gian": 1.0})


# Carel EVD


def test_carel_gain_is_steps_per_kelvin_of_a_480_step_valve(unit):
    law = made(carel, unit, derivative_time=0.0, integral_time=1e9)
    law.begin(signals(), 40.0)
    law.step(signals())
    assert law.step(signals(superheat=9.0)) - 40.0 == pytest.approx(15.0 / 480.0 * 100.0)


def test_carel_proportional_part_knows_no_setpoint(unit):
    law = made(carel, unit, integral_time=1e9, derivative_time=0.0)
    law.begin(signals(superheat=12.0), 40.0)
    assert run(law, 60, superheat=12.0) == pytest.approx(40.0, abs=0.01), "4 K over it, and at rest"


def test_carel_integral_time(unit):
    law = made(carel, unit)
    law.begin(signals(superheat=9.0), 40.0)
    assert run(law, 150, superheat=9.0) - 40.0 == pytest.approx(3.125, rel=0.01)


def test_carel_derivative_kicks_once(unit):
    law = made(carel, unit, integral_time=1e9, derivative_time=5.0)
    law.begin(signals(), 40.0)
    law.step(signals())
    first = law.step(signals(superheat=9.0))
    second = law.step(signals(superheat=9.0))
    assert first - 40.0 == pytest.approx(3.125 * 6.0)
    assert second - 40.0 == pytest.approx(3.125)


def test_carel_lowsh_closes_intensely_and_stops_at_once(unit):
    law = made(carel, unit, derivative_time=0.0)
    law.begin(signals(superheat=2.0), 40.0)
    low = run(law, 10, superheat=2.0)
    pid = 6.0 * 10 / 150.0 * 3.125
    protector = 3.0 * 10 / 15.0 * 3.125
    assert 40.0 - low == pytest.approx(pid + protector, rel=1e-6)
    law.step(signals(superheat=6.0, position=low))
    before = law.step(signals(superheat=6.0, position=low))
    assert law.step(signals(superheat=6.0, position=low)) - before == pytest.approx(-2.0 / 150.0 * 3.125)


def test_carel_protectors_of_temperature(unit):
    law = made(carel, unit, derivative_time=0.0)
    law.lop = (-10.0, 10.0)
    law.begin(signals(evap=-12.0), 40.0)
    assert run(law, 10, evap=-12.0) - 40.0 == pytest.approx(2.0 * 3.125)
    for name in ("mop", "hitcond"):
        law = made(carel, unit, derivative_time=0.0)
        setattr(law, name, (38.0, 20.0) if name == "hitcond" else (-4.0, 20.0))
        law.begin(signals(superheat=12.0), 40.0)
        assert run(law, 10, superheat=12.0) - 40.0 == pytest.approx(-2.0 * 10 / 20.0 * 3.125)


def test_carel_repositions_at_ten_per_cent_and_waits_five_seconds(unit):
    law = made(carel, unit)
    law.begin(signals(speed=60.0, superheat=12.0), 40.0)
    assert run(law, 1, speed=68.0, superheat=12.0) == pytest.approx(40.0, abs=0.2), "8.9 %: not yet"
    moved = run(law, 1, speed=69.0, superheat=12.0)
    assert moved == pytest.approx(40.0 * 69.0 / 60.0, abs=0.2)
    assert run(law, 20, speed=69.0, superheat=12.0, position=40.0) > moved, "the valve arrives in time"


def test_carel_holds_until_the_valve_arrived_and_5_s(unit):
    law = made(carel, unit)
    law.begin(signals(speed=60.0), 40.0)
    moved = law.step(signals(speed=75.0, superheat=12.0, position=40.0))
    for _ in range(30):
        assert law.step(signals(speed=75.0, superheat=12.0, position=41.0)) == moved, "on its way"
    held = 0
    while law.step(signals(speed=75.0, superheat=12.0, position=moved)) == moved:
        held += 1
    assert held == 5


def test_carel_without_capacity_does_not_reposition(unit):
    law = made(carel, unit, capacity_signal=0)
    law.begin(signals(speed=30.0), 40.0)
    assert run(law, 5, speed=90.0) == pytest.approx(40.0)


# Danfoss


def test_danfoss_gain_is_damped_near_the_reference(unit):
    law = made(danfoss, unit)
    assert law.gain(0.0) == law.gain(2.5) == law.gain(-0.5) == pytest.approx(0.9)
    assert law.gain(3.0) == pytest.approx(3.0 * 0.65), "gradually"
    assert law.gain(5.0) == law.gain(-2.0) == pytest.approx(3.0)


def test_danfoss_integral_time(unit):
    law = made(danfoss, unit, kp_min=1.0)
    law.begin(signals(superheat=12.0), 40.0)
    assert run(law, 120, superheat=12.0) - 40.0 == pytest.approx(4.0 * 3.0, rel=0.01)


def test_danfoss_superheat_close_only_closes_and_faster(unit):
    law = made(danfoss, unit)
    law.begin(signals(superheat=1.0), 40.0)
    assert 40.0 - run(law, 10, superheat=1.0) == pytest.approx(3.0 * 7.0 * 10 * 3.0 / 120.0, rel=1e-6)
    opening = law.step(signals(superheat=1.0))
    assert law.step(signals(superheat=1.9)) <= opening, "rising, and still under it"


def test_danfoss_evaporating_temperature_is_fed_back(unit):
    law = made(danfoss, unit, kp_te=2.0)
    law.begin(signals(), 40.0)
    law.step(signals())
    assert law.step(signals(evap=-1.0)) - 40.0 == pytest.approx(-2.0), "a slowing compressor closes"


def test_danfoss_lop_waits_for_superheat_and_mop_closes(unit):
    law = made(danfoss, unit, kp_te=0.0)
    law.lop_c = 0.0
    law.begin(signals(), 40.0)
    assert run(law, 10) > 40.0
    law.begin(signals(superheat=1.0), 40.0)
    assert run(law, 10, superheat=1.0) < 40.0
    law.lop_priority_s = 60.0
    law.begin(signals(superheat=1.0), 40.0)
    closed = run(law, 60, superheat=1.0)
    assert run(law, 1, superheat=1.0) < closed, "for its time only"
    law = made(danfoss, unit, kp_te=0.0)
    law.mop_c = -4.0
    law.begin(signals(superheat=12.0), 40.0)
    assert run(law, 10, superheat=12.0) < 40.0


def test_danfoss_references():
    load = Reference(LOAD, 4.0, 10.0)
    assert load.step(8.0, 10.0) == 4.0
    assert load.step(8.0, 50.0) == pytest.approx(7.0)
    assert load.step(8.0, 95.0) == 10.0
    search = Reference(MSS, 4.0, 10.0)
    for _ in range(300):
        search.step(8.0, 50.0)
    assert search.k == pytest.approx(9.0), "0.1 K each 30 s while it is calm"
    for second in range(300):
        search.step(8.0 + (3.0 if second % 20 < 10 else 0.0), 50.0)
    assert search.k == pytest.approx(10.0)


# Valden


def test_valden_steps_at_its_own_pace(unit):
    step = valden.STEP_PCT
    law = made(valden, unit)
    law.begin(signals(), 40.0)
    assert run(law, 300, superheat=10.0) - 40.0 == pytest.approx(10 * step), "open each 30 s"
    law.begin(signals(), 40.0)
    assert 40.0 - run(law, 450, superheat=7.0) == pytest.approx(10 * step), "shut each 45 s"
    law.begin(signals(), 40.0)
    assert run(law, 140, superheat=20.0) - 40.0 == pytest.approx(100 * step, abs=step), "fast each 1.4 s"
    law.begin(signals(), 40.0)
    assert run(law, 600, superheat=8.4) == 40.0, "within the hysteresis"


def test_valden_emergency_closes_to_the_least_position_at_once(unit):
    law = made(valden, unit)
    law.begin(signals(), 40.0)
    assert run(law, 1, superheat=6.2) == 20.0
    assert run(law, 500, superheat=3.0) == 20.0, "and never below it"


def test_valden_sees_two_thermometers(unit):
    law = made(valden, unit, offset=2.0)
    law.begin(signals(), 40.0)
    seen = signals()
    seen.superheat_k, seen.suction_c, seen.coil_c = 0.0, 8.2, -2.0
    assert law.step(seen) == 40.0, "10.2 K between them, 10 asked: superheat is nothing to it"


# A thermostatic valve


def test_thermostatic_opens_beyond_its_static_superheat(unit):
    law = made(thermostatic, unit)
    pressure = unit.saturation.dew_kpa(0.0)

    def opening(superheat):
        seen = Signals(superheat_k=superheat, suction_c=superheat, evap_kpa=pressure)
        law.begin(seen, 0.0)
        return law.step(seen)

    assert opening(5.0) == pytest.approx(0.0, abs=0.2)
    assert opening(13.0) == pytest.approx(100.0, abs=0.2)
    assert 40.0 < opening(9.0) < 50.0, "a vapour pressure curve bends upwards"


def test_thermostatic_bulb_lags(unit):
    law = made(thermostatic, unit, bulb_s=20.0)
    pressure = unit.saturation.dew_kpa(0.0)
    cold = Signals(suction_c=6.0, evap_kpa=pressure)
    warm = Signals(suction_c=10.0, evap_kpa=pressure)
    law.begin(cold, 0.0)
    first = law.step(cold)
    for _ in range(20):
        now = law.step(warm)
    law.begin(warm, 0.0)
    assert (now - first) / (law.step(warm) - first) == pytest.approx(0.62, abs=0.04)


def test_thermostatic_closes_over_its_mop(unit):
    law = Thermostatic(unit, thermostatic.SPEC.values(), mop_c=5.0)
    over = Signals(suction_c=30.0, evap_kpa=unit.saturation.dew_kpa(5.5))
    law.begin(over, 50.0)
    assert law.step(over) == 0.0
    under = Signals(suction_c=30.0, evap_kpa=unit.saturation.dew_kpa(1.0))
    assert law.step(under) > 0.0
