"""One run of the firmware on a frosting machine with the house behind it, and what its defrosts were like.

The house draws a constant load. What a law costs is told against the same machine in dry air (`dry`): the
electricity beyond what the load would have taken there, and the heat that the house missed, which a heating
rod makes up for, as a share of the dry electricity. Water and energy are taken from the plant's true values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isentrope_sim.cycle import layout
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine

from isentrope_hil.bench import KELVIN, Bench

BOARD = "pico-full"
TARGET = "cpython"
SINK_C = 35.0
DRY_RH = 0.3  # under the coil's dew point at 2 degC: nothing frosts
LOOK = 2  # scans
HEATING, DEFROSTING = 2, 5
AFTER_S = 900.0  # the supply is coldest some minutes after a defrost
WATER = 4186.0  # J/kgK
# A defrost is needless under this share of the blockage that leaves so much of the clean air flow: the bars.
NEEDLESS, MISSED = 0.3, 0.6


@dataclass
class Defrost:
    """One defrost: hours since the run's begin; kg of ice; air: of the clean coil's, when it began.

    left_kg: the least ice while it lasted, what was not melted; again_kg: ice when heating goes on, of water
    that stayed on the fins and froze again in the start.
    """

    at_h: float
    frost_kg: float
    air: float
    left_kg: float = 0.0
    again_kg: float = 0.0
    melting_s: float = 0.0
    swing_k: float = 0.0
    slug_kg: float = 0.0
    wall_c: float = 100.0
    ended: int = 0

    @property
    def needless(self) -> bool:
        return self.air > 1.0 - NEEDLESS * (1.0 - MISSED)

    @property
    def missed(self) -> bool:
        return self.air < MISSED


@dataclass
class Run:
    """Sums of a run, J, and its defrosts; `trace`: hours, speed, air share, frost, supply, once a minute."""

    seconds: float = 0.0
    electric_j: float = 0.0
    missing_j: float = 0.0
    asked_j: float = 0.0
    liquid_kg_s: float = 0.0
    stored_j: float = 0.0  # in the house's water at the end, more than at the begin
    defrosts: list[Defrost] = field(default_factory=list)
    trace: list[tuple[float, float, float, float, float]] = field(default_factory=list)
    events: list[tuple[float, str]] = field(default_factory=list)

    # Asked, spent and stored at each defrost's end.
    marks: list[tuple[float, float, float]] = field(default_factory=list)

    def loss(self, dry_cop: float) -> float:
        """What frost and defrost cost, as a share of the dry machine's electricity.

        Over whole cycles, from the first defrost's end to the last one's; over everything with less than two.
        """
        asked, spent = self.asked_j, self.spent(dry_cop)
        if len(self.marks) > 1:
            (asked0, spent0, stored0), (asked, spent, stored) = self.marks[0], self.marks[-1]
            asked, spent = asked - asked0, spent - spent0 - (stored - stored0) / dry_cop
        return spent * dry_cop / asked - 1.0

    def spent(self, dry_cop: float) -> float:
        """Electricity and missing heat, J, less what the house's water holds more than at the begin."""
        return self.electric_j + self.missing_j - self.stored_j / dry_cop

    @property
    def cycle_min(self) -> float:
        """Minutes from defrost to defrost."""
        times = [each.at_h for each in self.defrosts]
        return 60.0 * (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else float("nan")


class Meter:
    """Steps a bench and adds up from `begin()` on."""

    def __init__(self, bench: Bench, machine: Machine) -> None:
        self.bench = bench
        names = list(bench.rig.truth_names)
        self._at = {name: names.index(name) for name in names}
        state = layout.state_names(10)
        self._plate = [i for i, name in enumerate(state) if name.startswith("t_wall_indoor")]
        house = bench.rig.site.house
        if house is None:
            raise InputError(f"machine {bench.machine}: no water indoors")
        self._water_kg = house.buffer_kg
        self._air, self._frost = 1.0, 0.0  # when it heated last
        self._flow = machine.values["fan_flow"]
        self.begin()

    def begin(self) -> None:
        self.run = Run()
        # The defrost that is not over and recovered from, supply then and least, liquid then, until when.
        self._under_way: tuple[Defrost | None, float, float, float, float] = (None, 0.0, 0.0, 0.0, -1.0)
        self._supply = self._true("buffer_k")
        self._from_s = self.bench.t_s

    def _true(self, name: str) -> float:
        return float(self.bench.rig.truth[self._at[name]])

    def _stored(self, supply_k: float) -> float:
        return self._water_kg * WATER * (supply_k - self._supply)

    def advance(self, seconds: float, load_w: float) -> None:
        """Run so long."""
        bench, run = self.bench, self.run
        step_s = LOOK * bench.scan_s
        start_h = run.seconds / 3600.0
        now, before, lowest, slug, until = self._under_way
        air, frost = self._air, self._frost
        last = round(bench.read("state"))
        for _ in range(round(seconds / step_s)):
            bench.step(LOOK)
            run.seconds += step_s
            run.electric_j += step_s * self._true("electric_w")
            run.asked_j += step_s * load_w
            run.missing_j += step_s * max(load_w - self._true("load_taken_w"), 0.0)
            run.liquid_kg_s = max(run.liquid_kg_s, self._true("liquid_kg_s"))
            state = round(bench.read("state"))
            supply = self._true("buffer_k")
            hours = (bench.t_s - self._from_s) / 3600.0
            if state == DEFROSTING and last == HEATING:
                now = Defrost(hours, frost, air, left_kg=frost)
                run.defrosts.append(now)
                before = lowest = supply
                slug = self._true("slug_index")
            if state == DEFROSTING and now:
                now.melting_s += step_s * bench.read("reversing_valve")
                x = bench.rig.plant.x
                now.wall_c = min(now.wall_c, *(float(x[i]) - KELVIN for i in self._plate))
                now.left_kg = min(now.left_kg, self._true("frost_kg"))
            elif last == DEFROSTING:
                until = bench.t_s + AFTER_S
                run.marks.append((run.asked_j, run.electric_j + run.missing_j, self._stored(supply)))
            if now and bench.t_s <= max(until, bench.t_s if state == DEFROSTING else 0.0):
                lowest = min(lowest, supply)
                now.swing_k, now.slug_kg = before - lowest, self._true("slug_index") - slug
            if state == HEATING != last and now:
                now.again_kg = self._true("frost_kg")
            if state == HEATING and bench.read("fan_pct") > 1.0:
                air = self._true("air_m3_s") / (self._flow * bench.read("fan_pct") / 100.0)
                frost = self._true("frost_kg")
            last = state
            if run.seconds % 60.0 < step_s:
                run.trace.append((hours, bench.read("speed_set_rps"), air, self._true("frost_kg"), supply))
        self._air, self._frost = air, frost
        self._under_way = now, before, lowest, slug, until
        run.stored_j = self._stored(self._true("buffer_k"))
        begin = bench.t0_ms + 1000.0 * self._from_s
        for t_ms, code, _, said in bench.events:
            at_h = ((t_ms - begin) % (1 << 30)) / 3.6e6
            if start_h <= at_h < run.seconds / 3600.0 and (
                42 <= code <= 45 or 90 <= code <= 98 or code >= 256
            ):
                run.events.append((at_h, said))


def prepare(
    bench: Bench, load_w: float, outdoor_c: float, rh: float, settings: Mapping[str, float] | None = None
) -> None:
    """A machine at standstill with a warm house, told to heat; weather, if there is any, rules the air."""
    bench.reset(outdoor_c=outdoor_c, rh=rh, water_c=30.0, settings=settings or {})
    bench.knob("load_w", load_w)
    bench.write("flow_setpoint_c", SINK_C)
    bench.write("enable", 1)


def dry(bench: Bench, machine: Machine, load_w: float, outdoor_c: float) -> float:
    """COP of the machine with this load in air that leaves its coil dry."""
    prepare(bench, load_w, outdoor_c, DRY_RH, {"defrost": 0})
    meter = Meter(bench, machine)
    meter.advance(3600.0, load_w)
    meter.begin()
    meter.advance(7200.0, load_w)
    run = meter.run
    return (run.asked_j - run.missing_j + run.stored_j) / run.electric_j
