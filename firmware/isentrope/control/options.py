"""The functions that this machine and its settings ask for, made once; what is not asked for is not loaded.

A module of this folder named here has `make(profile, settings, alarms, log, c)`; what it returns has
`step(now_ms, dt_s, inp, out, c)`, called once a scan after the protections and before capacity and states;
`c` is the controller. It may cap (`c.cap_rps` with `c.cap_why`, `c.fan_cap`, `c.limits.cap`), ask for heat
or forbid it (`c.capacity`), hold a start (`c.sequence.hold`), and raise alarms. They come in the order of
their rank: the last to say a setpoint says it. One with `finish(inp, out)` has the last word.
One with `SLOW` has its turn behind the others, once in one or two seconds, in a scan that does not regulate
superheat, with the time that passed.

Settings that choose an option count at the next start.
"""

_BASE = 157  # of the settings of control/arbiter.py and its like: "b" and the place from there

# What asks, and the module: a key of the profile that is there; place/bit mask of a setting's values that do;
# place/ of a setting that is not 0. One string: names that are never used must not be interned for ever.
_ROWS = (
    "compressor.skip skip\n"
    "74/10 curve\n"
    "74/12 room\n"
    "74/16 busdemand\n"
    "82/ degrees\n"
    "83/ daily\n"
    "84/ quiet\n"
    "limits.min_lift_k lift\n"
    "limits.flood_k flood\n"
    "compressor.oil oil\n"
    "compressor.crankcase_below_c crankcase\n"
    "phases phases\n"
    "drive driveguard\n"
    "thermostat thermostat\n"
    "b16/ outdoor\n"
    "b19/ pump\n"
    "b21/ exercise\n"
    "freeze freeze\n"
    "modes arbiter\n"
    "187/ grid\n"
    "192/ guess\n"
    "204/ guess\n"
    "204/ energy\n"
    "meter meterguard\n"
    "192/ power\n"
    "backup backup\n"
    "modes sets\n"
    "reversing slide\n"
    "156/ coildrift\n"
    "197/ due\n"
    "214/ cleaning\n"
    "206/ diagnosis\n"
    "compressor standing\n"
    "separator separator\n"
    "leak leak"
)


def options(profile: dict, settings, alarms, log, c) -> tuple:
    """Make them, and hand the controller's parts what they ask directly.

    Raises ValueError naming the key of the profile that cannot be used.
    """
    made: list = []
    base = __name__[: __name__.rindex(".") + 1]
    for row in _ROWS.split("\n"):
        what, name = row.split(" ")
        if "/" in what:
            place, mask = what.split("/")
            value = int(settings.v[_BASE + int(place[1:]) if place[0] == "b" else int(place)])
            asked = 1 << value & int(mask) if mask else value
        else:
            found: dict | None = profile
            for key in what.split("."):
                found = found.get(key) if found else None
            asked = found is not None
        if asked:
            option = __import__(base + name, None, None, ("make",)).make(profile, settings, alarms, log, c)
            if option:
                made.append(option)
    return tuple(made)
