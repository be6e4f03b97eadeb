"""The functions that this machine and its settings ask for, made once; what is not asked for is not loaded.

An option has `step(now_ms, dt_s, inp, out, c)`, called once a scan after the protections and before
capacity and states; `c` is the controller. It may cap (`c.cap_rps`, `c.cap_why`, `c.fan_cap`,
`c.limits.cap`), ask for heat or forbid it (`c.capacity`), hold a start (`c.sequence.hold`), and raise
alarms. They come in the order of their rank: the last to say a setpoint says it.

Settings that choose an option count at the next start.
"""

# Places in Settings.v of the settings that choose; `capacity_source`: 0 flow setpoint, 1 curve, 2 room,
# 3 curve and room, 4 bus demand.
_SOURCE = 74
_DEGREES = 82
_PER_DAY = 83
_QUIET = 84


def options(profile: dict, settings, alarms, log, c) -> tuple:
    """Make them, and hand the controller's parts what they ask directly.

    Raises ValueError naming the key of the profile that cannot be used.
    """
    v = settings.v
    compressor, limits = profile["compressor"], profile.get("limits", {})
    made: list = []
    if compressor.get("skip"):
        from .skip import Skip

        c.speed.skip = Skip(compressor)
    source = int(v[_SOURCE])
    if source in (1, 3):
        from .curve import Curve

        made.append(Curve(settings, log))
    if source in (2, 3):
        from .room import Room

        made.append(Room(settings, alarms))
    if source == 4:
        from .busdemand import BusDemand

        made.append(BusDemand(compressor, settings, alarms))
    if v[_DEGREES] > 0.0:
        from .degrees import Degrees

        c.capacity.degrees = Degrees(settings)
    if v[_PER_DAY] > 0.0:
        from .daily import Daily

        c.sequence.daily = Daily(settings, int(v[_PER_DAY]))
        made.append(c.sequence.daily)
    if v[_QUIET] > 0.0:
        from .quiet import Quiet

        made.append(Quiet(settings))
    if limits.get("min_lift_k"):
        from .lift import Lift

        made.append(Lift(limits, settings, log))
    if limits.get("flood_k"):
        from .flood import Flood

        made.append(Flood(limits, settings, alarms))
    if compressor.get("oil"):
        from .oil import Oil

        c.sequence.oil = Oil(compressor, log)
        made.append(c.sequence.oil)
    if profile.get("crankcase"):
        from .crankcase import Crankcase

        made.append(Crankcase(profile, settings))
    if profile.get("phases") is not None:
        from .phases import Phases

        made.append(Phases(profile, settings, alarms))
    if profile.get("drive"):
        from .driveguard import DriveGuard

        made.append(DriveGuard(profile["drive"], compressor, settings, alarms))
    return tuple(made)
