"""The circuit's books: states in and out of the work array, masses, energy, closing a step."""

from isentrope_sim.components import coil, content, oil, receiver
from isentrope_sim.cycle import layout as ly
from isentrope_sim.cycle import outside
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

# Share of its volume by which an inflow may shrink the vapour it meets within a step, own choice: under 1,
# so that a volume passes on more if more comes in, and near it, so that hardly anything is held up.
AT_ONCE = 0.95
NEVER = 1e9  # J/kg: below any enthalpy


@njit
def _pressure_place(role: int, cooling: bool) -> int:
    """Index in the state vector of a role's pressure (the vector's order is O, S, D, I)."""
    if role == ly.S or role == ly.D:
        return role
    return ly.P_I if (role == ly.E) == cooling else ly.P_O


@njit
def unpack(
    par: Record, fluid: Table, x: Array, w: Array, s: Array, sats: Array, v: Array, n: int, cooling: bool
) -> float:
    """State vector into the work arrays, in this direction; returns the charge, kg (without debt)."""
    s[ly.S_COOLING] = 1.0 if cooling else 0.0
    s[ly.S_J_DT] = 0.0
    v[ly.V_RATE, :] = 0.0
    # Where inlets become outlets no profile of before is left.
    w[ly.OFFSET, :] = 0.0
    for role in range(4):
        v[ly.V_START, role] = v[ly.V_P, role] = x[_pressure_place(role, cooling)]
        tb.saturation(fluid, v[ly.V_P, role], sats[role])
    outside.geometry(par, w, n, cooling)
    low, cells = ly.low_cells(cooling, n), w.shape[1]
    total = 0.0
    for i in range(cells):
        sat = sats[_role(i, low)]
        at = ly.in_state(i, cooling, n)
        h = x[at]
        m = w[ly.VOLUME, i] * tb.state(fluid, sat, h)[2]
        w[ly.H, i] = w[ly.H_OLD, i] = h
        w[ly.T, i] = w[ly.T_OLD, i] = x[ly.wall_in_state(at, n)]
        w[ly.MASS, i] = w[ly.MASS_OLD, i] = m
        slip = sat[tb.SLIP] * w[ly.SLIPS, i] if w[ly.SLIPS, i] > 0.0 else 1.0
        w[ly.OUT, i] = w[ly.OUT_OLD, i] = tb.flowing(sat, h, slip)[0]
        if w[ly.WET, i] > 0.0:
            rho = m / w[ly.VOLUME, i]
            out = receiver.outlet(sat, w[ly.VOLUME, i], h, rho, w[ly.DRY, i], w[ly.WET, i])
            w[ly.OUT, i] = w[ly.OUT_OLD, i] = out
        w[ly.FLOW, i] = w[ly.FLOW_OLD, i] = 0.0
        w[ly.HELD, i] = w[ly.HELD_OLD, i]
        total += m
    for i in range(n):
        w[ly.WATER, i] = w[ly.WATER_OLD, i] = x[ly.CELLS + 4 * n + 6 + i]
    s[ly.S_Z] = x[ly.SLIDE]
    s[ly.S_OIL_KG], s[ly.S_OIL_T] = x[ly.OIL_KG], x[ly.T_OIL]
    s[ly.S_H_ACC] = s[ly.S_H_ACC_OLD] = x[ly.H_ACC]
    s[ly.S_MASS_ACC] = s[ly.S_MASS_ACC_OLD] = par.acc_volume * tb.state(fluid, sats[ly.S], x[ly.H_ACC])[2]
    s[ly.S_H_LINE] = w[ly.OUT, cells - 1]
    s[ly.S_M_DE] = s[ly.S_M_CS] = 0.0
    returns(par, fluid, w, s, sats, low)
    return total + s[ly.S_MASS_ACC] + s[ly.S_OIL_KG]


@njit
def _role(i: int, low: int) -> int:
    """Role of a chain position."""
    if i < low:
        return ly.E
    if i == low:
        return ly.S
    return ly.D if i == low + 1 else ly.C


