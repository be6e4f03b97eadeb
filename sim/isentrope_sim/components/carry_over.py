"""Liquid that surges towards the evaporator's outlet in bursts, the more the less superheat is left.

Where a boiling stream dries out, the end of the liquid wanders at random: slugs and waves carry a part of the
liquid that the exchanger holds beyond its mean end, and leave less behind (Wedekind and Stoecker, J. Heat
Transfer 90 (1968); Wedekind, J. Heat Transfer 93 (1971)). While enough superheated surface lies behind it,
the outlet does not see it. Short of that it does; the line under which that sets in rises with load (Huelle,
minimum stable signal line, 12th Int. Congress of Refrigeration, Madrid 1967). The machine file gives the
line, its rise, the growth under it and the bursts' duration.

What wanders here is the slip ratio of the whole exchanger: liquid moves for a while faster than Zivi's mean,
then slower. The volumes' contents are states as ever, so mass and energy are exact, and a surge can bring no
more liquid than there is. The bursts' size is the length of a vector of two Gaussian processes (its law is
Rayleigh's, its mean 1, never negative). They live on a grid of time of their own, so a run's bursts do not
depend on the solver's steps.
"""

from math import cos, exp, log, pi, sin, sqrt

from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.fluids.table import Table
from isentrope_sim.jit import Array, Record, njit

GRID = 0.25  # s, own choice: well under the duration of a burst
LEAST, MOST = 0.5, 1.5  # factor on the slip ratio, own choice: no burst goes further
# Of the nominal flow, own choice: below it nothing is carried any more.
FAINT = 0.1
# Park and Miller's generator (Comm. ACM 31 (1988); multiplier of 1993): exact in float64, so that its state
# is one more number of the circuit.
MODULUS, MULTIPLIER = 2147483647.0, 48271.0
RAYLEIGH_MEAN = sqrt(0.5 * pi)


def first_state(seed: int) -> float:
    """State of the generator from a seed: 1 to MODULUS - 1, neighbours far apart (some draws are dropped)."""
    state = 1.0 + (seed * 2654435761 + 12345) % (int(MODULUS) - 1)
    for _ in range(5):
        state = MULTIPLIER * state % MODULUS
    return state


@njit
def wander(time: float, duration: float, s: Array) -> None:
    """Bring the two processes in `s` up to the time, s; duration, s: their correlation time."""
    keep = exp(-GRID / duration)
    push = sqrt(1.0 - keep * keep)
    while s[ly.S_BURST_NEXT] <= time + 1e-9:
        one = MULTIPLIER * s[ly.S_RANDOM] % MODULUS
        two = MULTIPLIER * one % MODULUS
        s[ly.S_RANDOM] = two
        # Box and Muller (Ann. Math. Statist. 29 (1958)).
        radius, angle = sqrt(-2.0 * log(one / MODULUS)), 2.0 * pi * two / MODULUS
        s[ly.S_BURST_A] = keep * s[ly.S_BURST_A] + push * radius * cos(angle)
        s[ly.S_BURST_B] = keep * s[ly.S_BURST_B] + push * radius * sin(angle)
        s[ly.S_BURST_NEXT] += GRID


@njit
def slip_factor(par: Record, superheat: float, load: float, burst: float) -> float:
    """Factor on the slip ratio, LEAST to MOST.

    superheat: at the outlet, K; load: flow over the nominal one; burst: its size, of mean 1.
    """
    line = par.carry_superheat + par.carry_superheat_load * load
    present = min(max(load / FAINT - 1.0, 0.0), 1.0)
    amplitude = par.carry_growth * max(line - superheat, 0.0) * present
    return min(max(1.0 - amplitude * (burst - 1.0), LEAST), MOST)


@njit
def surge(par: Record, fluid: Table, w: Array, s: Array, sat: Array, low: int, n: int) -> None:
    """Slip ratios of role E's exchanger (`low` cells with its line, n without) for the next step."""
    if s[ly.S_CARRY] == 0.0:
        return
    wander(s[ly.S_TIME], par.carry_duration, s)
    h = w[ly.OUT_OLD, low - 1]
    superheat = tb.state(fluid, sat, h)[0] - sat[tb.T_DEW] if h > sat[tb.H_VAP] else 0.0
    burst = sqrt(s[ly.S_BURST_A] ** 2 + s[ly.S_BURST_B] ** 2) / RAYLEIGH_MEAN
    factor = slip_factor(par, superheat, s[ly.S_M_LOW_LAG] / par.outdoor_flow_nominal, burst)
    w[ly.SLIPS, low - n : low] = factor
