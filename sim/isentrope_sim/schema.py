"""The machine file as a JSON Schema, made from the tables that the reader itself checks by."""

from typing import Any

from isentrope_sim import declared, fluids, machine, parameters, valves

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TAG_TEXTS = {
    "source": "where it is published",
    "prior": "why it was chosen",
    "fitted": "which certified row it was fitted on",
}


def machine_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a machine file read as TOML: sections, keys, units and bounds.

    What a schema cannot say stays with the reader: order of the speeds, count of fitted values, and the
    sections below `controller`, which belong to the sensor, actuator and profile models.
    """
    sections: dict[str, dict[str, Any]] = {}
    for v in parameters.VALUES:
        sections.setdefault(v.section, {})[v.key] = _number(v.unit, v.low, v.high, machine.TAGS)
    always = {(v.section, v.key) for v in parameters.VALUES if not v.indoor}
    for v, _ in parameters.EXTRA:
        sections[v.section][v.key] = _number(v.unit, v.low, v.high, machine.TAGS)
    for section, keys in machine.TEXTS.items():
        for key in keys:
            sections.setdefault(section, {})[key] = _text(section, key)
            always.add((section, key))
    properties: dict[str, Any] = {
        "machine": _table(
            {
                "schema": {"const": machine.SCHEMA_VERSION},
                "name": {"type": "string", "minLength": 1},
                "description": {"type": "string", "minLength": 1},
                "refrigerant": {"enum": fluids.names()},
            }
        )
    }
    for name, table in sections.items():
        properties[name] = _table(table, tuple(key for key in table if (name, key) in always))
        extra = [v.key for v, _ in parameters.EXTRA if v.section == name]
        if extra:
            properties[name]["dependentRequired"] = dict.fromkeys(extra, extra)
    properties["limits"] = _limits()
    optional = _declared() | _optional()
    return {
        "$schema": DIALECT,
        "title": "Isentrope machine file",
        "type": "object",
        "properties": properties | optional | {"controller": {"type": "object"}},
        "required": [name for name in properties if properties[name]["required"]],
        "additionalProperties": False,
        "allOf": [_with_indoors(medium, sections) for medium in machine.MEDIA],
    }


def _with_indoors(medium: str, sections: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a file with this medium indoors needs beside the common keys, and what it may not have."""
    needed: dict[str, list[str]] = {}
    refused: dict[str, dict[str, bool]] = {}
    for v in parameters.VALUES:
        if v.indoor == medium:
            needed.setdefault(v.section, []).append(v.key)
        elif v.indoor:
            refused.setdefault(v.section, {})[v.key] = False
    rules: dict[str, Any] = {}
    for section in sorted(needed | refused):
        if len(refused.get(section, ())) == len(sections[section]):
            rules[section] = False
        else:
            rules[section] = {"required": needed.get(section, []), "properties": refused.get(section, {})}
    whole = [section for section in needed if len(needed[section]) == len(sections[section])]
    return {
        "if": {"properties": {"indoor": {"properties": {"medium": {"const": medium}}}}},
        "then": {"required": whole, "properties": rules},
    }


def rows() -> list[dict[str, Any]]:
    """The same as a flat table: section, key, unit, bounds, whether the file must have it, and with which
    medium indoors if not with both (in files with the other it is refused).
    """
    schema = machine_schema()
    found: list[dict[str, Any]] = []
    _flatten("", schema, True, found)
    indoors = {(v.section, v.key): v.indoor for v in parameters.VALUES if v.indoor}
    for row in found:
        row["indoors"] = indoors.get((row["section"], row["key"]))
        row["required"] = row["required"] or row["indoors"] is not None
    return found


