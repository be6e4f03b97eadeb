"""The parameters' table row by row, and a profile's values checked by it. Borrowed (`tables`)."""

from .tables import lines


def _parse(f: list) -> tuple:
    unit = "" if f[2] == b"-" else f[2].decode()
    return int(f[0], 16), f[1].decode(), unit, int(f[3]), int(f[4]), int(f[5]), int(f[6]), int(f[7])


def rows():
    """Every row in order as (id, name, unit, exponent, low, high, default, level)."""
    for fields in lines("setting_table"):
        yield _parse(fields)


def above(fields: list) -> int:
    """The id of the setting that this row's may not lie above; 0: there is none."""
    return int(fields[8], 16) if len(fields) > 8 else 0


def tied(identity: int) -> list:
    """Names of the settings that this one may not lie above, or under."""
    names = {}
    ties = []
    for fields in lines("setting_table"):
        own = int(fields[0], 16)
        names[own] = fields[1].decode()
        other = above(fields)
        if other and identity in (own, other):
            ties.append(other if own == identity else own)
    return [names[each] for each in ties]


def load(settings, values: dict):
    """Take the profile's settings, name to value in units, as `Settings.load` says."""
    known = []
    found = {}
    for fields in lines("setting_table"):
        name = fields[1].decode()
        if name in values:
            found[name] = _parse(fields)
    for name in sorted(values):
        row = found.get(name)
        if row is None:
            raise ValueError("profile.json: settings.%s is not a setting" % name)
        identity, _, unit, exponent, low, high, _, _ = row
        scale = 10.0**exponent
        value = values[name]
        if not isinstance(value, (int, float)) or value != value:
            raise ValueError("profile.json: settings.%s is %r, not a number" % (name, value))
        raw = int(value / scale + (0.5 if value >= 0 else -0.5))
        if not low <= raw <= high:
            raise ValueError(
                "profile.json: settings.%s is %s, allowed %g to %g %s"
                % (name, value, low * scale, high * scale, unit)
            )
        known.append((identity, raw))
    before = [(identity, settings.raw[settings.place(identity)]) for identity, _ in known]
    for identity, raw in known:
        settings.put(identity, raw)
    place = settings.contradiction()
    if place >= 0:
        other = settings.above(place)
        said = "profile.json: settings.%s is %g, above %s, which is %g" % (
            _name(place),
            settings.v[place],
            _name(other),
            settings.v[other],
        )
        for identity, raw in before:
            settings.put(identity, raw)
        raise ValueError(said)


def _name(place: int) -> str:
    for fields in lines("setting_table"):
        if not place:
            return fields[1].decode()
        place -= 1
    return "?"
