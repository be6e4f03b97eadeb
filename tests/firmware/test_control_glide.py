"""A zeotrope in the controller: superheat counts from dew, subcooling from bubble, never both from one."""

from control_bench import Bench, profile
from isentrope.control import io
from isentrope.refrigerant.saturation import load

EVAP_KPA, COND_KPA = 700.0, 2200.0


def bench(fluid):
    machine = profile()
    machine["fluid"] = fluid
    machine["limits"]["high_kpa"] = 4200.0
    made = Bench(machine=machine)
    inp = made.inp
    inp.evap_kpa, inp.cond_kpa = EVAP_KPA, COND_KPA
    inp.suction_c, inp.liquid_c, inp.discharge_c, inp.coil_c = 6.0, 30.0, 75.0, -2.0
    made.scan()
    return made


def test_superheat_from_dew_and_subcooling_from_bubble():
    for fluid, least, most in (("R454B", 1.2, 1.6), ("R410A", 0.05, 0.2), ("R32", -0.01, 0.01)):
        control, sat = bench(fluid).controller, load(fluid)
        assert abs(control.superheat_k - (6.0 - sat.dew_c(EVAP_KPA))) < 1e-3
        assert abs(control.steady_superheat_k - control.superheat_k) < 1e-3
        assert abs(control.subcooling_k - (sat.bubble_c(COND_KPA) - 30.0)) < 1e-3
        assert abs(control.discharge_superheat_k - (75.0 - sat.dew_c(COND_KPA))) < 1e-3
        assert control.evap_sat_c == sat.dew_c(EVAP_KPA) and control.cond_sat_c == sat.bubble_c(COND_KPA)
        # What the wrong line would have made of it.
        assert least < (6.0 - sat.bubble_c(EVAP_KPA)) - control.superheat_k < most
        assert least < (sat.dew_c(COND_KPA) - 30.0) - control.subcooling_k < most


def test_pressure_expected_from_the_coil_is_a_bubble_pressure():
    """The coil's sensor sits where boiling begins; with dew R454B would seem 4 % lower in pressure."""
    made = bench("R454B")
    sat = load("R454B")
    expected = made.controller.expansion._expected(made.inp, io.BAD_EVAP_P, True)
    assert abs(expected[0] / sat.bubble_kpa(-2.0) - 1.0) < 1e-6
    assert sat.bubble_kpa(-2.0) / sat.dew_kpa(-2.0) > 1.04
    without_coil = made.controller.expansion._expected(made.inp, io.BAD_EVAP_P | io.BAD_COIL_T, True)
    assert abs(without_coil[0] / sat.dew_kpa(7.0 - 10.0) - 1.0) < 1e-6


def test_every_fluid_starts_and_regulates():
    """From standstill to a valve that follows superheat, at each fluid's own pressures of -5 and 40 degC."""
    for fluid in ("R290", "R32", "R410A", "R454B"):
        machine = profile()
        machine["fluid"] = fluid
        machine["limits"]["high_kpa"] = 4200.0
        made = Bench(machine=machine)
        sat, inp = load(fluid), made.inp
        inp.evap_kpa = inp.cond_kpa = sat.dew_kpa(7.0)
        inp.enable = True
        made.until(lambda out=made.out: out.compressor_on, 300)
        inp.evap_kpa, inp.cond_kpa = sat.dew_kpa(-5.0), sat.dew_kpa(40.0)
        inp.suction_c, inp.coil_c, inp.discharge_c = 3.0, -5.0, 70.0
        inp.liquid_c = sat.bubble_c(inp.cond_kpa) - 5.0
        inp.flow_c, inp.return_c = 35.0, 30.0
        made.run(240)
        assert abs(made.controller.superheat_k - 8.0) < 0.05
        assert abs(made.controller.subcooling_k - 5.0) < 0.05
        assert made.out.compressor_on and 0 < made.out.eev_steps <= 500
