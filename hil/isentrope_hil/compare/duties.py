"""What the machines go through: the same start for every law, then disturbances, each with its window.

All with the plant's carry-over and the sensors' noise and lag, on a bath that holds the water's return, at a
locked speed reference: so every law sees the same speed and, by it, the same fan. Times count from the
hand-over of the valve.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SETPOINT_K = 8.0  # the firmware's default; 1.2 K over the R290 machine's stable line at full load
# Settings of the firmware in every trial. The common speed profile must not depend on superheat (slowing_hold
# is a feature of ours, switched off here), and neither a defrost nor a re-zero belongs into a window.
SETTINGS = {"superheat_setpoint": SETPOINT_K, "slowing_hold": 0.0, "defrost": 0.0, "valve_rezero": 0.0}

MACHINES = ("ashp-r290-8kw", "ashp-r32-9kw", "ashp-r454b-4kw", "ashp-r410a-evi-16kw")
BOARD = "pico-full"


@dataclass(frozen=True)
class Turn:
    """At `at_s` a knob of the plant goes to `value` within `over_s`; knob "speed" is the locked reference."""

    at_s: float
    knob: str
    value: float
    over_s: float = 0.0


@dataclass(frozen=True)
class Window:
    """A disturbance and how long after it the error counts. `kind`: ramp, water, air or frost."""

    case: str
    kind: str
    from_s: float
    to_s: float


@dataclass(frozen=True)
class Duty:
    """Conditions of the start, the time of the hand-over after it, and what follows."""

    name: str
    outdoor_c: float
    rh: float
    return_c: float
    speed_rps: float
    start_s: float
    length_s: float
    turns: tuple[Turn, ...] = field(default=())
    windows: tuple[Window, ...] = field(default=())


# Each law has 2 min of its own before the first window: what it makes of the hand-over does not count.
RAMPS = Duty(
    name="ramps",
    outdoor_c=7.0,
    rh=0.5,  # too dry for frost to change the coil meanwhile
    return_c=30.0,
    speed_rps=30.0,
    start_s=900.0,
    length_s=720.0,
    turns=(Turn(120.0, "speed", 90.0), Turn(420.0, "speed", 30.0)),
    windows=(Window("30 to 90 rps", "ramp", 120.0, 420.0), Window("90 to 30 rps", "ramp", 420.0, 720.0)),
)
# At 60 rps: 5 K warmer water within a minute, then 30 % less of it, then 5 K colder air within a minute.
STEPS = Duty(
    name="steps",
    outdoor_c=7.0,
    rh=0.5,
    return_c=30.0,
    speed_rps=60.0,
    start_s=900.0,
    length_s=720.0,
    turns=(
        Turn(120.0, "return_c", 35.0, 60.0),
        Turn(320.0, "water_flow", 0.7, 10.0),
        Turn(500.0, "outdoor_c", 2.0, 60.0),
    ),
    windows=(
        Window("water 5 K warmer", "water", 120.0, 320.0),
        Window("water flow -30 %", "water", 320.0, 500.0),
        Window("air 5 K colder", "air", 500.0, 720.0),
    ),
)
# A2 at 90 %, half an hour of frost on the coil at the hand-over and growing.
FROST = Duty(
    name="frost",
    outdoor_c=2.0,
    rh=0.9,
    return_c=30.0,
    speed_rps=60.0,
    start_s=1800.0,
    length_s=720.0,
    windows=(Window("frost grows", "frost", 120.0, 720.0),),
)

DUTIES = (RAMPS, STEPS, FROST)
TUNING = (RAMPS, STEPS)  # frost is slow: it tells two laws apart hardly at all, and costs a third


@dataclass(frozen=True)
class Draw:
    """One seed: of noise and bursts, and of the unit (None: as its machine file says)."""

    seed: int
    unit: int | None = None


TUNED_ON = (Draw(11),)
# A unit is drawn without its sensors' offsets: no law can see them, and one with droop may be lucky in them.
JUDGED_ON = (Draw(21), Draw(22, 22), Draw(23, 23))
