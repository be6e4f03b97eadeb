"""Electric power, heat and what they add up to; outdoor air that a bus says."""

from control_bench import Bench, profile
from isentrope.control import states
from isentrope.control.energy import Energy
from isentrope.ledger import Ledger
from isentrope.settings import Settings

NONE = 0xFFFF
POWER = {"exponent": 0.115, "per_rev": [1.6, 0.338, -0.0033, 0.00066], "fan_w": 55.0, "fan_exponent": 2.6,
         "rest_w": 14.0}  # fmt: skip
WATER = {"full_lpm": 24.0, "steps": True}
UNIT_J = 360_000.0


def machine(values=None, water=WATER):
    made = profile()
    made["power"] = POWER
    if water:
        made["water"] = water
    return Bench(values, machine=made)


class Meter:
    power_w, lost, why, volts = 1500.0, False, 0, None


class More:
    phase_ok, rotation, phase_v, shell_c, tank_c, drive = True, 0, None, None, None, None

    def __init__(self):
        self.meter = Meter()


class Inp:
    water_flow, bad, more = True, 0, None
    flow_c, return_c = 35.0, 30.0


class Out:
    compressor_on, power_w, pump_pct, backup = True, 1200, 50.0, 0
    water_lpm, heat_cw, cop_c = -1.0, NONE, NONE


class Control:
    mode, backup_w = states.HEATING, 0.0


def counted(energy, seconds, inp, out, c, period_ms=500):
    """Units that came due."""
    total = [0] * 6
    for _ in range(int(seconds * 1000) // period_ms):
        energy.step(0, period_ms / 1000.0, inp, out, c)
        for n in range(6):
            total[n] += energy.due[n]
            energy.due[n] = 0
    return total


def test_an_hour_adds_up():
    energy, out = Energy(WATER, Settings()), Out()
    found = counted(energy, 3600, Inp(), out, Control())
    heat_w = 12.0 / 60.0 * 4155.0 * 5.0
    assert abs(found[0] - 12) <= 1 and abs(found[1] - heat_w * 3600.0 / UNIT_J) <= 1
    assert found[2:] == [0, 0, 0, 0]
    assert out.water_lpm == 12.0 and out.heat_cw == int(heat_w) // 10
    assert out.cop_c == int(heat_w) * 100 // 1200


def test_what_a_defrost_takes_is_made_up_first():
    energy, inp = Energy(WATER, Settings()), Inp()
    inp.return_c = 40.0
    assert counted(energy, 600, inp, Out(), Control())[1] == 0
    inp.return_c = 30.0
    assert counted(energy, 590, inp, Out(), Control())[1] == 0
    assert counted(energy, 600, inp, Out(), Control())[1] in (6, 7)


def test_hot_water_cooling_and_the_backup_heater_have_their_own():
    energy, inp, out, c = Energy(WATER, Settings()), Inp(), Out(), Control()
    c.mode = states.HOT_WATER
    found = counted(energy, 3600, inp, out, c)
    assert found[0] == found[2] and found[1] == found[3] > 0 and found[4] == 0
    c.mode = states.COOLING
    inp.flow_c = 25.0
    found = counted(energy, 3600, inp, out, c)
    assert abs(found[4] * UNIT_J / 3600.0 - 4155.0) < 150.0 and found[1] == 0 and out.cop_c == 346
    c.mode, out.backup, c.backup_w = states.HEATING, 1, 2000.0
    inp.flow_c = 30.0
    found = counted(energy, 7200, inp, out, c)
    assert abs(found[0] - 64) <= 1 and abs(found[1] - 40) <= 1 and found[5] == 200


def test_standing_heat_is_not_counted_after_the_overrun():
    energy, out = Energy(WATER, Settings()), Out()
    counted(energy, 10, Inp(), out, Control())
    out.compressor_on = False
    found = counted(energy, 3600, Inp(), out, Control())
    assert found[1] * UNIT_J <= 4155.0 * 130.0 and out.cop_c == 0 and out.heat_cw > 0


def test_a_failed_sensor_a_standing_pump_and_room_air():
    energy, inp, out = Energy(WATER, Settings()), Inp(), Out()
    inp.bad = 1 << 5
    energy.step(0, 0.5, inp, out, Control())
    assert out.heat_cw == NONE
    inp.bad, out.pump_pct = 0, 0.0
    energy.step(0, 0.5, inp, out, Control())
    assert out.heat_cw == 0 and out.water_lpm == 0.0
    energy, out = Energy(None, Settings()), Out()
    energy.step(0, 0.5, inp, out, Control())
    assert (out.water_lpm, out.heat_cw, out.cop_c) == (-1.0, NONE, NONE)


def test_the_flow_that_somebody_measured_and_a_pump_without_speeds():
    settings = Settings()
    settings.load({"water_flow": 30.0})
    out = Out()
    Energy(WATER, settings).step(0, 0.5, Inp(), out, Control())
    assert out.water_lpm == 15.0
    Energy({"full_lpm": 24.0, "steps": False}, Settings()).step(0, 0.5, Inp(), out, Control())
    assert out.water_lpm == 24.0


def test_who_does_not_count_has_nothing_loaded():
    at = machine({"energy": 0.0})
    assert at.controller.guess is None and at.controller.energy is None
    at = Bench()
    assert at.controller.guess is None and at.controller.energy is None
    at = machine(water=None)
    at.run(2)
    assert at.out.power_w >= 14 and at.out.heat_cw == NONE


def test_the_ledger_adds_what_is_due():
    at = machine()
    ledger = Ledger()
    at.start()
    at.controller.energy.due[1] = 3
    ledger.step(0, 500, at.inp, at.out, at.controller, at.alarms, at.log)
    assert ledger.image[78] == 3 and at.controller.energy.due[1] == 0


def test_a_meter_is_believed_and_its_loss_is_an_alarm():
    made = profile()
    made.update({"power": POWER, "water": WATER, "meter": {}})
    at = Bench(machine=made)
    at.inp.more = More()
    at.start()
    at.run(120)
    assert at.out.power_w == 1500
    guess = at.controller.guess
    assert abs(guess.w * guess.factor - 1500.0) < 300.0 and guess.factor != 1.0
    meter = at.inp.more.meter
    meter.power_w, meter.lost, meter.why = None, True, 1
    at.run(1)
    assert at.alarms.is_active(73) and at.out.power_w == int(guess.w * guess.factor)
    meter.power_w, meter.lost = 1500.0, False
    at.run(1)
    assert not at.alarms.is_active(73)


def test_outdoor_air_that_is_told_is_for_the_house_alone():
    at = Bench()
    at.inp.outdoor_c = 7.0
    assert at.inp.weather_c == 7.0
    at.inp.outdoor_told_c = -12.0
    assert at.inp.weather_c == -12.0 and at.inp.outdoor_c == 7.0
