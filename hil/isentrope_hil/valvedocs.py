"""The end of docs/valves.md: the valve catalogue as tables, each number with where it is from."""

from __future__ import annotations

from isentrope_sim.valves import Valve, catalogue

# A winding on its full voltage may carry this much more than its rated current: the supply's +/- 10 %, and a
# little for the winding's own tolerance.
_TOLERANCE = 1.25

_UNITS = {
    "rate_hz": " steps/s",
    "start_rate_hz": " steps/s",
    "supply_v": " V",
    "resistance_ohm": " ohm",
    "phase_ma": " mA",
    "area_m2": " m2",
}
_UNKNOWN = ("resistance_ohm", "phase_ma")


def sections() -> str:
    """All generated sections."""
    valves = list(catalogue().values())
    return "\n".join([_strokes(valves), _motors(valves), *(_origins(valve) for valve in valves)])


def _strokes(valves: list[Valve]) -> str:
    rows = [
        "### Strokes\n",
        "| valve | steps | overdrive | steps/s (start, ramp) | full stroke, s | opens at | play | homing "
        "| area, mm2 | exponent |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for valve in valves:
        rows.append(
            f"| `{valve.name}` | {valve.steps} | {valve.overdrive_steps} "
            f"| {valve.rate_hz} ({valve.start_rate_hz}, {valve.ramp_steps}) "
            f"| {valve.steps / valve.rate_hz:.1f} | {valve.opening_steps} | {valve.backlash_steps} "
            f"| {'running only' if valve.home_running_only else 'any time'} "
            f"| {valve.area_m2 * 1e6:g} | {valve.exponent:g} |"
        )
    return "\n".join(rows) + "\n"


def _motors(valves: list[Valve]) -> str:
    rows = [
        "### Motors\n",
        "| valve | coil | a pulse is | supply, V | ohm a phase | mA a phase | leads | driver |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for valve in valves:
        rows.append(
            f"| `{valve.name}` | {valve.coil} | {'a half step' if valve.half_steps else 'a full step'} "
            f"| {valve.supply_v} | {valve.resistance_ohm or '?'} | {valve.phase_ma or '?'} "
            f"| {valve.leads} | {driver(valve)} |"
        )
    return "\n".join(rows) + "\n"


def driver(valve: Valve) -> str:
    """What drives its motor, in a few words."""
    if valve.coil == "unipolar":
        return "array"
    if not valve.resistance_ohm or not valve.phase_ma:
        return "as its data sheet says"
    unlimited_ma = 1000.0 * valve.supply_v / valve.resistance_ohm
    if unlimited_ma > _TOLERANCE * valve.phase_ma:
        return f"current limit {valve.phase_ma} mA"
    return "plain bridges"


def _origins(valve: Valve) -> str:
    rows = [f"### {valve.name}\n", f"{valve.title}.\n", "| | value | from |", "|---|---|---|"]
    for key, tag in valve.tags.items():
        value = getattr(valve, key)
        if isinstance(value, bool):
            shown = "yes" if value else "no"
        elif key in _UNKNOWN and not value:
            shown = "not known"
        else:
            shown = f"{value}{_UNITS.get(key, '')}"
        ((kind, text),) = tag.items()
        rows.append(f"| {key} | {shown} | {text if kind == 'source' else f'own: {text}'} |")
    return "\n".join(rows) + "\n"
