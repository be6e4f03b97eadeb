"""The firmware's own law: nothing is exchanged, its parameters are settings of the firmware.

Only those that shape the loop are tuned, as many as a peer has; bounds lie inside the settings'.
"""

from __future__ import annotations

from isentrope_hil.compare.law import Parameter, Spec

PARAMETERS = (
    Parameter("superheat_gain", "%/K", 3.0, 0.5, 10.0, log=True),
    Parameter("superheat_integral_time", "s", 30.0, 15.0, 400.0, log=True),
    Parameter("superheat_derivative_time", "s", 10.0, 0.0, 40.0),
    Parameter("density_time", "s", 900.0, 60.0, 3600.0, log=True),
    Parameter("low_superheat", "K", 4.0, 1.0, 6.0),
    Parameter("low_superheat_integral_time", "s", 15.0, 2.0, 120.0, log=True),
)

SPEC = Spec("isentrope", "this firmware", PARAMETERS, None)
