"""A stratified vessel of water: equal layers from top (0) to bottom, each well mixed.

- Flow: one stream enters at the top and leaves at the bottom, one enters at the bottom and leaves at the top.
  Their difference is carried from layer to layer with the superbee-limited flux (Roe 1985; Sweby 1984,
  SIAM J. Numer. Anal. 21: 995), which keeps a thermocline over a few layers where first-order upwinding
  smears it over the whole vessel. Explicit, so a step moves at most half a layer (`substeps`).
- Conduction between layers and standing loss: backward Euler, one tridiagonal sweep.
- Buoyancy: a layer warmer than the one above it mixes with it, until none is (as in TRNSYS type 4).

All of it conserves energy to rounding.
"""

import math

import numpy as np

from isentrope_sim.jit import Array, njit
from isentrope_sim.world import WATER_J_KG_K

COURANT = 0.5  # of a layer in one substep: superbee is monotone up to here with both ports open


@njit
def substeps(kg: float, flow_kg_s: float, ua_w_k: float, dt: float) -> int:
    """Substeps that keep `flow_kg_s` and a conductance into one layer of `kg` within `COURANT`."""
    share = max(flow_kg_s / kg, ua_w_k / (kg * WATER_J_KG_K)) * dt / COURANT
    return max(1, math.ceil(share))


@njit
def _superbee(behind: float, ahead: float) -> float:
    """Limited slope (K) from the differences behind and ahead of a face, as multiple of `ahead` x phi."""
    if behind * ahead <= 0.0:
        return 0.0
    r = behind / ahead
    return max(min(2.0 * r, 1.0), min(r, 2.0)) * ahead


@njit
def advance(
    t: Array,
    kg: float,
    top_kg_s: float,
    top_k: float,
    bottom_kg_s: float,
    bottom_k: float,
    ambient_k: float,
    loss_w_k: float,
    conduction_w_k: float,
    dt: float,
) -> float:
    """Advance one substep and return the standing loss, W.

    What leaves at the top and at the bottom has the temperature of that layer **before** the call.

    Args:
        t: temperatures, K, top first; changed in place.
        kg: water in one layer.
        top_kg_s, top_k: stream that enters at the top and leaves at the bottom.
        bottom_kg_s, bottom_k: stream that enters at the bottom and leaves at the top.
        loss_w_k: conductance of one layer to `ambient_k`, W/K.
        conduction_w_k: between neighbours, W/K.
        dt: s, at most as `substeps` says.
    """
    n = len(t)
    capacity = kg * WATER_J_KG_K
    if top_kg_s > 0.0 or bottom_kg_s > 0.0:
        down = top_kg_s - bottom_kg_s
        c = abs(down) * dt / kg
        first, last = t[0], t[n - 1]
        carried = 0.0  # kg K/s through the face above, downwards
        above = t[0]  # layer above the face, before its change
        above_2 = top_k if top_kg_s > 0.0 else t[0]
        for i in range(n):
            here = t[i]
            if i == 0:
                carried = top_kg_s * top_k - bottom_kg_s * first
            if i < n - 1:
                below = t[i + 1]
                if down >= 0.0:
                    behind = here - (above_2 if i == 0 else above)
                    face = here + 0.5 * (1.0 - c) * _superbee(behind, below - here)
                else:
                    ahead_2 = t[i + 2] if i + 2 < n else bottom_k
                    face = below + 0.5 * (1.0 - c) * _superbee(below - ahead_2, here - below)
                through = down * face
            else:
                through = top_kg_s * last - bottom_kg_s * bottom_k
            t[i] = here + (carried - through) * dt / kg
            carried, above = through, here
    loss = 0.0
    if loss_w_k > 0.0 or conduction_w_k > 0.0:
        loss = _conduct(t, capacity / dt, ambient_k, loss_w_k, conduction_w_k)
    settle(t)
    return loss


@njit
def _conduct(t: Array, rate: float, ambient_k: float, loss_w_k: float, conduction_w_k: float) -> float:
    """Backward Euler of conduction and loss; `rate` is a layer's capacity over the step, W/K."""
    n = len(t)
    upper = np.empty(n)
    for i in range(n):
        neighbours = (1.0 if i > 0 else 0.0) + (1.0 if i < n - 1 else 0.0)
        diagonal = rate + loss_w_k + neighbours * conduction_w_k
        right = rate * t[i] + loss_w_k * ambient_k
        if i > 0:
            diagonal -= conduction_w_k * upper[i - 1]
            right += conduction_w_k * t[i - 1]
        upper[i] = conduction_w_k / diagonal
        t[i] = right / diagonal
    loss = 0.0
    for i in range(n - 1, -1, -1):
        if i < n - 1:
            t[i] += upper[i] * t[i + 1]
        loss += loss_w_k * (t[i] - ambient_k)
    return loss


@njit
def settle(t: Array) -> None:
    """Mix neighbours until no layer is warmer than the one above (pool adjacent violators)."""
    n = len(t)
    i = 0
    while i < n - 1:
        if t[i + 1] <= t[i]:
            i += 1
            continue
        # The block [first, last] mixes; it grows upwards and downwards as long as that leaves an inversion.
        first, last = i, i + 1
        total = t[i] + t[i + 1]
        while True:
            mean = total / (last - first + 1)
            if first > 0 and t[first - 1] < mean:
                first -= 1
                total += t[first]
            elif last < n - 1 and t[last + 1] > mean:
                last += 1
                total += t[last]
            else:
                break
        for k in range(first, last + 1):
            t[k] = mean
        i = last


@njit
def blend(t: Array, first: int, last: int) -> None:
    """Mix the layers first .. last - 1."""
    mean = 0.0
    for i in range(first, last):
        mean += t[i]
    mean /= last - first
    for i in range(first, last):
        t[i] = mean


def mix_number(t: Array, hot_k: float, cold_k: float) -> float:
    """MIX number: 0 perfectly stratified, 1 fully mixed, by the first moment of energy over height.

    Davidson, Adams and Miller 1994 (J. Solar Energy Eng. 116: 130), as corrected by Andersen, Furbo and Fan
    2007 (Solar Energy 81: 1219): the stratified reference holds the same energy in water of `hot_k` over
    water of `cold_k`.
    """
    n = len(t)
    height = (np.arange(n)[::-1] + 0.5) / n
    above = np.asarray(t) - cold_k
    energy = float(above.sum())
    hot = min(max(energy / (hot_k - cold_k) / n, 0.0), 1.0)  # share of the height that is hot
    moment = float(above @ height)
    stratified = n * (hot_k - cold_k) * hot * (1.0 - 0.5 * hot)
    mixed = 0.5 * energy
    return (stratified - moment) / (stratified - mixed) if stratified > mixed else 0.0


def richardson(top_k: float, bottom_k: float, height_m: float, velocity_m_s: float) -> float:
    """Bulk Richardson number g beta (T_top - T_bottom) H / v^2; stratification holds well above 1.

    beta = 4.1e-4 1/K, water at 42 degC.
    """
    return 9.81 * 4.1e-4 * (top_k - bottom_k) * height_m / velocity_m_s**2


@njit
def usable_kg(t: Array, kg: float, wanted_k: float, cold_k: float) -> float:
    """Water of `wanted_k` that the layers at or above it give when mixed with cold water, kg.

    With 40 and 10 degC it is what EN 16147 calls V40, had the draw-off itself no mixing.
    """
    total = 0.0
    for i in range(len(t)):
        if t[i] >= wanted_k:
            total += kg * (t[i] - cold_k) / (wanted_k - cold_k)
    return total