@njit
def pack(x: Array, w: Array, s: Array, v: Array, n: int) -> None:
    """The end of a step into the state vector."""
    cooling = s[ly.S_COOLING] > 0.0
    for role in range(4):
        x[_pressure_place(role, cooling)] = v[ly.V_START, role]
    x[ly.H_ACC] = s[ly.S_H_ACC_OLD]
    x[ly.SLIDE] = s[ly.S_Z]
    x[ly.OIL_KG], x[ly.T_OIL] = s[ly.S_OIL_KG], s[ly.S_OIL_T]
    for i in range(w.shape[1]):
        at = ly.in_state(i, cooling, n)
        x[at] = w[ly.H_OLD, i]
        x[ly.wall_in_state(at, n)] = w[ly.T_OLD, i]
    for i in range(n):
        x[ly.CELLS + 4 * n + 6 + i] = w[ly.WATER_OLD, i]


@njit
def _returning(sat: Array, h: float, rho: float, h_next: float) -> float:
    """Enthalpy that returns into a volume (h, rho) from its neighbour h_next with reversed flow.

    At one trial pressure, subcooled liquid drawn back into a boiling volume would collapse its vapour and so
    draw more: the sweep has two solutions if h - h_next exceeds latent heat / (rho dv). Half of that is the
    most let through in one step; what is held back stays with the neighbour, so nothing is lost.
    """
    reach = 0.5 * (sat[tb.H_VAP] - sat[tb.H_LIQ]) / (rho * (1.0 / sat[tb.RHO_VAP] - 1.0 / sat[tb.RHO_LIQ]))
    if h > sat[tb.H_LIQ] - reach:
        return max(h_next, h - reach)
    return h_next


@njit
def _reach(fluid: Table, sat: Array, h: float) -> float:
    """rho / (drho/dh) of vapour of enthalpy h, J/kg, sign dropped: by a difference quotient."""
    rho = tb.state(fluid, sat, h)[2]
    return 1e3 / (rho / tb.state(fluid, sat, h + 1e3)[2] - 1.0)


@njit
def least(fluid: Table, sat: Array, h: float, rho: float) -> float:
    """Least enthalpy at which an inflow mixes at once with a volume (h, rho).

    Liquid colder than that would, at one trial pressure, shrink the vapour there by more than its own
    volume: the volume would pass on less the more came in, and the sweep have several solutions or none. What
    it is colder, the volume takes up later (`circuit.MIXING`): liquid that runs under vapour neither
    condenses it nor boils in it at once. The shrinkage rho dv/dh (h - h_in) is held under
    AT_ONCE all the way to the mixture.
    """
    h_liq, h_vap = sat[tb.H_LIQ], sat[tb.H_VAP]
    if h <= h_liq:
        return -NEVER
    if h <= h_vap:
        return h - AT_ONCE * (h - h_liq) / max(1.0 - rho / sat[tb.RHO_LIQ], 1e-3)
    wet = (h_vap - h_liq) / (1.0 - sat[tb.RHO_VAP] / sat[tb.RHO_LIQ])
    most = max(h_vap - AT_ONCE * min(wet, _reach(fluid, sat, h_vap)), h - AT_ONCE * _reach(fluid, sat, h))
    # Between the two ends gas is smooth, and not quite straight.
    mid = 0.5 * (h_vap + h)
    return max(most, mid - AT_ONCE * _reach(fluid, sat, mid))


@njit
def mirror(w: Array, s: Array, n: int) -> None:
    """HELD into the chain laid the other way round: from the direction that `s` names."""
    w[ly.HELD_OLD, :] = w[ly.HELD_OLD, ::-1].copy()
    i = n if s[ly.S_COOLING] > 0.0 else n + 1
    line = w[ly.HELD_OLD, i + 1]
    w[ly.HELD_OLD, i + 1] = w[ly.HELD_OLD, i]
    w[ly.HELD_OLD, i] = line


