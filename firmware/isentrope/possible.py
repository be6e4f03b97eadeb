"""Machines that cannot be: a function that the profile asks for without what it takes. Borrowed (`tables`) at
the start.

A row: what asks, what it takes. `modes=cooling` is a value of a list, `settings.grid_signals&2` bits of a
setting in the profile, `wired=y2` a terminal, another word a key of the profile; a need is a name in io, or
a key of the profile with a dot before it; alternatives are joined by `|`.
"""

_ROWS = (
    "modes=cooling .reversing\n"
    "modes=hot_water tank_t\n"
    "modes=hot_water hot_water_valve\n"
    "reversing reversing_valve\n"
    "reversing coil_t\n"
    "backup backup_1\n"
    "thermostat y\n"
    "wired=y2 .thermostat\n"
    "wired=g .thermostat\n"
    "wired=w .thermostat\n"
    "wired=ob .thermostat\n"
    "leak leak_ok|leak_lfl\n"
    "wired=leak_sensor_ok .leak\n"
    "separator separator_ok|water_p\n"
    "drive.second_rps compressor_run_2\n"
    "settings.grid_signals&2 utility_block\n"
    "settings.defrost&3 .reversing"
)


def check(profile: dict):
    """ValueError names what asks and what is missing."""
    signals = [row["name"] for row in profile["io"]]
    for row in _ROWS.split("\n"):
        asks, needs = row.split(" ")
        if not _asked(profile, asks):
            continue
        for need in needs.split("|"):
            if (need[0] == "." and need[1:] in profile) or need in signals:
                break
        else:
            _refuse(asks, needs)
    stages = len(profile.get("backup", {}).get("stage_w", "_"))
    if not stages:
        raise ValueError("profile.json: backup is there, but backup.stage_w is empty")
    if stages > 1 and "backup_2" not in signals:
        _refuse("backup", "backup_2")
    for name in profile.get("wired", ()):
        if name not in signals:
            _refuse("wired=" + name, name)


def _asked(profile: dict, asks: str) -> bool:
    key, _, value = asks.partition("=")
    if value:
        return value in profile.get(key, ())
    key, _, mask = asks.partition("&")
    found: dict | None = profile
    for part in key.split("."):
        found = found.get(part) if found else None
    return found is not None and (not mask or int(str(found).split(".")[0]) & int(mask) != 0)


def _refuse(asks: str, needs: str):
    said = asks.replace("=", " has ", 1) if "=" in asks else asks.partition("&")[0] + " is set"
    where = "" if needs[0] == "." else " in io"
    names = " or ".join(needs.replace(".", "").split("|"))
    raise ValueError("profile.json: %s, but %s is missing%s" % (said, names, where))
