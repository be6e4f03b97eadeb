"""Helpers for tests on machines with room air indoors."""

import numpy as np
from isentrope_sim import steady
from isentrope_sim.machine import load_machine
from isentrope_sim.plant import Plant
from plants import Held

NAMES = ("minisplit-r32-3.5kw", "ptac-r32-2.6kw", "ducted-r454b-10kw")
MACHINES = {name: load_machine(name) for name in NAMES}
RH_COOLING = steady.relative_humidity(27.0, 19.0)
ZERO_C = 273.15


def point_of(machine, cooling, **more):
    """The rating's point, EN 14511: A7 and 20 degC, or A35 and 27(19)."""
    if cooling:
        return steady.room(machine, 35.0, 27.0, cooling=True, **({"room_rh": RH_COOLING} | more))
    return steady.room(machine, 7.0, 20.0, cooling=False, **({"room_rh": 0.4} | more))


class RoomStand(Held):
    """A plant between outdoor air and a held room."""

    def __init__(self, machine, outdoor_c, rh, room_c, room_rh, cells=10):
        super().__init__(Plant(machine, cells=cells))
        self.plant.reset(outdoor_c + ZERO_C, rh, room_c + ZERO_C)
        self.put(outdoor_k=outdoor_c + ZERO_C, outdoor_rh=rh, indoor_k=room_c + ZERO_C, indoor_rh=room_rh)
        self.put(fan=1.0, indoor_fan=1.0)

    def assert_exact(self):
        """Charge to 1e-9, energy to 2e-6 of the throughput: what the scheme promises, not only the bar."""
        assert np.abs(self.column("charge_error")).max() < 1e-9
        residual, throughput = self.column("energy_residual_j"), self.column("energy_throughput_j")
        assert np.abs(residual).max() < 2e-6 * max(throughput[-1], 1e5)
        assert np.all(np.isfinite(self.plant.x)) and np.all(np.isfinite(self.plant.y))


def settled(machine, cooling, seconds=4000.0, **more):
    """(stand settled on a rating point, that point)."""
    point = point_of(machine, cooling, **more)
    outdoor, room = (35.0, 27.0) if cooling else (7.0, 20.0)
    stand = RoomStand(
        machine, outdoor, point["humidity"], room, more.get("room_rh", RH_COOLING if cooling else 0.4)
    )
    stand.put(fan=point["fan"], indoor_fan=point["room_fan"], reversing=float(cooling))
    stand.run(90, rps=point["speed_rps"], eev_opening=point["eev_opening"])
    return stand.run(seconds, dt=1.0), point
