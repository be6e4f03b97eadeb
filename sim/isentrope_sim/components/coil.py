"""The air side of a fin-and-tube coil: rows of fins under each cell's wall, the fan that blows through them.

A circuit passes through all rows again and again, so the refrigerant is as far evaporated in one row as in
the next: a cell of the refrigerant's order is a strip of the coil's face with all its rows, of one wall
temperature, and the air sees the rows one after another. Dry, the rows together are the plain 1 - exp(-NTU)
of cross flow over that wall. With frost they differ: the first row sees the dampest air and closes first, and
the air turns to the strips that are less closed.

Each patch (a row in a strip) exchanges heat and vapour between the air that the row before leaves, its
surface, the deposit on it (`frost`) and the wall. `respond` gives the circuit each wall's heat and its slope;
`settle`, once the wall's new temperatures are known, books exactly the heat the circuit took.
"""

from math import exp

from isentrope_sim.components import air, frost
from isentrope_sim.components.fan import fan_point
from isentrope_sim.jit import Array, Record, njit

# Rows of array f (F_ROWS, cells * rows), patch = cell * rows + row. States: kg, J, m, K.
F_MASS, F_ENTHALPY, F_THICKNESS, F_SURFACE = range(4)
# Of the step, a patch: heat to the wall W and its slope W/K, conductances W/K, kg/s and W/K, next surface K.
F_Q, F_SLOPE, F_SENSIBLE, F_VAPOUR, F_HALF, F_NEXT = range(4, 10)
# Of the step, a patch: vapour that came, kg/s.
F_CAME = 17
# Of the step, a cell (first entries): heat to the wall W, slope W/K, at which wall temperature K, heat
# capacity flow of its air W/K; heat the refrigerant took in the last step, W; wall
# temperature before and after the step, K.
F_CELL_Q, F_CELL_SLOPE, F_AT, F_C_AIR, F_REFRIGERANT, F_WALL, F_WALL_NEW = range(10, 17)
F_ROWS = 18

# Least free part of the gap between two fins, own choice: a coil frozen shut still leaks along its edges.
FREE_MIN = 0.05
# A surface gives off less vapour than a wet one when it holds less than this, kg/m2 (own choice: 10 um of
# water).
COVERED = 0.01
# Less than this, kg/m2, has dried: a third of a molecule's layer.
DRY = 1e-7
# Surface temperatures, K, at which vapour is linearised (own choice: the ends of what Magnus' form is good
# for).
COLDEST, HOTTEST = 193.15, 393.15
# Of dew in a steady point, K (own choice).
ONSET = 0.05
# Half-width, K, of the chord that gives the slope: over the step of melting a tangent is blind.
CHORD = 0.2
# The line is drawn within NEAR, K, of the expected wall temperature, which is sought within REACH, K (own
# choice).
NEAR, REACH = 0.02, 5.0


@njit
def rows_of(par: Record) -> int:
    """Rows of tubes the air passes, as a number to count with."""
    return int(par.coil_rows + 0.5)


@njit
def patch_area(par: Record, n: int) -> float:
    """Air-side surface of one row in one strip, m2."""
    return par.fin_area / (n * rows_of(par))


@njit
def free_part(par: Record, thickness: float) -> float:
    """Free part of the gap between two fins that carry `thickness`, m, of frost on each side."""
    return max(1.0 - 2.0 * thickness / (par.fin_pitch - par.fin_thickness), FREE_MIN)


@njit
def air_flow(par: Record, fraction: float, t_air: float, f: Array, n: int) -> tuple[float, float]:
    """Share the fan's air among the strips; (air flow m3/s, fan W). Fills F_C_AIR, F_SENSIBLE, F_VAPOUR,
    F_HALF.

    fraction: the fan's input; t_air: K. In a gap s the same flow meets a pressure drop with s^-3 and a film
    with 1/s, whatever the exponents of flow, as long as friction and heat follow one Reynolds number of the
    gap. Strips stand side by side, so each takes flow in proportion to its blockage^(-2/3).
    """
    rows = rows_of(par)
    total = 0.0
    for i in range(n):
        drop = 0.0
        for j in range(i * rows, (i + 1) * rows):
            free = free_part(par, f[F_THICKNESS, j])
            drop += 1.0 / (free * free * free)
        share = (drop / rows) ** (-2.0 / 3.0) if drop > rows else 1.0
        f[F_C_AIR, i] = share
        total += share
    blockage = (total / n) ** -1.5
    part, fan_w = fan_point(par, fraction, blockage)
    flow = par.fan_flow * part
    c_air = flow * air.density(t_air) * air.CP_AIR
    area = patch_area(par, n)
    ua_clean = par.air_ua * par.air_multiplier / (n * rows)
    for i in range(n):
        share = f[F_C_AIR, i] / total
        f[F_C_AIR, i] = c_air * share
        ua = ua_clean * (part * share * n) ** par.air_exponent
        for j in range(i * rows, (i + 1) * rows):
            free = free_part(par, f[F_THICKNESS, j])
            f[F_SENSIBLE, j], f[F_VAPOUR, j] = air.exchange(ua / free, f[F_C_AIR, i])
            ice = frost.ice_mass(f[F_MASS, j], f[F_ENTHALPY, j])
            f[F_HALF, j] = frost.half_conductance(area, ice, f[F_THICKNESS, j])
    return flow, fan_w


