"""The refrigerant flow the compressor takes, and the valve position that passes it.

Compressor: m = rho V n eta_v. Valve: m = C(op) A sqrt(2 rho dp) with C(op) = 1.066 op^n (T_sc /
T_crit)^0.0609 (W. Li, Applied Thermal Engineering 53, 2013). What both equations get wrong on one unit is
mostly a constant factor; the superheat loop learns it as its trim.
"""

import math

from micropython import const

# 1.066 (T_sc / T_crit)^0.0609 for 5 K of subcooling and T_crit 370 K; what is measured moves it by up to 7 %.
_FLOW_COEFFICIENT = const(0.82)
_SUBCOOLING_K = const(5.0)
_SUBCOOLING = const(0.0609)
_LEAST_SUBCOOLING_K = const(1.5)  # the range of that fit
_MOST_SUBCOOLING_K = const(15.0)
_SUBCOOLING_S = const(5.0)  # own: the thermistor's noise would be the valve's
# The flow a revolution falls with speed^e: more heat through one coil is a lower evaporating temperature. By
# how large the coil is for it: of the machine's data (sim/isentrope_sim/flow_fit.py), else as R410A's.
_SPEED_EXPONENT = const(0.085)
# Own: of a rotary's flow 3 % leaks back at rated speed and a ratio of 3; the leak does not fall with speed.
_LEAK_PER_RATIO = const(0.01)
# Own, measured on the plants (docs/superheat.md): time to 63 % and delay both grow so with falling speed, for
# the refrigerant stays longer in the tubes.
_SLOWER = const(0.45)
# Own, measured on the plants: at 3 %/K full load swings between 3 and 10 K for ever, at half of that it comes
# to rest; superheat's gain and what the evaporator carries over both grow with the flow.
_EASE = const(1.7)
_EASED_SHARE = const(0.6)  # own: of the highest speed, the rated one of most machines
# Own, measured on the plants: below the rated flow superheat answers a percent of it less; one gain for all
# lets a disturbance at 30 1/s pass that twice as much holds. So the gain grows as the flow falls, up to this.
_FIRMEST = const(2.0)
_RATED_C = const(-2.0)  # evaporating, in air of 7 degC
_RATED_SUPERHEAT_K = const(8.0)
_LEAST_DP_KPA = const(50.0)  # own: under it the equation asks for more than any valve has


class FeedForward:
    """Flow balance of compressor and valve from the machine's data."""

    def __init__(self, profile, saturation):
        compressor, valve = profile["compressor"], profile["valve"]
        self._saturation = saturation
        self._volume = compressor["displacement_m3"]
        self._volumetric = compressor["volumetric"]  # at rated speed
        self._rated = compressor["rated_rps"]
        # Full load is what swings: a compressor that runs far over its rated speed is not near it there.
        self._eased_from = max(self._rated, _EASED_SHARE * compressor["max_rps"])
        self.speed_exponent = compressor.get("speed_exponent", _SPEED_EXPONENT)
        self._rated_density = self.density(saturation.dew_kpa(_RATED_C), _RATED_SUPERHEAT_K)
        self._area = valve["flow"]["area_m2"]
        self._exponent = 1.0 / valve["flow"]["exponent"]
        self._first = valve["opening_steps"]
        self._stroke = valve["steps"] - self._first
        # Seconds by which flow is ahead of a rising speed, for what the low side takes as the flow grows.
        self.fill_s = compressor.get("fill_s", 0.0)
        self._passes = 1.0  # the valve, by subcooling
        self.subcooled = False  # subcooling is known

    def density(self, evap_kpa: float, superheat_k: float) -> float:
        """Suction gas density, kg/m3: saturated vapour thinned by its superheat."""
        kelvin = self._saturation.dew_c(evap_kpa) + 273.15
        return self._saturation.vapour_density(evap_kpa) * kelvin / (kelvin + max(superheat_k, 0.0))

    def compressor_flow(self, rps: float, density: float, ratio: float) -> float:
        """Mass flow of the compressor, kg/s, at a pressure ratio."""
        efficiency = 0.0
        power = 1.0
        for coefficient in self._volumetric:
            efficiency += coefficient * power
            power *= ratio
        efficiency -= _LEAK_PER_RATIO * ratio * (self._rated / rps - 1.0)
        return density * self._volume * rps * max(efficiency, 0.3)

    def liquid(self, subcooling_k: float, known: bool):
        """What the liquid's subcooling makes of the valve's flow, once a second; not `known`: as it was."""
        self.subcooled = known
        if known:
            kelvin = min(max(subcooling_k, _LEAST_SUBCOOLING_K), _MOST_SUBCOOLING_K)
            passes = (kelvin / _SUBCOOLING_K) ** _SUBCOOLING
            self._passes += (passes - self._passes) / (_SUBCOOLING_S + 1.0)

    def slowness(self, rps: float) -> float:
        """How much longer the evaporator takes to answer than at rated speed, 1 to 2."""
        return min(max(self._rated / rps, 1.0) ** _SLOWER, 2.0)

    def ease(self, rps: float, density: float) -> float:
        """The loop's gain at this flow, over that at the rated one: under 1 above it, 1 to 2 below it."""
        ratio = self._eased_from * self._rated_density / max(rps * density, 0.01)
        return ratio**_EASE if ratio < 1.0 else min(ratio, _FIRMEST)

    def thicker(self, density: float) -> float:
        """How much denser suction gas is than at the rating, 1 and more: so much more is one speed's load."""
        return max(density / self._rated_density, 1.0)

    def full(self, evap_kpa: float, cond_kpa: float) -> float:
        """Flow that the open valve passes, kg/s."""
        dp = max(cond_kpa - evap_kpa, _LEAST_DP_KPA) * 1000.0
        density = self._saturation.liquid_density(cond_kpa)
        return _FLOW_COEFFICIENT * self._passes * self._area * math.sqrt(2.0 * density * dp)

    def opening(self, flow: float, full: float) -> float:
        """Opening that passes `flow` where the open valve passes `full`: 0 to 1 of the flowing stroke, above
        1: the valve is too small."""
        return (max(flow, 0.0) / full) ** self._exponent

    def steps(self, opening: float) -> float:
        """Steps from closed of an opening."""
        return self._first + opening * self._stroke
