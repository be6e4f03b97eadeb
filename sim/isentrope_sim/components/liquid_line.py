"""What stands between condenser and expansion valve: filter-drier and pipe, as one resistance to the flow.

    filter-drier  dp = clog dp_r (m / m_r)^2 rho_r / rho        (AHRI 710 rates a drier by flow and drop)
    pipe          dp = f (L / D) rho v^2 / 2,  f = max(0.316 Re^-1/4, 64 / Re)   (Darcy; Blasius; Hagen)

Both are orifices of an equivalent area, dp = m^2 / (2 rho A^2), in series, with the laminar foot of
`reversing`. f is that of the last step's flow, so within a step the law is quadratic. The density is that of
the flowing enthalpy at the pressure of the indoor exchanger, which both ends the pipe has in a split machine:
liquid in heating, two phases behind the valve in cooling (homogeneous: Cicchitti et al. 1960 keep the
liquid's viscosity). Liquid that flashes on its way through the drier counts with the density it entered with.
Between the indoor end and the valve stands a column of the machine's `rise`. Potential energy, 10 J/kg a
metre, is not in the energy books.
"""

from math import pi, sqrt

from isentrope_sim.components import eev, reversing
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

GRAVITY = 9.81
# Pa s: liquid R290, R32 and R410A from 10 to 45 degC have 0.79e-4 to 1.45e-4 (CoolProp); f follows its
# fourth root, so one value for all is within 10 %.
VISCOSITY = 1.0e-4
LEAST_RE = 100.0  # own choice: at rest the friction factor must not grow without bound
# Relative, of the flow: under the 1e-5 of the Jacobian's differences.
CLOSED = 1e-11


@njit
def friction(flow: float, diameter: float) -> float:
    """Darcy's friction factor of a smooth pipe of `diameter`, m, at a flow, kg/s (its sign does not
    matter).
    """
    re = max(4.0 * abs(flow) / (pi * diameter * VISCOSITY), LEAST_RE)
    return max(0.316 / re**0.25, 64.0 / re)


@njit
def per_square(par: Record, flow: float) -> float:
    """1/A^2, 1/m4, of drier and pipe in series at a flow, kg/s, for friction; 0: the machine has neither."""
    made = 0.0
    if par.filter_drop > 0.0:
        made += par.filter_clog * 2.0 * par.filter_density * par.filter_drop / par.filter_flow**2
    if par.line_length > 0.0:
        area = 0.25 * pi * par.line_diameter**2
        made += friction(flow, par.line_diameter) * par.line_length / par.line_diameter / (area * area)
    return made


@njit
def drop(m: float, rho: float, resistance: float) -> float:
    """Pressure drop, Pa, signed as the flow m, kg/s, at rho, kg/m3; resistance: `per_square`."""
    return reversing.drop(m, rho, 1.0 / sqrt(resistance)) if resistance > 0.0 else 0.0


@njit
def head(par: Record, rho: float) -> float:
    """Pressure, Pa, that the column from the indoor unit down to the valve adds at the valve."""
    return rho * GRAVITY * par.line_rise


@njit
def valve_per_root(par: Record, fluid: Table, sat: Array, h: float, opening: float) -> tuple[float, float]:
    """(flow per sqrt(2 rho dp), m2, and density, kg/m3) of the valve with an inlet of enthalpy h at `sat`."""
    t, _slope, rho = tb.state(fluid, sat, h)
    per_root = eev.flow_per_root(
        opening,
        sat[tb.T_BUBBLE] - t,
        fluid.meta[tb.T_CRIT],
        par.eev_area,
        par.eev_opening_point,
        par.eev_exponent,
        par.eev_leakage,
    )
    return per_root, rho


@njit
def _through(
    par: Record,
    fluid: Table,
    sat: Array,
    h: float,
    opening: float,
    p_up: float,
    p_down: float,
    m: float,
    rho_line: float,
    resistance: float,
    before: bool,
) -> float:
    """What the valve passes, kg/s, if m flows through the resistance before or behind it; `sat` becomes that
    of the valve's inlet.
    """
    lost = drop(m, rho_line, resistance)
    if before:
        tb.saturation(fluid, max(p_up - lost, min(p_up, p_down)), sat)
    per_root, rho = valve_per_root(par, fluid, sat, h, opening)
    return per_root * eev.root(rho, p_up - p_down - lost)


@njit
def in_series(
    par: Record,
    fluid: Table,
    sat: Array,
    h: float,
    opening: float,
    p_up: float,
    p_down: float,
    rho_line: float,
    resistance: float,
    before: bool,
) -> float:
    """Flow, kg/s, from p_up down to p_down, Pa, through valve and resistance, the latter `before` the valve
    or behind it; h, J/kg, flows.

    sat: a saturation record, left at the valve's inlet. What the valve passes falls with what the resistance
    takes, so m - passed(m) has one root: Newton with the slope of a flow of constant density, kept in a
    bracket.
    """
    tb.saturation(fluid, p_up, sat)
    dp = p_up - p_down
    per_root, rho = valve_per_root(par, fluid, sat, h, opening)
    high = per_root * eev.root(rho, dp)
    if high <= 0.0 or resistance <= 0.0:
        return high
    low = 0.0
    # Two orifices in series, in the square: near the root from the start.
    c = per_root * per_root * 2.0 * rho
    m = high / sqrt(1.0 + c * resistance / (2.0 * rho_line))
    old, old_over = high, high
    for it in range(60):
        over = m - _through(par, fluid, sat, h, opening, p_up, p_down, m, rho_line, resistance, before)
        if over > 0.0:
            high = m
        else:
            low = m
        if abs(over) <= CLOSED * m or high - low <= CLOSED * high:
            break
        if it == 0:
            slope = 1.0 + c * resistance / (2.0 * rho_line)
        else:
            slope = (old_over - over) / (old - m) if old != m else 0.0
        new = m - over / slope if slope > 0.0 else low
        if new <= low or new >= high or it > 20:
            new = 0.5 * (low + high)
        old, old_over, m = m, over, new
    return m
