"""Refrigerant in the compressor's oil: solubility, release by boiling, slow uptake, migration.

    p_eq = p_sat(T) a(phi),  a = phi exp((1 - phi) (1 + chi (1 - phi))),  phi = M / (M + M_held)

Flory and Huggins' activity for a solute of small molecules in a long one (Flory, Principles of Polymer
Chemistry, 1953, ch. XII; the molar volumes' ratio, 6 to 10 for these oils, counts within chi). M: refrigerant
in the oil, kg; M_held: refrigerant, as liquid, of the oil's volume. Up to chi = 0.5 the pressure rises with M
everywhere: no two phases in the sump. Pure refrigerant (phi = 1) gives p_sat, so a sump as cold as the
coldest part takes up the charge, all of it: migration.

What drives release and uptake is the difference of p_eq to the gas: it boils (a time of `boil_time`, also
uptake while the compressor stirs the sump) or dissolves through a still surface (`absorb_time`). Liquid that
lies in the shell runs into the sump. Heat of mixing is left out: what is released takes the difference of
the gas to the pure liquid's enthalpy, which is linear in temperature. The sump is one temperature, joined
to the shell beside it; the crankcase heater heats it. A rotary's shell holds discharge gas and is as hot
all round; a scroll's low-pressure shell is hot at its top only, its sump lies in suction gas (`beside`). One
exchange is held over a step, worked out from its start, so what the oil gives and the gas gets is one number
and the books are exact.
"""

from math import exp

from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

T_REF = 298.15  # K, at which the dissolved liquid's enthalpy, heat capacity and density are taken
HEAT_CAPACITY = 1900.0  # J/kg/K of oil: POE and PAG have 1.8 to 2.0 at 20 to 60 degC
DRAIN_TIME = 30.0  # s, own choice: liquid runs down the inside of a shell within a minute
AT_ONCE = 0.02  # own choice: share of the gas over it that the oil may take up in one step
# Own choice: how far the bottom of a low-pressure shell is from the suction line's temperature to that of the
# hot top, with the motor between them. An oil some 20 K over saturation at the rating, as makers of such
# scrolls ask for at least 10 K.
BOTTOM = 0.3
FULL = 0.98  # own choice: activity above which no finite equilibrium is sought


@njit
def saturation_pressure(par: Record, t: float) -> float:
    """Dew pressure, Pa, at t, K: a cubic in T_top / T - 1, beyond the table by Clausius and Clapeyron."""
    x = par.oil_t_top / t - 1.0
    y = par.oil_ln_p0 + par.oil_ln_p1 * x
    if x > 0.0:
        y += x * x * (par.oil_ln_p2 + par.oil_ln_p3 * x)
    return exp(y)


@njit
def _pressure_slope(par: Record, t: float) -> float:
    """d ln p_sat / dT, 1/K."""
    x = par.oil_t_top / t - 1.0
    slope = par.oil_ln_p1
    if x > 0.0:
        slope += x * (2.0 * par.oil_ln_p2 + 3.0 * par.oil_ln_p3 * x)
    return -slope * par.oil_t_top / (t * t)


@njit
def activity(par: Record, kg: float) -> tuple[float, float]:
    """(a, da/dM, 1/kg) of kg refrigerant in the oil."""
    total = kg + par.oil_held
    phi = kg / total
    free = 1.0 - phi
    growth = exp(free * (1.0 + par.oil_interaction * free))
    return phi * growth, growth * free * (1.0 - 2.0 * par.oil_interaction * phi) * par.oil_held / (
        total * total
    )


@njit
def dissolved(par: Record, p: float, t: float) -> float:
    """Refrigerant, kg, in equilibrium at p, Pa, and t, K; at FULL and over, what FULL holds."""
    target = min(max(p / saturation_pressure(par, t), 0.0), FULL)
    low, high = 0.0, 1e3 * par.oil_held
    kg = target * par.oil_held / exp(1.0 + par.oil_interaction)
    for _ in range(60):
        a, slope = activity(par, kg)
        if a > target:
            high = kg
        else:
            low = kg
        new = kg - (a - target) / slope
        if new <= low or new >= high:
            new = 0.5 * (low + high)
        if abs(new - kg) < 1e-12:
            break
        kg = new
    return kg


@njit
def beside(par: Record, t_shell: float, t_line: float) -> float:
    """Temperature, K, of the shell's part that the sump touches; t_shell: shell, t_line: suction line, K."""
    return t_line + BOTTOM * (t_shell - t_line) if par.oil_low_side > 0.0 else t_shell


@njit
def enthalpy(par: Record, t: float) -> float:
    """Of refrigerant in the oil, J/kg."""
    return float(par.oil_h_ref + par.oil_c_ref * (t - T_REF))


@njit
def stored(par: Record, kg: float, t: float) -> float:
    """Energy of oil and refrigerant in it, J."""
    return par.oil_mass * HEAT_CAPACITY * (t - T_REF) + kg * enthalpy(par, t)


@njit
def exchange(
    par: Record,
    fluid: Table,
    sat: Array,
    h_gas: float,
    gas_kg: float,
    t_wall: float,
    heater: float,
    runs: bool,
    kg: float,
    t: float,
    dt: float,
) -> tuple[float, float, float, float, float]:
    """One step, dt, s: (kg/s and W into the gas, W into the shell's wall, new kg, new temperature, K).

    sat: saturation at the gas's pressure; h_gas, gas_kg: state and mass of what is over the sump; t_wall: of
    `beside`, K; heater: W; runs: the compressor turns.
    """
    capacity = par.oil_mass * HEAT_CAPACITY + kg * par.oil_c_ref
    p_sat = saturation_pressure(par, t)
    a, slope = activity(par, kg)
    drive = p_sat * a - sat[tb.P]
    time = par.oil_boil_time if drive > 0.0 or runs else par.oil_absorb_time
    # kg/s/Pa: a sump with little in it settles in `time`.
    k = par.oil_held / (time * p_sat * exp(1.0 + par.oil_interaction))
    h_vapour = tb.vapour_enthalpy(fluid, sat, t) if drive > 0.0 else max(h_gas, sat[tb.H_VAP])
    cooling = (h_vapour - enthalpy(par, t)) / capacity
    # As the sump gives it loses pressure, by what it held and by the heat: both within the step.
    m = k * drive / (1.0 + dt * k * p_sat * (slope + a * _pressure_slope(par, t) * max(cooling, 0.0)))
    m = min(max(m, -AT_ONCE * gas_kg / dt), 0.5 * kg / dt)
    liquid = 0.0
    if h_gas < sat[tb.H_VAP] and not (runs and par.oil_low_side > 0.0):
        # In a low-pressure shell at work it is drawn past.
        liquid = min(1.0 - tb.quality(sat, h_gas), 1.0) * gas_kg / max(DRAIN_TIME, 2.0 * dt)
    gained = m - liquid
    w = m * h_vapour - liquid * min(h_gas, sat[tb.H_LIQ])
    new = kg - dt * gained
    held = (
        stored(par, kg, t) + dt * (heater - w + par.oil_contact_ua * (t_wall - T_REF)) - new * par.oil_h_ref
    )
    capacity = par.oil_mass * HEAT_CAPACITY + new * par.oil_c_ref
    t_new = T_REF + held / (capacity + dt * par.oil_contact_ua)
    return gained, w, par.oil_contact_ua * (t_new - t_wall), new, t_new
