"""Where the tables come from: CoolProp's equations of state, pure and blends behind one interface.

CoolProp (extra `fluids`) is needed to build and to prove tables only, never in the plant's loop.

Of a blend only two kinds of CoolProp's calls are safe and quick: pressure, enthalpy, entropy and fugacity at
(T, rho) with the phase imposed, and (T, p) with the phase imposed. Its saturation calls fail in part near the
critical point, its (p, h) flash takes 50 to 300 ms, and a state whose fractions were never set ends the
process. So equilibria of a blend are solved here, by Newton on what defines them:

    p(T, rho_l, x) = p = p(T, rho_v, y),   f_i(T, rho_l, x) = f_i(T, rho_v, y),   z_i = (1 - b) x_i + b y_i

with b the molar vapour fraction, 0 at the bubble point and 1 at the dew point, stepped along in ln p (or b)
from a solution nearby. Outside the dome (p, h) is Newton on (T, rho), stepped along from saturation.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from isentrope_sim.errors import InputError
from isentrope_sim.fluids.ranges import Range

STEP = 0.05  # of ln p, the longest to a next equilibrium; own choice: three to five Newton steps each
CLOSED = 1e-11  # of the relative misses of an equilibrium
CLOSED_PH = 1e-10  # of relative pressure and of enthalpy over 1e5 J/kg


class State(NamedTuple):
    """Temperature K, enthalpy J/kg, density kg/m3, entropy J/kg/K."""

    t: float
    h: float
    rho: float
    s: float


class Equation(Protocol):
    """What builder and proof ask of a fluid; every method raises ValueError where it finds no state."""

    molar_mass: float
    t_crit: float
    p_crit: float

    def saturated(self, p: float, vapour: bool) -> State:
        """Dew point (vapour) or bubble point at p, Pa."""

    def along(self, p: float, vapour: bool, enthalpies: NDArray[np.float64]) -> list[State]:
        """States outside the dome at p and these enthalpies, J/kg, running away from saturation."""

    def at_temperature(self, p: float, t: float, vapour: bool) -> State:
        """State outside the dome at p, Pa, and t, K."""

    def wet(self, p: float, fraction: float) -> State:
        """Equilibrium at p and the molar vapour fraction 0..1."""

    def saturated_by_library(self, p: float, vapour: bool) -> State:
        """`saturated` by CoolProp's own saturation call."""


def _coolprop() -> Any:
    try:
        import CoolProp
    except ImportError:
        raise InputError("refrigerant tables are made with CoolProp: install isentrope[fluids]") from None
    return CoolProp


def of(fluid: Range) -> Equation:
    """The equation of state of a fluid; InputError if CoolProp is missing or does not have it."""
    library = _coolprop()
    try:
        return Blend(library, fluid) if fluid.kind == "blend" else Pure(library, fluid)
    except ValueError as error:
        raise InputError(f"refrigerant {fluid.name!r}: CoolProp has no {fluid.equation!r}: {error}") from None


class Pure:
    """A pure fluid: CoolProp's own flashes."""

    def __init__(self, library: Any, fluid: Range) -> None:
        self._cp = library
        self._eos = library.AbstractState("HEOS", fluid.equation)
        self.molar_mass = self._eos.molar_mass()
        self.t_crit, self.p_crit = self._eos.T_critical(), self._eos.p_critical()

    def _at(self, pair: int, first: float, second: float) -> State:
        eos = self._eos
        eos.update(pair, first, second)
        return State(eos.T(), eos.hmass(), eos.rhomass(), eos.smass())

    def saturated(self, p: float, vapour: bool) -> State:
        return self._at(self._cp.PQ_INPUTS, p, float(vapour))

    saturated_by_library = saturated

    def along(self, p: float, vapour: bool, enthalpies: NDArray[np.float64]) -> list[State]:
        return [self._at(self._cp.HmassP_INPUTS, float(h), p) for h in enthalpies]

    def at_temperature(self, p: float, t: float, vapour: bool) -> State:
        return self._at(self._cp.PT_INPUTS, p, t)

    def wet(self, p: float, fraction: float) -> State:
        return self._at(self._cp.PQ_INPUTS, p, fraction)


