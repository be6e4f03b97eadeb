"""The machine's states and what leads from one to another, in memory only while somebody reads it (`tables`).

A row: from|to|when. "running" is every state in which the compressor runs or is about to, "in service" those
in which demand rules; both are in GROUPS. `control/sequence` decides, and for what is inside "in service"
`control/arbiter`; tests/hil/test_state_docs.py compares. docs/states.md is made of it.
"""

GROUPS = (
    "running|starting,in service,defrosting,oil return,stopping\nin service|heating,cooling,hot water,test\n"
)

TABLE = (
    "off|starting|something is wanted, and no guard makes it wait\n"
    "starting|off|nothing is wanted any more, and the compressor does not run yet\n"
    "starting|in service|the suction gas is dry, or the start's longest time is over\n"
    "heating|hot water|the tank wants heat\n"
    "hot water|heating|the tank is warm, or the house has its turn\n"
    "heating|test|a speed is locked\n"
    "test|heating|it is not locked any more\n"
    "hot water|test|a speed is locked\n"
    "test|hot water|it is not locked any more\n"
    "cooling|test|a speed is locked\n"
    "test|cooling|it is not locked any more\n"
    "in service|defrosting|a defrost is due\n"
    "in service|oil return|oil has to come home\n"
    "in service|stopping|nothing is wanted, something else needs a stop, or the valve has to find its own\n"
    "defrosting|starting|the coil is melted, dripped and dried\n"
    "defrosting|in service|it was called off before the reversing valve moved\n"
    "defrosting|off|it is over and nothing is wanted\n"
    "oil return|in service|the oil is back, or it may not go on\n"
    "stopping|off|slowed down, or the ramp's longest time is over\n"
    "running|off|the plate might freeze\n"
    "running|fault|an alarm that stops the compressor\n"
    "fault|off|no such alarm any more\n"
)
