"""The services that are asked for now and then: device management and Who-Has. Borrowed (`tables`).

ASHRAE 135, clauses 16.1 (DeviceCommunicationControl), 16.4 (ReinitializeDevice), 16.7 and 16.8 (time), 16.9.
"""

from micropython import const

from .wire import Refused

_DEVICE = const(0x200)
_INVALID_TAG = const(0x10004)
_RANGE = const(0x10006)
_PASSWORD = const(0x041A)
_DENIED = const(0x051D)
_NOT_SUPPORTED = const(0x052D)
_READ_ONLY = const(0x0228)
_MINUTE_MS = const(60_000)
_CLOCK = const(0x2068)  # point: minute of the day


def confirmed(stack, service: int):
    """Act on a request."""
    if service == 17:
        _communication(stack)
    else:
        _reinitialize(stack)


def _password(stack, tag: int) -> bool:
    """The password that may follow is the right one, or none is asked for."""
    r = stack.r
    wanted = stack.settings.password()
    given = b""
    if r.has(tag):
        if r.n < 1:
            raise Refused(_INVALID_TAG)
        given = bytes(r.buf[r.at + 1 : r.at + r.n]) if r.buf[r.at] == 0 else b""
        r.at += r.n
    r.over()
    return not wanted or given == b"%d" % wanted


def _communication(stack):
    r = stack.r
    minutes = r.unsigned(0xFFFF) if r.has(0) else 0
    r.need(1)
    wanted = r.unsigned(0xFFFF)
    if wanted > 2:
        raise Refused(_RANGE)
    if not _password(stack, 2):
        raise Refused(_PASSWORD)
    if wanted == 1:  # since protocol revision 20 nobody can be silenced altogether
        raise Refused(_DENIED)
    stack.silent = wanted
    stack.silent_ms = min(minutes * _MINUTE_MS, 0x3FFFFFFF)


def _reinitialize(stack):
    r = stack.r
    r.need(0)
    wanted = r.unsigned(0xFFFF)
    if wanted > 7:
        raise Refused(_RANGE)
    if not _password(stack, 1):
        raise Refused(_PASSWORD)
    if 2 <= wanted <= 6:  # backup and restore
        raise Refused(_NOT_SUPPORTED)
    if stack.registers.gate.refusal(stack.links[stack.peer[0]].bus):
        raise Refused(_READ_ONLY)
    stack.restart = 1 if wanted == 0 else 2


def unconfirmed(stack, service: int) -> int:
    """The answer's end, 0: there is none."""
    if service == 7:
        return _who_has(stack)
    _time(stack, service == 9)
    return 0


def _time(stack, utc: bool):
    r = stack.r
    r.need(10, 0)
    if r.n != 4:
        return
    year, month, day, weekday = r.buf[r.at : r.at + 4]
    r.at += 4
    r.need(11, 0)
    if r.n != 4:
        return
    hour, minute, second, hundredth = r.buf[r.at : r.at + 4]
    r.at += 4
    r.over()
    if not (1 <= month <= 12 and 1 <= day <= 31 and year < 255 and 1 <= weekday <= 7):
        return
    if not (hour < 24 and minute < 60 and second < 60 and hundredth < 100):
        return
    from .clock import Clock

    ms = ((hour * 60 + minute) * 60 + second) * 1000 + hundredth * 10
    clock = Clock(year, month, day, weekday, ms)
    if utc:
        hour = stack.settings.summer() and stack.texts.module("bus.ntp").in_summer(clock.seconds())
        clock.passed((60 * hour - stack.settings.utc_offset()) * _MINUTE_MS)
    stack.clock = clock
    registers = stack.registers
    if registers.known(_CLOCK):
        from ...dates import first

        now = 100 <= clock.year < 200
        today = first(clock.year - 100, clock.month) + clock.day - 1 if now else -1
        bus = stack.links[stack.peer[0]].bus
        registers.time(clock.ms // 1000, clock.weekday - 1, today, bus)


def _who_has(stack) -> int:
    r, w = stack.r, stack.w
    if r.has(0):
        low = r.unsigned(0x3FFFFF)
        r.need(1)
        if not low <= stack.instance <= r.unsigned(0x3FFFFF):
            return 0
    from . import services

    if r.has(2):
        r.object()
        at = services.find(stack, r.type, r.instance)
    else:
        r.need(3)
        if r.n < 2 or r.buf[r.at]:
            return 0
        at = _named(stack, bytes(r.buf[r.at + 1 : r.at + r.n]))
        r.at += r.n
    r.over()
    if at < 0:
        return 0
    kind, instance = services.own(stack, at)
    stack.head()
    w.byte(0x10)
    w.byte(1)
    w.object(8, stack.instance)
    w.object(kind, instance)
    w.text(name(stack, at))
    return w.at


def name(stack, at: int):
    """Any object's name, as bytes."""
    if at < _DEVICE:
        return stack.objects.name(at)
    return stack.texts.module("bus.bacnet.device").name(stack, at - _DEVICE)


def _named(stack, wanted: bytes) -> int:
    for at in range(stack.objects.count):
        if stack.objects.name(at) == wanted:
            return at
    for n in range(1 + len(stack.links)):
        if name(stack, _DEVICE + n) == wanted:
            return _DEVICE + n
    return -1