def _flatten(path: str, table: dict[str, Any], needed: bool, found: list[dict[str, Any]]) -> None:
    for key, entry in table["properties"].items():
        must = needed and key in table.get("required", ())
        value = entry.get("properties", {}).get("value")
        if "properties" in entry and value is None:
            _flatten(f"{path}.{key}" if path else key, entry, must, found)
            continue
        known = entry.get("enum") or ([entry["const"]] if "const" in entry else [])
        found.append(
            {
                "section": path,
                "key": key,
                "unit": entry["properties"]["unit"]["const"] if value else None,
                "low": value["minimum"] if value else None,
                "high": value["maximum"] if value else None,
                "known": ", ".join(map(str, known)) or None,
                "required": must,
            }
        )


def _optional() -> dict[str, Any]:
    sections: dict[str, dict[str, Any]] = {}
    for v, _ in parameters.OPTIONAL:
        sections.setdefault(v.section, {})[v.key] = _number(v.unit, v.low, v.high, machine.TAGS)
    for section, texts in machine.OPTIONAL_TEXTS.items():
        sections[section] |= {key: _text(section, key) for key in texts}
    return {name: _table(keys) for name, keys in sections.items()}


def _table(keys: dict[str, Any], required: tuple[str, ...] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": keys,
        "required": list(keys if required is None else required),
        "additionalProperties": False,
    }


def _number(unit: str, low: float, high: float, tags: tuple[str, ...], meaning: str = "") -> dict[str, Any]:
    """A table `{ value, unit, one of tags }`."""
    texts = {tag: {"type": "string", "minLength": 1, "description": _TAG_TEXTS[tag]} for tag in tags}
    table = _table(
        {"value": {"type": "number", "minimum": low, "maximum": high}, "unit": {"const": unit}, **texts},
        ("value", "unit"),
    )
    table["oneOf"] = [{"required": [tag]} for tag in tags]
    return table | ({"description": meaning} if meaning else {})


def _text(section: str, key: str) -> dict[str, Any]:
    known = {
        ("charge", "class"): machine.CHARGE_CLASSES,
        ("eev", "valve"): tuple(valves.catalogue()),
        ("indoor", "medium"): machine.MEDIA,
        ("reversing", "kind"): machine.REVERSING,
        ("oil", "sump"): machine.SUMPS,
    }
    if (section, key) in known:
        return {"enum": list(known[section, key])}
    return {"type": "string", "minLength": 1}


def _limits() -> dict[str, Any]:
    keys = {key: _number(*bounds, machine.TAGS) for key, bounds in machine.LIMITS.items()}
    degrees = {"type": "number", "minimum": -60, "maximum": 90}
    corner = {"type": "array", "items": degrees, "minItems": 2, "maxItems": 2}
    envelope = _table(
        {
            "corners": {"type": "array", "items": corner, "minItems": 3},
            **{tag: {"type": "string", "minLength": 1} for tag in machine.TAGS},
        },
        ("corners",),
    )
    more = {key: _number(*bounds, machine.TAGS) for key, bounds in machine.MORE_LIMITS.items()}
    envelope["oneOf"] = [{"required": [tag]} for tag in machine.TAGS]
    return _table(keys | more | {"envelope": envelope}, (*keys, "envelope"))


def _declared() -> dict[str, Any]:
    """The optional sections of `declared`."""
    tags = ("source", "prior")

    def numbers(table: tuple[declared.Number, ...]) -> dict[str, Any]:
        return {n.key: _number(n.unit, n.low, n.high, tags, n.meaning) for n in table}

    def choices(table: tuple[declared.Choice, ...]) -> dict[str, Any]:
        return {c.key: {"enum": list(c.known), "description": c.meaning} for c in table}

    rated = {name: _table(numbers(table), ()) for name, table in declared.rated_tables().items()}
    seasonal = choices(declared.SEASONAL_CHOICES) | numbers(declared.STANDBY) | rated
    place = choices(declared.INSTALLATION_CHOICES)
    return {
        "seasonal": _table(seasonal, ()),
        "sound": _table(numbers(declared.SOUND)),
        "installation": _table(place | numbers(declared.INSTALLATION), tuple(place)),
    }
