"""How one built unit differs from its data sheet: seeded draws within fixed bounds.

The plant and the controller's feed-forward read the same machine file, so a control requirement counts only
if it also holds on units that are not what the file says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from isentrope_sim.errors import InputError

# Half-widths of the uniform draws around nominal.
VALVE_FLOW = 0.20
DISPLACEMENT = 0.10
UA_LOSS = 0.20  # only downwards: surfaces foul
CHARGE = 0.10
NTC_K = 1.0
PRESSURE_FS = 0.01

NTC_SIGNALS = ("suction_t", "discharge_t", "liquid_t", "coil_t", "outdoor_t", "flow_t", "return_t")
PRESSURE_SIGNALS = ("evap_p", "cond_p")


@dataclass
class Perturbation:
    """One unit's deviations; the default is the nominal unit.

    Attributes:
        valve_flow, displacement, ua, charge: factors on the valve's flow, the swept volume, heat transfer
            (the coil's air side and the whole plate) and the refrigerant mass.
        ntc_k: offset (K) of each thermistor by signal name.
        pressure_fs: offset of each transducer by signal name, as a fraction of its full scale.
    """

    valve_flow: float = 1.0
    displacement: float = 1.0
    ua: float = 1.0
    charge: float = 1.0
    ntc_k: dict[str, float] = field(default_factory=dict)
    pressure_fs: dict[str, float] = field(default_factory=dict)

    @classmethod
    def draw(
        cls,
        seed: int,
        ntc_signals: Sequence[str] = NTC_SIGNALS,
        pressure_signals: Sequence[str] = PRESSURE_SIGNALS,
    ) -> Perturbation:
        """A unit drawn uniformly within the module's bounds; the same seed always gives the same unit.

        Raises InputError for a seed that is no whole number from 0.
        """
        if not isinstance(seed, int | np.integer) or seed < 0:
            raise InputError(f"seed is {seed!r}, needed a whole number from 0")
        uniform = np.random.Generator(np.random.PCG64(seed)).uniform
        return cls(
            valve_flow=float(uniform(1.0 - VALVE_FLOW, 1.0 + VALVE_FLOW)),
            displacement=float(uniform(1.0 - DISPLACEMENT, 1.0 + DISPLACEMENT)),
            ua=float(uniform(1.0 - UA_LOSS, 1.0)),
            charge=float(uniform(1.0 - CHARGE, 1.0 + CHARGE)),
            ntc_k={name: float(uniform(-NTC_K, NTC_K)) for name in ntc_signals},
            pressure_fs={name: float(uniform(-PRESSURE_FS, PRESSURE_FS)) for name in pressure_signals},
        )

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain numbers, for reports."""
        return asdict(self)