@njit
def returns(par: Record, fluid: Table, w: Array, s: Array, sats: Array, low: int) -> None:
    """Fill BACK, and what the reversing valve's ports hold, from the state at the step's start."""
    shell, cells = low + 1, w.shape[1]
    # What flows back out of the vessel's inlet is vapour, whatever lies at the bottom.
    s[ly.S_H_BACK] = max(s[ly.S_H_ACC_OLD], sats[ly.S][tb.H_VAP])
    s[ly.S_H_GAS_C] = w[ly.OUT_OLD, shell]
    s[ly.S_H_GAS_E] = w[ly.OUT_OLD, low - 1]
    s[ly.S_RHO_D] = tb.state(fluid, sats[ly.D], w[ly.OUT_OLD, shell])[2]
    # The port of C holds gas from the shell, or what flows back out of C.
    out_of_c = w[ly.FLOW_OLD, shell + 1] < 0.0
    s[ly.S_H_PORT_C] = w[ly.OUT_OLD, shell + 1] if out_of_c else w[ly.OUT_OLD, shell]
    s[ly.S_RHO_C] = s[ly.S_RHO_D]
    if out_of_c:
        s[ly.S_RHO_C] = tb.state(fluid, sats[ly.C], w[ly.OUT_OLD, shell + 1])[2]
    t_d = tb.state(fluid, sats[ly.D], w[ly.H_OLD, shell])[0]
    t_s = tb.state(fluid, sats[ly.S], w[ly.H_OLD, low])[0]
    s[ly.S_BODY_W] = par.rv_body_ua * (t_d - t_s)
    for i in range(cells):
        sat = sats[_role(i, low)]
        if i == low:
            h_next = s[ly.S_H_BACK]
        elif i == cells - 1:
            # Into the last cell it is the liquid of E that returns, through the expansion valve.
            h_next = w[ly.OUT_OLD, 0]
        elif i == low - 1 and s[ly.S_M_DE] > 0.0:
            # Gas of the shell, through the crossed passage, and of the suction line what that does not bring.
            share = min(s[ly.S_M_DE] / max(-s[ly.S_M_E], 1e-9), 1.0)
            h_next = share * w[ly.OUT_OLD, shell] + (1.0 - share) * w[ly.OUT_OLD, low]
        elif i == shell and s[ly.S_M_DE] < 0.0:
            # Gas of E through the crossed passage, and of C.
            back = min(s[ly.S_M_DC] + s[ly.S_M_DS] + s[ly.S_M_DE], -1e-9)
            share = min(s[ly.S_M_DE] / back, 1.0)
            h_next = share * s[ly.S_H_GAS_E] + (1.0 - share) * w[ly.OUT_OLD, shell + 1]
        else:
            h_next = w[ly.OUT_OLD, i + 1]
        rho = w[ly.MASS_OLD, i] / w[ly.VOLUME, i]
        w[ly.BACK, i] = _returning(sat, w[ly.H_OLD, i], rho, h_next)
        h = w[ly.H_OLD, i]
        if h > sat[tb.H_LIQ if w[ly.WET, i] > 0.0 else tb.H_VAP]:
            # Superheated vapour, and all of a vessel's, shrinks more steeply than the dome's: half that, too.
            w[ly.BACK, i] = max(w[ly.BACK, i], h - 0.5 * _reach(fluid, sat, max(h, sat[tb.H_VAP])))
        before = s[ly.S_H_LINE] if i == 0 else w[ly.OUT_OLD, i - 1]
        # Vapour runs into the volume: nothing to hold up.
        gas = before > sat[tb.H_VAP]
        w[ly.LEAST, i] = -NEVER if gas else least(fluid, sat, w[ly.H_OLD, i], rho)


@njit
def charge(w: Array, s: Array) -> float:
    """Refrigerant in the circuit, kg, with what the last step still owes."""
    total = s[ly.S_MASS_ACC_OLD] + s[ly.S_DEBT] + s[ly.S_OIL_KG]
    for i in range(w.shape[1]):
        total += w[ly.MASS_OLD, i]
    return total


@njit
def energy(par: Record, w: Array, s: Array, v: Array, f: Array, n: int) -> float:
    """Energy stored in refrigerant, walls, frost, shell and water, J."""
    low = ly.low_cells(s[ly.S_COOLING] > 0.0, n)
    total = s[ly.S_MASS_ACC_OLD] * s[ly.S_H_ACC_OLD] - par.acc_volume * v[ly.V_START, ly.S]
    if par.oil_mass > 0.0:
        total += oil.stored(par, s[ly.S_OIL_KG], s[ly.S_OIL_T])
    # The debt will enter E with the enthalpy in front of the expansion valve.
    total += s[ly.S_DEBT] * s[ly.S_H_LINE]
    for i in range(w.shape[1]):
        total += w[ly.MASS_OLD, i] * w[ly.H_OLD, i] - w[ly.VOLUME, i] * v[ly.V_START, _role(i, low)]
        total += w[ly.CAPACITY, i] * w[ly.T_OLD, i] - w[ly.HELD_OLD, i]
    if par.indoor_air == 0.0:
        for i in range(n):
            total += par.water_volume / n * 1000.0 * outside.CP_WATER * w[ly.WATER_OLD, i]
    else:
        total += coil.stored(outside.room_coil(par, f, n), n * coil.rows_of(par.room))[2]
    return total + coil.stored(f, n * coil.rows_of(par))[2]


