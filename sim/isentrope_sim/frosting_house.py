"""Frost and defrost with the house's water behind the machine: how far a defrost pulls the supply down.

    swing(load_machine("ashp-r290-8kw"), point, heat_w=4800.0, buffer_kg=200.0).supply_k

A defrost melts with heat of the heating water. `frosting` holds the water at the machine's inlet, as a test
laboratory does; here it comes from the machine's own house (`house`, `[controller.house]`): pipes and one
mixed volume of buffer and emitters, from which the house goes on drawing its load.
"""

from dataclasses import dataclass
from typing import Any

from isentrope_sim.errors import InputError, PlantError
from isentrope_sim.frosting import DT, Cycle, Run, Sequence
from isentrope_sim.house import STATE_NAMES, House, HouseData
from isentrope_sim.machine import Machine
from isentrope_sim.operating_point import ZERO_C
from isentrope_sim.plant import U, Y
from isentrope_sim.site import site_data
from isentrope_sim.steady import CELLS

ROOM_K = ZERO_C + 20.0  # behind the emitters
# s, own choice: heating after the defrost; the supply is coldest a minute after the machine heats again.
RECOVERY_S = 900.0
_BUFFER = STATE_NAMES.index("buffer_k")


@dataclass(frozen=True)
class Swing:
    """One defrost seen from the house.

    Attributes:
        buffer_kg: water in buffer and emitters.
        supply_k: how far the supply, the water in the buffer, fell from the defrost's begin on, K.
        coldest_k: least temperature of the water that left the plate, K.
        melting_s: as `frosting.Cycle`; frost_kg: ice at the defrost's begin.
        recovery_s: from the defrost's begin until the supply rises again, s.
    """

    buffer_kg: float
    supply_k: float
    coldest_k: float
    melting_s: float
    frost_kg: float
    recovery_s: float


class HouseRun(Run):
    """`frosting.Run` on a house of `buffer_kg`, kg, that draws heat_w, W, as far as its emitters give it.

    `supply_k` and `outlet_k` are the buffer's and the plate's outlet temperature after the last tick. Raises
    InputError for a machine with room air indoors.
    """

    def __init__(
        self,
        machine: Machine,
        point: dict[str, Any],
        outdoor_k: float,
        sequence: Sequence,
        heat_w: float,
        buffer_kg: float,
        cells: int = CELLS,
    ) -> None:
        site = site_data(machine)
        if site.house is None:
            raise InputError(f"machine {machine.name}: no water indoors, no house hangs on it")
        self.house = House(HouseData(buffer_kg, site.house.pipe_kg))
        self.house.reset(point["water_in_k"])
        self.heat_w, self._emitter_w_k = heat_w, site.emitter_w_k
        self.seen: list[tuple[float, float]] = []
        super().__init__(machine, point, outdoor_k, sequence, cells)

    def _advance(self, rps: float, fan: float, opening: float) -> None:
        """One tick of machine and house; what the house saw goes into `seen`: supply and outlet, K."""
        u, house = self.u, self.house
        u[U["water_in_k"]] = house.water_in_k
        super()._advance(rps, fan, opening)
        outlet = float(self.y[Y["t_water_out"]])
        house.step(outlet, u[U["water_kg_s"]], self.heat_w, self._emitter_w_k, ROOM_K, float("nan"), DT)
        self.seen.append((float(house.state[_BUFFER]), outlet))


def swing(
    machine: Machine,
    point: dict[str, Any],
    outdoor_k: float,
    *,
    heat_w: float,
    buffer_kg: float,
    sequence: Sequence | None = None,
    cells: int = CELLS,
) -> Swing:
    """The second defrost of a run on a house; the first starts from a dry coil.

    point: as for `frosting.Run`, whose speed is kept; heat_w: what the house draws, W: the average over a
    cycle holds the water where the point has it. Raises InputError (room air indoors), PlantError (nothing
    frosts there).
    """
    q = Sequence() if sequence is None else sequence
    run = HouseRun(machine, point, outdoor_k, q, heat_w, buffer_kg, cells)
    run.one_cycle()
    run.cycle = cycle = Cycle()
    run.heat_until_frosted()
    if cycle.ended_by == "none":
        raise PlantError(f"machine {machine.name}: no frost at {outdoor_k - ZERO_C:g} degC")
    before = run.seen[-1][0]
    run.seen.clear()
    run.defrost()
    run.heat(RECOVERY_S)
    supply = [row[0] for row in run.seen]
    coldest = min(supply)
    return Swing(
        buffer_kg=buffer_kg,
        supply_k=before - coldest,
        coldest_k=min(row[1] for row in run.seen),
        melting_s=cycle.melting_s,
        frost_kg=cycle.frost_kg,
        recovery_s=DT * supply.index(coldest),
    )
