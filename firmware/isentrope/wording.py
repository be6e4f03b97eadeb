"""Sentences for people: what log entries, events and alarms mean. Borrowed (`tables`) when somebody asks."""

from micropython import const

from . import decisions, eventlog, settings
from .tables import borrowed, find, lines, table

_CAUSES = ("", "power on", "watchdog", "reset asked for")
_CHANGES = ("cleared", "raised", "latched")
_TAKES = const(88)  # decision (control/sets.py)
_LAPSED = const(140)  # decision (bus/commands.py)
_CONTRADICT = const(220)  # likewise
_WORKS = const(100)  # and that of control/arbiter.py
_BUSES = ("Modbus RTU", "Modbus TCP", "BACnet/IP", "MS/TP", "MQTT", "bus 6", "bus 7", "the machine's own")
_LEVELS = ("user", "installer", "maker")

_decisions = table("decision_texts")


def name(code: int) -> str:
    """What the alarm is called; "alarm N" when unknown."""
    return find(table("alarm_names"), "%d " % code) or "alarm %d" % code


def describe(code: int) -> tuple:
    """(name, class, reset by, cause, effect, reset, remedy) of an alarm; the rest empty when unknown."""
    line = find(table("alarm_texts"), "%d|" % code)
    return (name(code),) + (tuple(line.split("|")) if line else ("",) * 6)


def text(code: int, value: int) -> str:
    """The sentence for an entry of the decision log or the event log, such as "speed held at 34 rps:
    discharge 106 degC"."""
    if code >= settings.FIRST:
        return _changed(code, value)
    if decisions.ALARM <= code < eventlog.STARTED:
        change = _CHANGES[value] if 0 <= value < 3 else _CHANGES[1]
        return "alarm %s: %s" % (change, name(code - decisions.ALARM))
    line = find(_decisions, "%d " % code)
    if line is None:
        return "decision %d, %d" % (code, value)
    if code == eventlog.STARTED:
        return line % (_CAUSES[value] if 0 < value < len(_CAUSES) else "cause %d" % value)
    if code in (decisions.STATE, _TAKES, _WORKS):
        from .control.states import name as state

        return line % state(value)
    if code in (decisions.START_BLOCKED, decisions.STOP_ALARM):
        return line % name(value)
    if code == _LAPSED:
        return line % _point(value)
    if code == _CONTRADICT:
        return line % (
            _point(value & 0xFFFF),
            "%s at priority %d" % (_BUSES[value >> 27 & 7], (value >> 20 & 15) + 1),
            "%s at %d" % (_BUSES[value >> 24 & 7], (value >> 16 & 15) + 1),
        )
    if code == decisions.LIMIT_MISSING:
        from .control.limits import KEYS

        return line % KEYS[value]
    if decisions.SETTING_RANGE <= code <= decisions.SETTING_CONTRADICTS:
        return _refused(line, code, *decisions.unpair(value))
    count = line.count("%d")
    if count == 2:
        return line % decisions.unpair(value)
    return line % value if count else line


def _row(identity: int) -> tuple | None:
    """A setting's, as borrowed `setting_rows` gives them."""
    for row in borrowed("setting_rows").rows():
        if row[0] == identity:
            return row
    return None


def _point(identity: int) -> str:
    """A point's name."""
    for fields in lines("point_table"):
        if int(fields[0], 16) == identity:
            return fields[2].decode()
    return "point %04X" % identity


def _valued(row: tuple, raw: int) -> str:
    exponent = row[3]
    return "%g" % (raw / 10**-exponent if exponent < 0 else raw * 10**exponent)


def _changed(code: int, value: int) -> str:
    """A setting's change: what it was, what it is now."""
    before = code >= eventlog.WAS
    row = _row(code - eventlog.WAS if before else code)
    if row is None:
        return "setting %04X %s raw %d" % (code & ~eventlog.WAS, "was" if before else "is now", value)
    said = "setting %s %s %s %s" % (row[1], "was" if before else "is now", _valued(row, value), row[2])
    return said.strip()


def _refused(line: str, code: int, place: int, raw: int) -> str:
    row = _row(settings.FIRST + place)
    if row is None:
        return "decision %d, %d" % (code, place)
    said = "setting " + row[1]
    if code == decisions.SETTING_RANGE:
        return line % (said, _valued(row, raw), _valued(row, row[4]), _valued(row, row[5]), row[2])
    if code == decisions.SETTING_LOCKED:
        return line % (said, _LEVELS[row[7]])
    if code == decisions.SETTING_CONTRADICTS:
        return line % (said, _valued(row, raw), " or ".join(borrowed("setting_rows").tied(row[0])))
    return line % said