@njit
def _profiles(fluid: Table, w: Array, sats: Array, low: int, dt: float) -> None:
    """OFFSET of the exchangers' cells for the next step, towards what the accepted step's profile has."""
    for i in range(w.shape[1]):
        if w[ly.SLIPS, i] == 0.0:
            continue
        sat = sats[_role(i, low)]
        m, now = w[ly.FLOW, i], w[ly.OFFSET, i]
        target = content.offset(
            fluid, sat, sat[tb.SLIP] * w[ly.SLIPS, i], m, w[ly.IN, i], w[ly.H, i] - now, w[ly.T, i],
            w[ly.OUTER, i], w[ly.K_BOIL, i], w[ly.K_COND, i], w[ly.K_VAP, i], w[ly.K_LIQ, i],
        )  # fmt: skip
        outlet = w[ly.H, i] - now
        now = content.follow(now, target, w[ly.MASS, i], m, dt)
        if outlet < sat[tb.H_VAP]:
            now = max(min(now, content.most(sat, outlet)), content.least(sat, w[ly.H, i]))
        w[ly.OFFSET, i] = now


@njit
def commit(
    par: Record,
    fluid: Table,
    u: Array,
    w: Array,
    s: Array,
    sats: Array,
    v: Array,
    f: Array,
    n: int,
    dt: float,
) -> None:
    """Close the books of an accepted step: coil, water, boundary heat, debt; the new state is the old."""
    cooling = s[ly.S_COOLING] > 0.0
    e_in = outside.close(par, u, w, s, f, n, cooling, 1.0 / dt) + s[ly.S_LOSS_W] + u[ly.CRANKCASE]
    if s[ly.S_M_S] > 0.0:
        e_in += s[ly.S_M_S] * (s[ly.S_PORT_H] - s[ly.S_H_SUCTION])
    e_in -= s[ly.S_LEAK_W]
    s[ly.S_LEAKED_KG] += s[ly.S_LEAK] * dt
    s[ly.S_ENERGY_IN] += e_in * dt
    s[ly.S_THROUGHPUT] += (abs(s[ly.S_AIR_W]) + abs(s[ly.S_INDOOR_W]) + s[ly.S_COMP_W]) * dt
    s[ly.S_DEBT] = (s[ly.S_M_C] - s[ly.S_M_EEV]) * dt
    s[ly.S_M_LOW_LAG] = s[ly.S_M_EEV]
    s[ly.S_M_HIGH_LAG] = s[ly.S_M_COMP]
    s[ly.S_M_COND_LAG] = s[ly.S_M_DC]
    s[ly.S_MASS_ACC_OLD] = s[ly.S_MASS_ACC]
    s[ly.S_H_ACC_OLD] = s[ly.S_H_ACC]
    if par.oil_mass > 0.0:
        s[ly.S_OIL_KG], s[ly.S_OIL_T] = s[ly.S_OIL_KG_NEW], s[ly.S_OIL_T_NEW]
        if u[ly.SPEED] > 0.0:
            s[ly.S_FOAM] += max(s[ly.S_OIL_M], 0.0) * dt
    _profiles(fluid, w, sats, ly.low_cells(cooling, n), dt)
    w[ly.H_OLD, :] = w[ly.H, :]
    w[ly.T_OLD, :] = w[ly.T, :]
    w[ly.MASS_OLD, :] = w[ly.MASS, :]
    w[ly.OUT_OLD, :] = w[ly.OUT, :]
    w[ly.FLOW_OLD, :] = w[ly.FLOW, :]
    w[ly.HELD_OLD, :] = w[ly.HELD, :]
    w[ly.WATER_OLD, :n] = w[ly.WATER, :n]
    for role in range(4):
        v[ly.V_RATE, role] = (v[ly.V_P, role] - v[ly.V_START, role]) / dt
        v[ly.V_START, role] = v[ly.V_P, role]
    returns(par, fluid, w, s, sats, ly.low_cells(cooling, n))
