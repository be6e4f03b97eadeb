"""Machine files: TOML in, a validated `Machine` out.

Every physical value is a table `{ value, unit, source | prior | fitted }`: `source` cites where it is
published, `prior` says why it was chosen, `fitted` which row it was fitted on. At most three may be fitted.
"""

import difflib
import tomllib
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np

from isentrope_sim import fluids, oil_constants
from isentrope_sim.declared import SECTIONS as DECLARED_SECTIONS
from isentrope_sim.declared import Declared
from isentrope_sim.declared import read as read_declared
from isentrope_sim.errors import InputError
from isentrope_sim.fluids import table as tb
from isentrope_sim.parameters import DTYPE, EXTRA, FAULTS, OPTIONAL, ROOM, ROOM_VALUES, VALUES, in_room
from isentrope_sim.valves import Valve, load_valve

SCHEMA_VERSION = 2
MAX_FITTED = 3
TAGS = ("source", "prior", "fitted")
# Keys of a section beside its values; anything else is an error.
TEXTS: dict[str, tuple[str, ...]] = {
    "charge": ("class",),
    "eev": ("valve",),
    "compressor": ("kind",),
    "indoor": ("medium",),
    "reversing": ("kind",),
}
MEDIA = ("water", "air")
REVERSING = ("four-way", "none")
# The same of sections that a file may leave out; `kind` is for people, `sump` says which gas is over the oil.
OPTIONAL_TEXTS: dict[str, tuple[str, ...]] = {"oil": ("kind", "sump")}
SUMPS = ("high-pressure", "low-pressure")
# Where refrigerant can be.
VOLUMES = (
    "shell_volume",
    "outdoor_volume",
    "indoor_volume",
    "suction_line_volume",
    "acc_volume",
    "liquid_line_volume",
)
LIMITS = {
    "high_kpa": ("kPa", 100.0, 6000.0),
    "low_kpa": ("kPa", 20.0, 2000.0),
    "discharge_max_c": ("degC", 60.0, 150.0),
}
# Of functions that not every machine has (docs/compressor.md).
MORE_LIMITS = {
    "flood_k": ("K", 1.0, 40.0),
    "min_lift_k": ("K", 1.0, 60.0),
}
CHARGE_CLASSES = ("A1", "A2L", "A2", "A3")


@dataclass(frozen=True)
class Machine:
    """A heat pump as data.

    name, description; refrigerant: name of a property table; values: name in `parameters` -> number (SI);
    tags: name -> "source", "prior" or "fitted"; limits: kPa and degC for the controller, with the envelope
    polygon [[evaporating_c, condensing_c], ...]; texts: section -> key -> text; controller: free table, read
    by the sensor and actuator models and by the profile; valve: the expansion valve; declared: rating, sound
    and placement.
    """

    name: str
    description: str
    refrigerant: str
    values: dict[str, float]
    tags: dict[str, str]
    limits: dict[str, Any]
    texts: dict[str, dict[str, str]]
    controller: dict[str, Any]
    valve: Valve
    declared: Declared = field(default_factory=Declared)

    def record(self, **changed: float) -> Any:
        """The record (np.record) the compiled cycle reads; `changed` overrides values by name."""
        # What a machine does not have (water or air indoors) is 1: hardly read, never a division by zero.
        par = np.ones(1, DTYPE).view(np.recarray)
        oil = dict(oil_constants.of(self.refrigerant))
        oil["oil_held"] = self.values["oil_mass"] * oil.pop("density") / self.values["oil_density"]
        for name, value in (FAULTS | oil | self.values | changed).items():
            if name in ROOM_VALUES:
                par[ROOM][in_room(name)] = value
            else:
                par[name] = value
        return par[0]

    def with_valve(self, valve: Valve) -> Self:
        """The same machine with another expansion valve."""
        return replace(self, valve=valve, values=self.values | _valve_values(valve))

    def fitted(self) -> list[str]:
        """Names of the fitted values."""
        return [name for name, tag in self.tags.items() if tag == "fitted"]


def machine_folder() -> Path:
    """The folder of the machines that come with the package."""
    return Path(str(resources.files("isentrope_sim"))) / "machines"


