"""A controller with frost on its coil, and one that melts it."""

from control_bench import Bench, profile
from isentrope.control import defrost, states


def machine():
    made = profile()
    made["reversing"] = {"shift_kpa": 200.0}
    return made


def frosting(inp, coil_c=-4.0):
    """Heating at A2 over a frosted coil; 8 K of superheat at -6 degC."""
    inp.outdoor_c, inp.coil_c = 2.0, coil_c
    inp.evap_kpa, inp.cond_kpa, inp.suction_c = 388.0, 1226.0, 2.0
    inp.discharge_c, inp.flow_c, inp.return_c = 65.0, 35.0, 30.0


def melting(inp, coil_c=0.0):
    """A defrost under way: small lift, evaporating at -7 degC in the plate, water well above freezing."""
    inp.coil_c = coil_c
    inp.evap_kpa, inp.cond_kpa, inp.suction_c = 375.0, 550.0, 0.0
    inp.discharge_c, inp.flow_c = 45.0, 25.0


def heating(values=None, made=None, interval=10):
    """In service with frost on the coil, the first frosting minute ahead."""
    bench = Bench(dict({"defrost_interval": interval}, **(values or {})), made or machine())
    bench.inp.flow_setpoint_c = 36.0
    bench.inp.enable = True
    bench.until(lambda: bench.out.compressor_on, 300)
    frosting(bench.inp, 1.0)
    bench.until(lambda: bench.controller.state == states.HEATING, 400)
    frosting(bench.inp)
    return bench


def phase(bench, wanted, most_s=900):
    return bench.until(lambda: bench.controller.defrost.phase == wanted, most_s)


def melt(values=None):
    bench = heating(values)
    phase(bench, defrost.MELT, 3000)
    melting(bench.inp)
    return bench
