"""Coil and filter are to be cleaned: the fan has run as many hours as `clean_at` says.

Dirt comes with the air that is drawn through, so the fan's hours count, not the compressor's. Whoever cleans
sets the hours of the next time, which storage keeps.
"""

from struct import unpack_from

from micropython import const

_AT = const(214)  # place in Settings.v
_FAN = const(24)  # of the ledger's image: hundredths of an hour
_DUE = const(80)  # alarm


class Cleaning:
    """An option of the controller (options.py): a warning."""

    SLOW = True

    def __init__(self, settings, alarms, ledger):
        self._v = settings.v
        self._alarms = alarms
        self._ledger = ledger
        self._changes = -1
        self._fan_h = 0.0

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        ledger = self._ledger
        if ledger.changes != self._changes:
            self._changes = ledger.changes
            self._fan_h = unpack_from("<I", ledger.image, _FAN)[0] / 100.0
        at_h = self._v[_AT]
        if at_h > 0.0 and self._fan_h >= at_h:
            self._alarms.raise_(_DUE, now_ms, int(at_h))
        else:
            self._alarms.clear(_DUE, now_ms)


def make(profile, settings, alarms, log, c):
    return Cleaning(settings, alarms, c.ledger) if c.ledger else None
