"""The circuit over one step: a sweep along the direction of flow, from valve to valve.

For trial pressures of the four nodes the sweep follows the flow from the expansion valve through role E, the
suction side, the compressor's shell and role C. Flows are carried on by continuity, so mass is exact for any
trial; each device's own law gives one residual: reversing valve E to S, compressor, reversing valve D to C,
expansion valve. What a reversing valve lets through beside (its leak, and all four passages half way) follows
from its law. Four unknowns, O(N), no matrix of cells.
"""

from isentrope_sim.components import accumulator, air, cell, compressor, eev, liquid_line, receiver, reversing
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

# s, own choice, an eddy's turn in a tube at some cm/s: time in which liquid takes up vapour around it.
MIXING = 0.5
LEAK_FADES = 1e4  # Pa over the air's pressure, own choice: below it a leak fades out
# J/kg, own choice: some 15 K under the end of the tables, far from any machine with its limits in force.
TABLE_END = 2e4


@njit
def valve_flow(
    par: Record,
    fluid: Table,
    sat_e: Array,
    sat_c: Array,
    h_c: float,
    h_e: float,
    opening: float,
    inert: float,
) -> float:
    """Flow through the expansion valve from C to E, kg/s, by the state of the side it comes from.

    h_c, h_e: enthalpies, J/kg, in front of the valve on either side; inert: of air in C, Pa.
    """
    dp = sat_c[tb.P] + inert - sat_e[tb.P]
    sat, h = (sat_c, h_c) if dp >= 0.0 else (sat_e, h_e)
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
    return per_root * eev.root(rho, dp)


@njit
def line_flow(
    par: Record, fluid: Table, sats: Array, h_c: float, h_e: float, opening: float, s: Array
) -> float:
    """Flow from C to E, kg/s, through valve, filter-drier and line, which lie at the indoor exchanger."""
    cooling = s[ly.S_COOLING] > 0.0
    head = -s[ly.S_HEAD] if cooling else s[ly.S_HEAD]
    p_c = sats[ly.C, tb.P] + s[ly.S_INERT] + head
    p_e = sats[ly.E, tb.P]
    forward = p_c >= p_e
    h = h_c if forward else h_e
    rho = tb.state(fluid, sats[ly.E if cooling else ly.C], h)[2]
    up, down = (p_c, p_e) if forward else (p_e, p_c)
    m = liquid_line.in_series(
        par, fluid, sats[ly.SAT_PORT], h, opening, up, down, rho, s[ly.S_RESISTANCE], forward != cooling
    )
    return m if forward else -m


@njit
def compressor_at(
    par: Record,
    fluid: Table,
    sats: Array,
    h_suction: float,
    h_shell: float,
    t_shell: float,
    rpm_s: float,
    s: Array,
) -> float:
    """Compressor between S and D; fills its scalars and returns the net flow, kg/s.

    h_shell: of the shell's gas, J/kg; t_shell: of its wall, K.
    """
    p_line, p_d = sats[ly.S, tb.P], sats[ly.D, tb.P]
    rho_s = tb.state(fluid, sats[ly.S], h_suction)[2]
    p_s = max(p_line - compressor.suction_drop(par, rho_s, rpm_s), 0.5 * p_line)
    tb.saturation(fluid, p_s, sats[ly.SAT_PORT])
    rho_d = tb.state(fluid, sats[ly.D], h_shell)[2]
    m, _pumped, gas, loss, electric, _work, heating = compressor.compress(
        par, fluid, sats[ly.SAT_PORT], sats[ly.D], p_s, p_d, h_suction, rho_d, t_shell, rpm_s
    )
    s[ly.S_M_COMP] = m
    s[ly.S_LOSS_W] = loss
    s[ly.S_COMP_W] = electric
    s[ly.S_P_SUCTION] = p_s
    # Work reaches the gas it is done on; with hardly any gas it heats the shell instead. What suction gas
    # took from the shell comes with it.
    share = max(m, 0.0) / (max(m, 0.0) + 1e-5)
    taken = share * (gas + heating)
    if m > 0.0:
        # Gas hotter than the tables reach, of a compressor that draws on a shut valve, heats the cylinder.
        taken = min(taken, max(fluid.meta[tb.H_MAX] - TABLE_END - h_suction, 0.0) * m)
    s[ly.S_PORT_H] = h_suction + (taken / m if m > 0.0 else 0.0)
    s[ly.S_LOSS_W] += gas - taken if m > 0.0 else gas
    return m


