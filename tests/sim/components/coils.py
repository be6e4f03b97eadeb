"""A coil by itself: walls of given temperature, or of given heat, in a stream of air."""

import numpy as np
from isentrope_sim.components import air, coil
from isentrope_sim.machine import load_machine

PAR = load_machine("ashp-r290-8kw").record()


class Coil:
    """Coil in air of `celsius` and `rh`; every sum a balance needs is kept."""

    def __init__(self, celsius=2.0, rh=0.836, cells=10, par=PAR):
        self.par, self.n, self.rows = par, cells, coil.rows_of(par)
        self.t_air = celsius + 273.15
        self.w_air = air.humidity_ratio(rh * air.water_vapour_pressure(self.t_air))
        self.f = np.zeros((coil.F_ROWS, cells * self.rows))
        self.f[coil.F_SURFACE] = self.t_air
        self.wall = np.full(cells, self.t_air)
        self.vapour = self.drained = self.air_j = self.drained_j = self.wall_j = 0.0

    def _step(self, dt, fan, wall_of):
        f, n = self.f, self.n
        self.flow, self.fan_w = coil.air_flow(self.par, fan, self.t_air, f, n)
        f[coil.F_WALL, :n] = self.wall
        coil.respond(self.par, f, n, 1.0 / dt, self.t_air, self.w_air, self.par.outdoor_wall_capacity / n)
        q, slope, at = f[coil.F_CELL_Q, :n], f[coil.F_CELL_SLOPE, :n], f[coil.F_AT, :n]
        new = wall_of(q, slope, at)
        self.heat_w = float((q + slope * (new - at)).sum())
        self.wall_j += self.heat_w * dt
        f[coil.F_WALL_NEW, :n] = new
        self.air_w, vapour, drained, drained_w = coil.settle(
            self.par, f, n, dt, self.t_air, self.w_air, self.par.outdoor_wall_capacity / n
        )
        self.vapour += vapour * dt
        self.drained += drained * dt
        self.air_j += self.air_w * dt
        self.drained_j += drained_w * dt
        self.wall = new.copy()

    def _run(self, seconds, fan, dt, k, celsius, watts):
        c = self.par.outdoor_wall_capacity / self.n / dt
        t = 273.15 + celsius
        for _ in range(round(seconds / dt)):
            self._step(
                dt,
                fan,
                lambda q, slope, at: (c * self.wall + k * t + watts + q - slope * at) / (c + k - slope),
            )
        return self

    def hold(self, seconds, celsius, fan=1.0, dt=0.25, k=2000.0):
        """A refrigerant at a temperature, degC (number or one a cell), k W/K from each wall (the machine:
        400).
        """
        return self._run(seconds, fan, dt, k, celsius, 0.0)

    def heat(self, seconds, watts, fan=0.0, dt=0.25):
        """Heat, W, from the refrigerant into all walls together."""
        return self._run(seconds, fan, dt, 0.0, 0.0, watts / self.n)

    @property
    def mass(self):
        return coil.stored(self.f, self.f.shape[1])[0]

    @property
    def ice(self):
        return coil.stored(self.f, self.f.shape[1])[1]

    @property
    def thickness(self):
        """Of the frost, m, (cells, rows)."""
        return self.f[coil.F_THICKNESS].reshape(self.n, self.rows)

    def assert_balanced(self):
        """Water and energy closed: what came is on the coil or drained; what the air gave is in walls or
        deposit.
        """
        mass, _ice, enthalpy = coil.stored(self.f, self.f.shape[1])
        assert abs(self.vapour - self.drained - mass) < 1e-12 * (1.0 + abs(self.vapour))
        assert abs(self.air_j - self.drained_j - self.wall_j - enthalpy) < 1e-10 * abs(self.air_j) + 1e-4
        assert np.all(np.isfinite(self.f)) and self.f[coil.F_MASS].min() >= 0.0
