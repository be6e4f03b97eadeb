"""A refrigerant's constants as `components.oil` reads them, taken from its property table."""

from functools import cache

import numpy as np

from isentrope_sim import fluids
from isentrope_sim.components.oil import T_REF
from isentrope_sim.fluids import table as tb

# Above the highest of these the dew line is extrapolated; below the lowest no sump gets.
P_TOP_SHARE = 0.98  # of the table's highest pressure
T_LOW = 233.15  # K
AROUND = 10.0  # K, between which the liquid's heat capacity is taken


@cache
def of(refrigerant: str) -> dict[str, float]:
    """By name in the machine's record: the dew line's cubic, liquid's enthalpy and heat capacity at T_REF,
    and its density, kg/m3, as `density`. Raises InputError for an unknown fluid.
    """
    fluid = fluids.load(refrigerant)
    sat = np.empty(tb.SAT_SIZE)
    tb.saturation(fluid, P_TOP_SHARE * float(fluid.meta[tb.P_MAX]), sat)
    top = float(sat[tb.T_DEW])
    t = np.linspace(T_LOW, top, 40)
    ln_p = np.log([tb.pressure_of_dew(fluid, k) for k in t])
    c = np.polynomial.polynomial.polyfit(top / t - 1.0, ln_p, 3)
    h = []
    for k in (T_REF - AROUND, T_REF + AROUND, T_REF):
        tb.saturation(fluid, tb.pressure_of_bubble(fluid, k), sat)
        h.append(float(sat[tb.H_LIQ]))
    return {
        **{f"oil_ln_p{i}": float(c[i]) for i in range(4)},
        "oil_t_top": top,
        "oil_h_ref": h[2],
        "oil_c_ref": (h[1] - h[0]) / (2.0 * AROUND),
        "density": float(sat[tb.RHO_LIQ]),
    }