@njit
def passages(par: Record, s: Array, cooling: bool) -> None:
    """Areas, m2, of the reversing valve's passages at the slide's position, along the direction of flow."""
    crossed = 1.0 - s[ly.S_Z] if cooling else s[ly.S_Z]
    along = reversing.opening(crossed, par.rv_mid_opening)
    across = reversing.opening(1.0 - crossed, par.rv_mid_opening)
    s[ly.S_AREA_E] = along * par.rv_suction_area
    s[ly.S_AREA_D] = along * par.rv_discharge_area
    s[ly.S_CROSS_E] = across * par.rv_discharge_area
    s[ly.S_CROSS_C] = across * par.rv_suction_area


@njit
def by_passes(par: Record, sats: Array, s: Array) -> None:
    """Flows beside the way round, kg/s: D to S (leak), D to E and C to S (slide not at its seat)."""
    p_e, p_s, p_d, p_c = sats[ly.E, tb.P], sats[ly.S, tb.P], sats[ly.D, tb.P], sats[ly.C, tb.P]
    p_c += s[ly.S_INERT]
    s[ly.S_M_DS] = reversing.flow(p_d - p_s, s[ly.S_RHO_D], par.rv_leak_area)
    s[ly.S_M_DE] = reversing.flow(p_d - p_e, s[ly.S_RHO_D], s[ly.S_CROSS_E])
    s[ly.S_M_CS] = reversing.flow(p_c - p_s, s[ly.S_RHO_C], s[ly.S_CROSS_C])


@njit
def sweep(
    fluid: Table,
    sat: Array,
    w: Array,
    first: int,
    end: int,
    inv_dt: float,
    dp_dt: float,
    m_in: float,
    h_in: float,
    extra: float,
    star_extra: float,
    h_beyond: float,
) -> float:
    """Chain cells first to end - 1 at a trial pressure; the flow out of the last one.

    h_in, J/kg: of what enters the first cell, or leaves it backwards; h_beyond: of what would come back into
    the last; extra, W: energy into the first cell beside m_in h_in; star_extra, W: into its wall.
    """
    for i in range(first, end):
        if i > first:
            h_in = w[ly.OUT, i - 1] if m_in >= 0.0 else w[ly.BACK, i - 1]
        star = w[ly.STAR, i] + star_extra / w[ly.G, i]
        volume = w[ly.VOLUME, i]
        pay = w[ly.HELD_OLD, i] * inv_dt / (1.0 + MIXING * inv_dt)
        held = w[ly.HELD_OLD, i] * inv_dt - pay
        extra -= pay
        if m_in > 0.0 and h_in < w[ly.LEAST, i]:
            held += m_in * (w[ly.LEAST, i] - h_in)
            h_in = w[ly.LEAST, i]
        w[ly.HELD, i] = held / inv_dt
        h_next = h_beyond if i == end - 1 else w[ly.BACK, i]
        if w[ly.WET, i] > 0.0:
            h, h_out, mass, wall, m_out, _q = receiver.solve_receiver(
                fluid,
                sat,
                inv_dt,
                volume,
                dp_dt + extra / volume,
                w[ly.MASS_OLD, i],
                w[ly.H_OLD, i],
                h_next,
                m_in,
                h_in,
                w[ly.H, i],
                star,
                w[ly.G, i],
                w[ly.K_LIQ, i],
                w[ly.DRY, i],
                w[ly.WET, i],
            )
        else:
            h, h_out, _t, mass, wall, m_out, _q = cell.solve_cell(
                fluid,
                sat,
                inv_dt,
                volume,
                dp_dt + extra / volume,
                w[ly.MASS_OLD, i],
                w[ly.H_OLD, i],
                h_next,
                m_in,
                h_in,
                w[ly.H, i],
                star,
                w[ly.G, i],
                w[ly.OUTER, i],
                w[ly.STREAM, i],
                w[ly.K_BOIL, i],
                w[ly.K_COND, i],
                w[ly.K_VAP, i],
                w[ly.K_LIQ, i],
                sat[tb.SLIP] * w[ly.SLIPS, i] if w[ly.SLIPS, i] > 0.0 else 1.0,
                w[ly.OFFSET, i],
            )
        w[ly.IN, i] = h_in
        w[ly.H, i] = h
        w[ly.OUT, i] = h_out
        w[ly.T, i] = wall
        w[ly.MASS, i] = mass
        w[ly.FLOW, i] = m_in
        m_in = m_out
        extra = star_extra = 0.0
    return m_in