class Blend:
    """A blend: Helmholtz mixture model at imposed phases, equilibria by the Newton above."""

    def __init__(self, library: Any, fluid: Range) -> None:
        assert fluid.t_crit and fluid.p_crit
        self._cp = library
        name = fluid.equation + ".mix"
        self._whole, self._liquid, self._gas, self._own = (
            library.AbstractState("HEOS", name) for _ in range(4)
        )
        self._liquid.specify_phase(library.iphase_liquid)
        self._gas.specify_phase(library.iphase_gas)
        self._z = np.array(self._own.get_mole_fractions())
        self._n = len(self._z)
        self.molar_mass = self._own.molar_mass()
        self.t_crit, self.p_crit = fluid.t_crit, fluid.p_crit
        # Solved equilibria by molar vapour fraction and ln p: (T, x, y, ln rho_l, ln rho_v).
        self._known: dict[float, dict[float, NDArray[np.float64]]] = {0.0: {}, 1.0: {}}
        for fraction in (0.0, 1.0):
            self._known[fraction][math.log(1e5)] = self._first(fraction)

    def _first(self, fraction: float) -> NDArray[np.float64]:
        """CoolProp's saturation at 1 bar, where it does not fail, as the first guess."""
        eos = self._own
        eos.update(self._cp.PQ_INPUTS, 1e5, fraction)
        x, y = eos.mole_fractions_liquid(), eos.mole_fractions_vapor()
        rho = [eos.saturated_liquid_keyed_output(self._cp.iDmolar)]
        rho.append(eos.saturated_vapor_keyed_output(self._cp.iDmolar))
        guess = np.array([eos.T(), *x[:-1], *y[:-1], *np.log(rho)])
        return self._newton(1e5, fraction, guess)

    def _set(self, v: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        k = self._n - 1
        x, y = np.empty(self._n), np.empty(self._n)
        x[:k], y[:k] = v[1 : 1 + k], v[1 + k : 1 + 2 * k]
        x[k], y[k] = 1.0 - x[:k].sum(), 1.0 - y[:k].sum()
        for state, part, ln_rho in ((self._liquid, x, v[-2]), (self._gas, y, v[-1])):
            state.set_mole_fractions(list(part))
            state.update(self._cp.DmolarT_INPUTS, math.exp(ln_rho), v[0])
        return x, y

    def _miss(self, p: float, fraction: float, v: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = self._set(v)
        n = self._n
        f = np.empty(2 * n + 1)
        f[0], f[1] = self._liquid.p() / p - 1.0, self._gas.p() / p - 1.0
        for i in range(n):
            f[2 + i] = math.log(self._liquid.fugacity(i) / self._gas.fugacity(i))
        f[2 + n :] = (self._z - (1.0 - fraction) * x - fraction * y)[:-1]
        return f

    def _newton(self, p: float, fraction: float, guess: NDArray[np.float64]) -> NDArray[np.float64]:
        v = guess.copy()
        size = len(v)
        jacobian = np.empty((size, size))
        best = np.inf
        for _ in range(30):
            f = self._miss(p, fraction, v)
            miss = float(np.abs(f).max())
            # The end: closed, or within what the fugacities' own rounding leaves.
            if miss < CLOSED or (miss < 1e-8 and miss >= 0.5 * best):
                if v[-2] - v[-1] < 0.2:
                    break  # both phases alike: the trivial solution
                return v
            best = min(best, miss)
            for c in range(size):
                step = 1e-6 * max(abs(v[c]), 0.1)
                moved = v.copy()
                moved[c] += step
                ahead = self._miss(p, fraction, moved)
                moved[c] -= 2.0 * step
                jacobian[:, c] = (ahead - self._miss(p, fraction, moved)) / (2.0 * step)
            v = v - np.linalg.solve(jacobian, f)
        raise ValueError(f"no equilibrium found at {p / 1e5:.3f} bar and vapour fraction {fraction:g}")

    def _equilibrium(self, p: float, fraction: float) -> NDArray[np.float64]:
        goal = math.log(p)
        if fraction in self._known:
            known = self._known[fraction]
            at = min(known, key=lambda other: abs(other - goal))
            v = known[at]
            for ln_p in np.linspace(at, goal, math.ceil(abs(goal - at) / STEP) + 1)[1:]:
                v = known[float(ln_p)] = self._newton(math.exp(ln_p), fraction, v)
            return v if abs(at - goal) > 0.0 else known[at]
        v = self._equilibrium(p, 0.0)
        for part in np.linspace(0.0, fraction, math.ceil(fraction / 0.1) + 1)[1:]:
            v = self._newton(p, float(part), v)
        return v

    def wet(self, p: float, fraction: float) -> State:
        v = self._equilibrium(p, fraction)
        self._set(v)
        liquid, gas, b = self._liquid, self._gas, fraction
        volume = (1.0 - b) / liquid.rhomolar() + b / gas.rhomolar()
        h = (1.0 - b) * liquid.hmolar() + b * gas.hmolar()
        s = (1.0 - b) * liquid.smolar() + b * gas.smolar()
        return State(float(v[0]), h / self.molar_mass, self.molar_mass / volume, s / self.molar_mass)

    def saturated(self, p: float, vapour: bool) -> State:
        return self.wet(p, float(vapour))

    def saturated_by_library(self, p: float, vapour: bool) -> State:
        eos = self._own
        eos.update(self._cp.PQ_INPUTS, p, float(vapour))
        return State(eos.T(), eos.hmass(), eos.rhomass(), eos.smass())

    def along(self, p: float, vapour: bool, enthalpies: NDArray[np.float64]) -> list[State]:
        cp, eos = self._cp, self._whole
        eos.specify_phase(cp.iphase_gas if vapour else cp.iphase_liquid)
        v = self._equilibrium(p, float(vapour))
        t, rho = float(v[0]), math.exp(v[-1 if vapour else -2])
        states = []
        for h in enthalpies:
            for _ in range(40):
                eos.update(cp.DmolarT_INPUTS, rho, t)
                f = eos.p() - p, eos.hmass() - h
                if abs(f[0] / p) < CLOSED_PH and abs(f[1]) / 1e5 < CLOSED_PH:
                    break
                a = eos.first_partial_deriv(cp.iP, cp.iT, cp.iDmolar)
                b = eos.first_partial_deriv(cp.iP, cp.iDmolar, cp.iT)
                c = eos.first_partial_deriv(cp.iHmass, cp.iT, cp.iDmolar)
                d = eos.first_partial_deriv(cp.iHmass, cp.iDmolar, cp.iT)
                det = a * d - b * c
                t -= (d * f[0] - b * f[1]) / det
                rho = max(rho - (a * f[1] - c * f[0]) / det, 0.5 * rho)
            else:
                raise ValueError(f"no state found at {p / 1e5:.3f} bar and {h / 1e3:.3f} kJ/kg")
            states.append(State(t, eos.hmass(), eos.rhomass(), eos.smass()))
        return states

    def at_temperature(self, p: float, t: float, vapour: bool) -> State:
        cp, eos = self._cp, self._own
        eos.specify_phase(cp.iphase_gas if vapour else cp.iphase_liquid)
        try:
            try:
                eos.update(cp.PT_INPUTS, p, t)
            except ValueError:
                self._density(p, t, vapour)
            return State(eos.T(), eos.hmass(), eos.rhomass(), eos.smass())
        finally:
            eos.unspecify_phase()

    def _density(self, p: float, t: float, vapour: bool) -> None:
        """Find the density where CoolProp's own search gives up, near the critical point: from saturation."""
        cp, eos = self._cp, self._own
        rho = math.exp(self._equilibrium(p, float(vapour))[-1 if vapour else -2])
        for _ in range(60):
            eos.update(cp.DmolarT_INPUTS, rho, t)
            miss = eos.p() - p
            if abs(miss) < CLOSED_PH * p:
                return
            # Half the way at most: near the critical point the isotherm is almost flat.
            step = miss / eos.first_partial_deriv(cp.iP, cp.iDmolar, cp.iT)
            rho -= max(min(step, 0.5 * rho), -0.5 * rho)
        raise ValueError(f"no density found at {p / 1e5:.3f} bar and {t:.3f} K")