@njit
def _surface(
    f: Array, j: int, t_in: float, w_in: float, beta: float
) -> tuple[float, float, float, float, float]:
    """(heat to the surface at 0 K W, its slope W/K, vapour kg/s, its slope kg/s/K, its enthalpy J/kg).

    beta: vapour conductance, kg/s. Heat to a surface of temperature T is the first minus the second times T;
    vapour, at the surface's last temperature, falls with T by its slope: both linear about that temperature.
    """
    t_0 = f[F_SURFACE, j]
    w, dw = air.saturated_humidity(t_0)
    h = air.vapour_enthalpy(t_0)
    vapour = beta * (w_in - w)
    fall = beta * dw
    a = f[F_SENSIBLE, j] * t_in + h * (vapour + fall * t_0)
    return a, f[F_SENSIBLE, j] + h * fall, vapour, fall, h


@njit
def _covered(f: Array, j: int, area: float) -> float:
    """Part of a surface's vapour conductance that is left when it gives vapour off: none when dry."""
    return min(f[F_MASS, j] / (COVERED * area), 1.0)


@njit
def _onset(t: float, w_in: float) -> float:
    """Part of the vapour conductance of a surface at T at rest: from none at the dew point to all at ONSET
    under it.

    A kink there, one a row and cell, would now and then leave Newton without a way on.
    """
    w, dw = air.saturated_humidity(t)
    x = min(max((w_in - w) / (dw * ONSET), 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


@njit
def _over_zero(
    x: float, mass: float, vapour: float, at_zero: float, loss: float, through: float, inv_dt: float
) -> float:
    """Temperature over 0 degC, K, of a deposit at the end of a step.

    x: W left if it were at 0 degC, stored and arriving; mass: kg/s, over the step's length; vapour: kg/s that
    arrives, at_zero if the deposit is at 0 degC, less by `through` a kelvin above; loss: W/K to both sides.
    At rest (inv_dt 0) nothing is stored: what arrives leaves as water or stays as ice, and freezing sets in
    over the first kelvin below zero (own choice: a jump would leave no steady point on it).
    """
    total = max(mass + vapour, 0.0)
    if x > 0.0:
        return x / (total * frost.C_WATER + loss)
    if inv_dt == 0.0:
        fusion = frost.FUSION * max(at_zero + through, 0.0)
        t = x / (total * frost.C_ICE + loss + fusion)
        if t > -1.0 or fusion == 0.0:
            return t
        return (x + frost.FUSION * at_zero) / (total * frost.C_ICE + loss + frost.FUSION * through)
    frozen = x + frost.FUSION * max(mass + at_zero, 0.0)
    if frozen < 0.0:
        return frozen / (total * frost.C_ICE + loss + frost.FUSION * through)
    return 0.0


@njit
def respond_cell(
    par: Record, f: Array, i: int, t_wall: float, n: int, inv_dt: float, t_air: float, w_air: float
) -> tuple[float, float]:
    """(heat to wall i at its old temperature t_wall, K; its slope W/K): see `respond`."""
    rows = rows_of(par)
    area = patch_area(par, n)
    t_in, w_in, dt_in, dw_in = t_air, w_air, 0.0, 0.0  # and how they follow this wall's temperature
    c = f[F_C_AIR, i]
    wall = t_wall - frost.ZERO
    total, total_slope = 0.0, 0.0
    for j in range(i * rows, (i + 1) * rows):
        half, beta = f[F_HALF, j], f[F_VAPOUR, j]
        mass = f[F_MASS, j] * inv_dt
        if inv_dt == 0.0:
            beta *= _onset(f[F_SURFACE, j], w_in)
        for attempt in range(2):
            a, b, vapour, fall, h = _surface(f, j, t_in, w_in, beta)
            part = half / (b + half)
            at_zero = vapour - fall * ((a + half * frost.ZERO) / (b + half) - f[F_SURFACE, j])
            loss, through = b * part + half, fall * part
            x = f[F_ENTHALPY, j] * inv_dt + part * (a - b * frost.ZERO) + half * wall
            t = _over_zero(x, mass, vapour, at_zero, loss, through, inv_dt)
            surface = (a + half * (t + frost.ZERO)) / (b + half)
            came = vapour - fall * (surface - f[F_SURFACE, j])
            covered = _covered(f, j, area)
            # Whether vapour comes or goes is seen at the end: a surface about to get wet has no other answer.
            if attempt > 0 or came >= 0.0 or covered == 1.0 or inv_dt == 0.0:
                break
            beta *= covered
        da = f[F_SENSIBLE, j] * dt_in + h * beta * dw_in
        dx = CHORD * (half + part * da)
        dz = CHORD * (beta * dw_in - fall * da / (b + half))
        up = _over_zero(x + dx, mass, vapour, at_zero + dz, loss, through, inv_dt)
        down = _over_zero(x - dx, mass, vapour, at_zero - dz, loss, through, inv_dt)
        dt = (up - down) / (2.0 * CHORD)
        f[F_Q, j] = half * (t - wall)
        f[F_SLOPE, j] = half * (dt - 1.0)
        total += f[F_Q, j]
        total_slope += f[F_SLOPE, j]
        d_surface = (da + half * dt) / (b + half)
        f[F_NEXT, j] = surface
        f[F_CAME, j] = came
        t_out = t_in - f[F_SENSIBLE, j] * (t_in - surface) / c
        dt_in -= f[F_SENSIBLE, j] * (dt_in - d_surface) / c
        w_in -= came * air.CP_AIR / c
        dw_in -= (beta * dw_in - fall * d_surface) * air.CP_AIR / c
        t_in = t_out
    return total, total_slope


@njit
def sensible_conductance(par: Record, f: Array, i: int) -> float:
    """From wall i through deposit and rows to the air, W/K, without vapour and melting; after `air_flow`.

    Each row passes to the next what its own exchange leaves of the air's temperature difference to the wall.
    """
    rows = rows_of(par)
    c, left = f[F_C_AIR, i], 1.0
    for j in range(i * rows, (i + 1) * rows):
        g, half = f[F_SENSIBLE, j], f[F_HALF, j]
        left *= 1.0 - g * half / ((g + half) * c)
    return c * (1.0 - left)


@njit
def respond(
    par: Record, f: Array, n: int, inv_dt: float, t_air: float, w_air: float, capacity: float
) -> None:
    """Linearise each wall's heat: F_CELL_Q at the temperature F_AT, K, and its slope F_CELL_SLOPE, W/K.

    F_WALL holds the walls at the step's start; w_air: humidity ratio; inv_dt: 1/s; capacity: of one wall,
    J/K. `air_flow` comes before.
    Melting and freezing hold a wall at 0 degC as long as there is something to melt or freeze, so the line is
    drawn where the wall would end with the last step's heat to the refrigerant, not where it starts.
    """
    c = capacity * inv_dt
    for i in range(n):
        t = f[F_WALL, i]
        low, high = t - REACH, t + REACH
        for _ in range(20):
            q, slope = respond_cell(par, f, i, t, n, inv_dt, t_air, w_air)
            miss = c * (t - f[F_WALL, i]) - q + f[F_REFRIGERANT, i]
            if miss > 0.0:
                high = t
            else:
                low = t
            f[F_CELL_Q, i], f[F_CELL_SLOPE, i], f[F_AT, i] = q, slope, t
            new = t - miss / (c - slope)
            if abs(new - t) < NEAR or high - low < NEAR:
                break
            t = new if low < new < high else 0.5 * (low + high)


@njit
def settle(
    par: Record, f: Array, n: int, dt: float, t_air: float, w_air: float, capacity: float
) -> tuple[float, float, float, float]:
    """Book a step of dt, s, whose walls went from F_WALL to F_WALL_NEW, after `respond` with this air.

    Returns heat the air gave, sensible and with its vapour, W; vapour that came, kg/s (negative: evaporated);
    water that drained, kg/s, and its enthalpy, W. Mass and enthalpy close exactly.
    """
    rows = rows_of(par)
    area = patch_area(par, n)
    rho_air = air.density(t_air)
    drains = 1.0 - exp(-dt / par.drain_time)
    inv_dt = 1.0 / dt
    air_w, came, drained, drained_w = 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        t_in, w_in = t_air, w_air
        c = f[F_C_AIR, i]
        change = f[F_WALL_NEW, i] - f[F_AT, i]
        q = f[F_CELL_Q, i] + f[F_CELL_SLOPE, i] * change
        f[F_REFRIGERANT, i] = q - capacity * (f[F_WALL_NEW, i] - f[F_WALL, i]) * inv_dt
        for j in range(i * rows, (i + 1) * rows):
            q = f[F_Q, j] + f[F_SLOPE, j] * change
            half, beta = f[F_HALF, j], f[F_VAPOUR, j]
            mass, enthalpy = f[F_MASS, j], f[F_ENTHALPY, j]
            covered = _covered(f, j, area)
            for attempt in range(2):
                a, b, vapour, fall, h = _surface(f, j, t_in, w_in, beta)
                part = half / (b + half)
                at_zero = vapour - fall * ((a + half * frost.ZERO) / (b + half) - f[F_SURFACE, j])
                x = enthalpy * inv_dt + part * (a - b * frost.ZERO) - q
                t = _over_zero(x, mass * inv_dt, vapour, at_zero, b * part, fall * part, inv_dt) + frost.ZERO
                surface = (a + half * t) / (b + half)
                heat = a - b * surface
                vapour -= fall * (surface - f[F_SURFACE, j])
                if attempt > 0 or vapour >= 0.0 or covered == 1.0:
                    break
                beta *= covered
            surface = min(max(surface, COLDEST), HOTTEST)
            ice_old = frost.ice_mass(mass, enthalpy)
            if mass + vapour * dt <= (DRY * area if vapour < 0.0 else 0.0):
                # Dry, or dries in this step: what is left of the deposit's heat goes to the air.
                vapour = -mass * inv_dt
                heat = q - enthalpy * inv_dt
                mass = enthalpy = 0.0
            else:
                mass += vapour * dt
                enthalpy += (heat - q) * dt
            ice = frost.ice_mass(mass, enthalpy)
            if ice > 0.0 or f[F_THICKNESS, j] > 0.0:
                f[F_THICKNESS, j] = _grown(
                    par, f, j, area, ice_old, ice, vapour, dt, heat, surface, t, rho_air
                )
            excess = mass - ice - par.retained_water * area
            if excess > 0.0:
                out = excess * drains
                out_j = enthalpy / mass * out if enthalpy > 0.0 else 0.0
                mass -= out
                enthalpy -= out_j
                drained += out * inv_dt
                drained_w += out_j * inv_dt
            f[F_MASS, j], f[F_ENTHALPY, j], f[F_SURFACE, j], f[F_CAME, j] = mass, enthalpy, surface, vapour
            air_w += heat
            came += vapour
            t_in -= (heat - h * vapour) / c
            w_in -= vapour * air.CP_AIR / c
    return air_w, came, drained, drained_w


@njit
def _grown(
    par: Record,
    f: Array,
    j: int,
    area: float,
    ice_old: float,
    ice: float,
    vapour: float,
    dt: float,
    heat: float,
    surface: float,
    t: float,
    rho_air: float,
) -> float:
    """The layer's thickness after the step, m; vapour: kg/s; heat to the surface, W; t: the deposit's, K."""
    old = f[F_THICKNESS, j]
    into, rho_new = 0.0, frost.RHO_FIRST
    if ice > ice_old and vapour > 0.0:
        # The deposit's temperature is that of the middle of the layer.
        rho_new = frost.new_density(min(surface, frost.ZERO), min(2.0 * t - surface, frost.ZERO))
        rho = ice_old / (area * old) if old > 0.0 else rho_new
        slope = air.saturated_humidity(surface)[1]
        into = frost.inward(surface, slope, rho_air, rho, heat / area) * area * dt
    grown = frost.thickness(old, area, ice_old, ice, vapour * dt, into, rho_new)
    return min(grown, 0.5 * (1.0 - FREE_MIN) * (par.fin_pitch - par.fin_thickness))


@njit
def moisture(f: Array, patches: int) -> tuple[float, float, float]:
    """Of the vapour that came in the step: (kg/s, its latent heat W, what it keeps as water W).

    Latent heat is that of evaporation at the surface, so that air which gives off vapour loses it and the
    sensible heat; the second is the enthalpy of liquid water at the surface over 0 degC.
    """
    came, latent, kept = 0.0, 0.0, 0.0
    for j in range(patches):
        m, t = f[F_CAME, j], f[F_SURFACE, j]
        water = frost.C_WATER * (t - frost.ZERO)
        came += m
        latent += m * (air.vapour_enthalpy(t) - water)
        kept += m * water
    return came, latent, kept


@njit
def stored(f: Array, patches: int) -> tuple[float, float, float]:
    """(kg of water and ice on the coil, kg of ice alone, enthalpy J)."""
    mass, ice, enthalpy = 0.0, 0.0, 0.0
    for j in range(patches):
        mass += f[F_MASS, j]
        ice += frost.ice_mass(f[F_MASS, j], f[F_ENTHALPY, j])
        enthalpy += f[F_ENTHALPY, j]
    return mass, ice, enthalpy
