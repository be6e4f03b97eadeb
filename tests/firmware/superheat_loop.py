"""A superheat loop in the middle of a run, a second at a time."""

from control_bench import profile
from isentrope import settings as s
from isentrope.control.feedforward import FeedForward
from isentrope.control.superheat import Superheat
from isentrope.refrigerant.saturation import load

EVAP, COND = 445.0, 1280.0


def loop(values=None, wet=False):
    """A loop in the middle of a run: suction dry unless `wet`, density as measured."""
    held = s.Settings()
    held.load(values or {})
    made = Superheat(FeedForward(profile(), load("R290")), held)
    made.prepare(60.0, EVAP)
    if not wet:
        made.wet = False
        made.guard = 1.0
    return made, held.v


def second(made, superheat, rps=60.0, below_dry=-5.0, evap=EVAP):
    return made.step(rps, evap, COND, superheat, superheat, below_dry)


def steady(made, superheat, seconds, rps=60.0):
    opening = 0.0
    for _ in range(seconds):
        opening = second(made, superheat, rps)
    return opening


def in_air(made, v, outdoor, seconds, known=True):
    opening = 0.0
    for _ in range(seconds):
        made.forecast.air(outdoor, known)
        opening = second(made, v[s.SH_SETPOINT])
    return opening


def flow(opening):
    return opening ** profile()["valve"]["flow"]["exponent"]