def machine_names() -> list[str]:
    """The machines that come with the package."""
    return sorted(p.stem for p in machine_folder().glob("*.toml"))


def variant_names() -> list[str]:
    """Those of which only the equipment is their own: the plant is that of a machine (`machine.like`).

    What is measured of a plant (rating, validation, grids) is measured once, so they are listed apart.
    """
    return sorted(p.stem for p in (machine_folder() / "variants").glob("*.toml"))


def all_names() -> list[str]:
    """Everything that `load_machine` knows by name."""
    return sorted([*machine_names(), *variant_names()])


def machine_path(name_or_path: str | Path) -> Path:
    """The file of a machine by name, or the path itself. Raises InputError (with the nearest known names)."""
    path = Path(name_or_path)
    if path.suffix != ".toml":
        folder = machine_folder()
        if name_or_path in variant_names():
            folder /= "variants"
        path = folder / f"{name_or_path}.toml"
    if not path.is_file():
        known = all_names()
        near = difflib.get_close_matches(str(name_or_path), known, n=3, cutoff=0.3) or known
        raise InputError(
            f"machine {str(name_or_path)!r} not found, nearest of {len(known)}: {', '.join(near)}"
        )
    return path


def load_machine(name_or_path: str | Path) -> Machine:
    """A machine by name, or from the path of a file.

    Raises InputError: unknown name (with the nearest known), malformed TOML (file and line), unknown or
    missing key, value out of its range (file, key, value, range).
    """
    path = machine_path(name_or_path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: not TOML: {error}") from None
    return parse(_whole(data, path.name), path.name)


def _whole(data: dict[str, Any], where: str) -> dict[str, Any]:
    """A variant with what it has of the machine that it is `like`; any other file as it is."""
    head = data.get("machine", {})
    if "like" not in head:
        return data
    like = _text(head, "like", f"{where}: machine")
    if like not in all_names():
        raise InputError(f"{where}: machine.like is {like!r}, known are {', '.join(all_names())}")
    whole = _whole(tomllib.loads(machine_path(like).read_text(encoding="utf-8")), like)
    own = {key: value for key, value in head.items() if key != "like"}
    return _over(whole, data | {"machine": own})


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Two tables as one: sections are joined, a value with its unit and origin is replaced whole."""
    joined = dict(below)
    for key, value in above.items():
        old = joined.get(key)
        if isinstance(value, dict) and isinstance(old, dict) and "value" not in value:
            value = _over(old, value)
        joined[key] = value
    return joined


def parse(data: dict[str, Any], where: str) -> Machine:
    """A machine from a parsed file; `where` names it in errors. Raises InputError."""
    head = dict(data.get("machine", {}))
    schema = head.pop("schema", None)
    if schema != SCHEMA_VERSION:
        raise InputError(f"{where}: machine.schema is {schema!r}, needed {SCHEMA_VERSION}")
    texts_head = {
        key: _text(head, key, f"{where}: machine") for key in ("name", "description", "refrigerant")
    }
    _no_more(head, ("name", "description", "refrigerant"), f"{where}: machine")
    if texts_head["refrigerant"] not in fluids.names():
        raise InputError(
            f"{where}: machine.refrigerant is {texts_head['refrigerant']!r}, "
            f"known are {', '.join(fluids.names())}"
        )
    medium = _choice(data, "indoor", "medium", MEDIA, where)
    reversing = _choice(data, "reversing", "kind", REVERSING, where)
    needed = [v for v in VALUES if v.indoor in ("", medium)]
    sections = {v.section for v in needed}
    optional = {v.section for v, _ in OPTIONAL}
    _no_more(
        data,
        ("machine", "limits", "controller", *DECLARED_SECTIONS, *sorted(sections), *sorted(optional)),
        where,
    )
    values: dict[str, float] = {}
    tags: dict[str, str] = {}
    for v in needed:
        values[v.name], tags[v.name] = _value(data, v.section, v.key, v.unit, v.low, v.high, where)
    for v, default in OPTIONAL:
        values[v.name], tags[v.name] = default, "prior"
        if v.section in data:
            values[v.name], tags[v.name] = _value(data, v.section, v.key, v.unit, v.low, v.high, where)
    for v, default in EXTRA:
        values[v.name], tags[v.name] = default, "prior"
        if any(other.key in data[v.section] for other, _ in EXTRA if other.section == v.section):
            values[v.name], tags[v.name] = _value(data, v.section, v.key, v.unit, v.low, v.high, where)
    for section in sorted(optional & set(data)):
        _no_more(
            data[section],
            (*(v.key for v, _ in OPTIONAL if v.section == section), *OPTIONAL_TEXTS.get(section, ())),
            f"{where}: {section}",
        )
    values |= {"indoor_air": float(medium == "air"), "reversible": float(reversing == "four-way")}
    values["oil_low_side"] = 0.0
    texts: dict[str, dict[str, str]] = {}
    if "oil" in data:
        sump = _choice(data, "oil", "sump", SUMPS, where)
        values["oil_low_side"] = float(sump == "low-pressure")
        texts["oil"] = {"sump": sump, "kind": _text(data["oil"], "kind", f"{where}: oil")}
    for section in sorted(sections):
        table = data[section]
        allowed = TEXTS.get(section, ())
        extra = tuple(v.key for v, _ in EXTRA if v.section == section)
        known = (*(v.key for v in needed if v.section == section), *extra, *allowed)
        _no_more(table, known, f"{where}: {section}")
        texts[section] = {key: _text(table, key, f"{where}: {section}") for key in allowed}
    if texts["charge"]["class"] not in CHARGE_CLASSES:
        raise InputError(
            f"{where}: charge.class is {texts['charge']['class']!r}, allowed {', '.join(CHARGE_CLASSES)}"
        )
    for low, high in (("min_rps", "rated_rps"), ("rated_rps", "max_rps")):
        if values[low] > values[high]:
            raise InputError(
                f"{where}: compressor.{low} {values[low]} is above compressor.{high} {values[high]}"
            )
    for section, low, high in (
        ("fan", "pressure", "shutoff_pressure"),
        ("fan", "flow", "free_flow"),
        ("outdoor", "fin_thickness", "fin_pitch"),
        ("indoor_fan", "pressure", "shutoff_pressure"),
        ("indoor_fan", "flow", "free_flow"),
        ("indoor", "fin_thickness", "fin_pitch"),
    ):
        if medium != "air" and section.startswith("indoor"):
            continue
        smaller, larger = data[section][low]["value"], data[section][high]["value"]
        if smaller >= larger:
            raise InputError(
                f"{where}: {section}.{high} is {larger:g}, needed above {section}.{low} {smaller:g}"
            )
    for section, name in (("outdoor", "coil_rows"), ("indoor", "room_coil_rows")):
        if values.get(name, 1.0) % 1.0:
            raise InputError(
                f"{where}: {section}.rows is {values[name]:g}, allowed whole numbers from 1 to 8"
            )
    if sum(tag == "fitted" for tag in tags.values()) > MAX_FITTED:
        raise InputError(f"{where}: more than {MAX_FITTED} values are fitted")
    valve = load_valve(texts["eev"]["valve"])
    values |= _valve_values(valve)
    if (values["receiver_volume"] > 0.0) != ("tube" in data["receiver"]):
        raise InputError(
            f"{where}: receiver.volume is {values['receiver_volume']:g} "
            f"{'with' if 'tube' in data['receiver'] else 'without'} receiver.tube, a receiver needs both"
        )
    # One liquid volume between condenser and valve: receiver, filter-drier and pipe.
    values["liquid_line_volume"] += values["receiver_volume"] + values["filter_volume"]
    values["liquid_line_capacity"] += values["receiver_capacity"]
    values["liquid_line_ambient"] += values["receiver_ambient"]
    _check_charge(values, texts_head["refrigerant"], where)
    controller = data.get("controller", {})
    if not isinstance(controller, dict):
        raise InputError(f"{where}: controller must be a table")
    return Machine(
        values=values,
        tags=tags,
        limits=_limits(data, where),
        texts=texts,
        controller=controller,
        valve=valve,
        declared=read_declared(data, where),
        **texts_head,
    )


def _valve_values(valve: Valve) -> dict[str, float]:
    return {
        "eev_area": valve.area_m2,
        "eev_exponent": valve.exponent,
        "eev_opening_point": valve.opening_point,
    }


def _check_charge(values: dict[str, float], refrigerant: str, where: str) -> None:
    """Raises InputError for a charge that cannot exist: it would overfill the circuit or never be liquid.

    Oil takes up at most as much as there is of it (own choice; half the mixture is far past any oil's use).
    """
    litres = sum(values[name] for name in VOLUMES) * 1e3
    fluid, sat = fluids.load(refrigerant), np.zeros(tb.SAT_SIZE)
    tb.saturation(fluid, tb.pressure_of_dew(fluid, 273.15), sat)
    least, most = (1e-3 * litres * sat[place] for place in (tb.RHO_VAP, tb.RHO_LIQ))
    most += values["oil_mass"]
    if not least <= values["charge"] <= most:
        raise InputError(
            f"{where}: charge.mass is {values['charge']:g} kg, allowed {least:.3g} to {most:.3g} kg, "
            f"from all vapour to all liquid in {litres:.1f} l at 0 degC"
        )


def _choice(data: dict[str, Any], section: str, key: str, allowed: tuple[str, ...], where: str) -> str:
    table = data.get(section)
    value = table.get(key) if isinstance(table, dict) else None
    if value not in allowed:
        raise InputError(f"{where}: {section}.{key} is {value!r}, allowed {', '.join(allowed)}")
    return str(value)


def _value(
    data: dict[str, Any], section: str, key: str, unit: str, low: float, high: float, where: str
) -> tuple[float, str]:
    table = data.get(section)
    if not isinstance(table, dict) or key not in table:
        raise InputError(f"{where}: {section}.{key} is missing ({unit}, {low:g} to {high:g})")
    entry = table[key]
    at = f"{where}: {section}.{key}"
    if not isinstance(entry, dict):
        raise InputError(f"{at} must be {{ value, unit, and one of {', '.join(TAGS)} }}, is {entry!r}")
    tag = _tag(entry, ("value", "unit"), at)
    if entry.get("unit") != unit:
        raise InputError(f"{at}: unit is {entry.get('unit')!r}, needed {unit!r}")
    value = entry.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(f"{at} is {value!r}, allowed {low:g} to {high:g} {unit}")
    return float(value), tag


def _tag(entry: dict[str, Any], keys: tuple[str, ...], at: str) -> str:
    """Which one of TAGS an entry carries beside its `keys`."""
    tagged = [tag for tag in TAGS if tag in entry]
    _no_more(entry, (*keys, *TAGS), at)
    if len(tagged) != 1 or not isinstance(entry[tagged[0]], str) or not entry[tagged[0]].strip():
        raise InputError(f"{at}: needs exactly one of {', '.join(TAGS)} with a text, has {tagged or 'none'}")
    return tagged[0]


def _limits(data: dict[str, Any], where: str) -> dict[str, Any]:
    table = data.get("limits")
    if not isinstance(table, dict):
        raise InputError(f"{where}: section limits is missing")
    _no_more(table, (*LIMITS, *MORE_LIMITS, "envelope"), f"{where}: limits")
    limits: dict[str, Any] = {}
    more = {key: row for key, row in MORE_LIMITS.items() if key in table}
    for key, (unit, low, high) in {**LIMITS, **more}.items():
        _value(data, "limits", key, unit, low, high, where)
        limits[key] = table[key]["value"]
    entry = table.get("envelope")
    corners = entry.get("corners") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(corners, list) or len(corners) < 3:
        raise InputError(
            f"{where}: limits.envelope must be {{ corners, and one of {', '.join(TAGS)} }}, "
            f"corners at least 3 of [evaporating_c, condensing_c], is {entry!r}"
        )
    _tag(entry, ("corners",), f"{where}: limits.envelope")
    for corner in corners:
        if not (isinstance(corner, list) and len(corner) == 2 and all(-60 <= c <= 90 for c in corner)):
            raise InputError(
                f"{where}: limits.envelope corner {corner!r}, allowed two numbers from -60 to 90 degC"
            )
    return limits | {"envelope": corners}


def _text(table: dict[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise InputError(f"{where}.{key} is {value!r}, needs a text")
    return value


def _no_more(table: dict[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in allowed:
            near = difflib.get_close_matches(key, allowed, n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            raise InputError(f"{where}: unknown key {key!r}{hint}")
