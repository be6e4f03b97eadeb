"""Machine states. The numbers reach the buses and are never reused."""

from micropython import const

OFF = const(0)
STARTING = const(1)
HEATING = const(2)
COOLING = const(3)
HOT_WATER = const(4)
DEFROSTING = const(5)
OIL_RETURN = const(6)
PUMP_DOWN = const(7)
STOPPING = const(8)
FAULT = const(9)
MANUAL = const(10)
TEST = const(11)

_NAMES = (
    "off", "starting", "heating", "cooling", "hot water", "defrosting",
    "oil return", "pump-down", "stopping", "fault", "manual", "test",
)  # fmt: skip


def name(state: int) -> str:
    """The state's name as shown to people; "state N" for a number not in use."""
    return _NAMES[state] if 0 <= state < len(_NAMES) else "state %d" % state