@njit
def _evaporating(
    par: Record, fluid: Table, u: Array, w: Array, s: Array, sats: Array, v: Array, inv_dt: float, low: int
) -> None:
    """Expansion valve and role E; their flows and enthalpies into s."""
    last = w.shape[1] - 1
    h_line = s[ly.S_H_LINE]
    if s[ly.S_RESISTANCE] > 0.0:
        m_eev = line_flow(par, fluid, sats, h_line, w[ly.OUT_OLD, 0], u[ly.EEV_OPENING], s)
    else:
        m_eev = valve_flow(
            par, fluid, sats[ly.E], sats[ly.C], h_line, w[ly.OUT_OLD, 0], u[ly.EEV_OPENING], s[ly.S_INERT]
        )
    s[ly.S_M_EEV] = m_eev
    # What the last step left over enters here, so that the charge is exact whatever the tolerance.
    m_valve = m_eev + s[ly.S_DEBT] * inv_dt
    # Nothing escapes into air of the same pressure.
    leak = par.leak_kg_s * min(max((v[ly.V_START, ly.E] - air.PRESSURE) / LEAK_FADES, 0.0), 1.0)
    m_in = m_valve - leak
    dp_dt = (sats[ly.E, tb.P] - v[ly.V_START, ly.E]) * inv_dt
    h_in = h_line if m_in >= 0.0 else w[ly.BACK, last]
    s[ly.S_LEAK] = leak
    s[ly.S_LEAK_W] = m_valve * (h_line if m_valve >= 0.0 else w[ly.BACK, last]) - m_in * h_in
    m = sweep(fluid, sats[ly.E], w, 0, low, inv_dt, dp_dt, m_in, h_in, 0.0, 0.0, w[ly.BACK, low - 1])
    s[ly.S_M_E] = m
    s[ly.S_H_E] = w[ly.OUT, low - 1] if m >= 0.0 else w[ly.BACK, low - 1]
    s[ly.S_RHO_E] = tb.state(fluid, sats[ly.E], w[ly.OUT, low - 1])[2]


@njit
def _suction(
    par: Record, fluid: Table, w: Array, s: Array, sats: Array, v: Array, inv_dt: float, low: int
) -> float:
    """Gas port of E, suction line, accumulator and compressor's suction; the flow the valve's law misses."""
    h_de = s[ly.S_H_GAS_C] if s[ly.S_M_DE] >= 0.0 else s[ly.S_H_GAS_E]
    h_cs = s[ly.S_H_BACK] if s[ly.S_M_CS] < 0.0 else s[ly.S_H_PORT_C]
    m_es = s[ly.S_M_E] + s[ly.S_M_DE]
    # A sump in suction gas gives to it and takes from it; another to the shell's gas.
    low_side = par.oil_low_side > 0.0
    oil_m = s[ly.S_OIL_M] if low_side else 0.0
    m_in = m_es + s[ly.S_M_DS] + s[ly.S_M_CS] + oil_m
    heat = (
        s[ly.S_M_E] * s[ly.S_H_E] + s[ly.S_M_DE] * h_de + s[ly.S_M_DS] * s[ly.S_H_GAS_C] + s[ly.S_M_CS] * h_cs
    )
    h_in = w[ly.BACK, low - 1]
    if m_in >= 0.0:
        # The mean of what runs in: the least of its parts may be a trickle that has just turned round.
        part_e, part_d, part_c = max(s[ly.S_M_E], 0.0), max(s[ly.S_M_DE], 0.0), max(s[ly.S_M_CS], 0.0)
        parts = part_e + part_d + part_c
        h_in = s[ly.S_H_E]
        if parts > 0.0:
            h_in = (part_e * s[ly.S_H_E] + part_d * h_de + part_c * h_cs) / parts
    extra = heat - m_in * h_in + s[ly.S_BODY_W]
    if low_side:
        extra += s[ly.S_OIL_W]
    dp_dt = (sats[ly.S, tb.P] - v[ly.V_START, ly.S]) * inv_dt
    m = sweep(fluid, sats[ly.S], w, low, low + 1, inv_dt, dp_dt, m_in, h_in, extra, 0.0, w[ly.BACK, low])
    s[ly.S_M_LINE] = m
    h_in = w[ly.OUT, low] if m >= 0.0 else w[ly.BACK, low]
    h, rho, m_out, h_out = accumulator.solve_accumulator(
        par,
        fluid,
        sats[ly.S],
        inv_dt,
        dp_dt,
        s[ly.S_MASS_ACC_OLD],
        s[ly.S_H_ACC_OLD],
        m,
        h_in,
        w[ly.OUT_OLD, low + 1],
        s[ly.S_M_HIGH_LAG],
        s[ly.S_H_ACC],
    )
    s[ly.S_H_ACC] = h
    s[ly.S_MASS_ACC] = rho * par.acc_volume
    s[ly.S_H_SUCTION] = h_out
    s[ly.S_M_S] = m_out
    return m_es


@njit
def _condensing(
    par: Record, fluid: Table, u: Array, w: Array, s: Array, sats: Array, v: Array, inv_dt: float, low: int
) -> float:
    """Shell, gas port of C, role C; the flow through the valve D to C. Flow out of C into s."""
    shell, end = low + 1, w.shape[1]
    dp_dt = (sats[ly.D, tb.P] - v[ly.V_START, ly.D]) * inv_dt
    m_in = s[ly.S_M_S]
    h_in = s[ly.S_PORT_H] if m_in >= 0.0 else w[ly.OUT_OLD, shell]
    heat, extra = s[ly.S_LOSS_W] + u[ly.CRANKCASE], -s[ly.S_BODY_W]
    if par.oil_mass > 0.0:
        heat = s[ly.S_LOSS_W] + s[ly.S_OIL_WALL_W]
        if par.oil_low_side == 0.0:
            extra += s[ly.S_OIL_W] - s[ly.S_OIL_M] * h_in
            m_in += s[ly.S_OIL_M]
    m_d = sweep(
        fluid,
        sats[ly.D],
        w,
        shell,
        shell + 1,
        inv_dt,
        dp_dt,
        m_in,
        h_in,
        extra,
        heat,
        w[ly.BACK, shell],
    )
    h_d = w[ly.OUT, shell] if m_d >= 0.0 else w[ly.BACK, shell]
    s[ly.S_RHO_OUT] = tb.state(fluid, sats[ly.D], w[ly.OUT, shell])[2]
    h_de = s[ly.S_H_GAS_C] if s[ly.S_M_DE] >= 0.0 else s[ly.S_H_GAS_E]
    h_cs = s[ly.S_H_BACK] if s[ly.S_M_CS] < 0.0 else s[ly.S_H_PORT_C]
    m_dc = m_d - s[ly.S_M_DS] - s[ly.S_M_DE]
    s[ly.S_M_DC] = m_dc
    m_in = m_dc - s[ly.S_M_CS]
    energy = m_d * h_d - s[ly.S_M_DS] * s[ly.S_H_GAS_C] - s[ly.S_M_DE] * h_de - s[ly.S_M_CS] * h_cs
    h_in = h_d if m_in >= 0.0 else w[ly.OUT_OLD, shell + 1]
    extra = energy - m_in * h_in
    dp_dt = (sats[ly.C, tb.P] - v[ly.V_START, ly.C]) * inv_dt
    # Only reversed pressures bring liquid of E back; a trial flow's sign must not.
    h_beyond = w[ly.BACK, end - 1] if s[ly.S_M_EEV] < 0.0 else w[ly.OUT_OLD, end - 1]
    s[ly.S_M_C] = sweep(fluid, sats[ly.C], w, shell + 1, end, inv_dt, dp_dt, m_in, h_in, extra, 0.0, h_beyond)
    return m_dc


@njit
def residual(
    par: Record,
    fluid: Table,
    u: Array,
    w: Array,
    s: Array,
    sats: Array,
    v: Array,
    n: int,
    inv_dt: float,
    out: int,
) -> None:
    """Sweep the circuit at the trial pressures v[V_P]; residuals into v[out] by role.

    E, D: pressure drop, Pa, that the reversing valve's law asks beyond what it has; S, C: flow, kg/s, left
    over at compressor and expansion valve.
    """
    low = ly.low_cells(s[ly.S_COOLING] > 0.0, n)
    for role in range(4):
        tb.saturation(fluid, v[ly.V_P, role], sats[role])
    by_passes(par, sats, s)
    _evaporating(par, fluid, u, w, s, sats, v, inv_dt, low)
    m_es = _suction(par, fluid, w, s, sats, v, inv_dt, low)
    h_shell, t_shell = w[ly.H_OLD, low + 1], w[ly.T_OLD, low + 1]
    m = compressor_at(par, fluid, sats, s[ly.S_H_SUCTION], h_shell, t_shell, u[ly.SPEED], s)
    m_dc = _condensing(par, fluid, u, w, s, sats, v, inv_dt, low)
    # The valve's inlet enthalpy is closed with the pressures (`newton`); what it misses is part of the test.
    h_line = w[ly.OUT, w.shape[1] - 1]
    s[ly.S_LINE_MOVED] = abs(h_line - s[ly.S_H_LINE])
    s[ly.S_H_LINE] = h_line
    p = v[ly.V_P]
    v[out, ly.E] = reversing.drop(m_es, s[ly.S_RHO_E], s[ly.S_AREA_E]) - (p[ly.E] - p[ly.S])
    v[out, ly.S] = s[ly.S_M_S] - m
    v[out, ly.D] = reversing.drop(m_dc, s[ly.S_RHO_OUT], s[ly.S_AREA_D]) - (p[ly.D] - p[ly.C] - s[ly.S_INERT])
    v[out, ly.C] = s[ly.S_M_C] - s[ly.S_M_EEV]
