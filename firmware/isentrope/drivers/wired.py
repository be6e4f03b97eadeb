"""Contacts and transmitters that an installation may wire to the machine, beside its own sensors."""

# In the order of the bits of `closed`, which control/ names where it reads them. The "ok" ones are closed
# while all is well, so that a broken wire is an alarm.
_CONTACTS = "leak_ok leak_sensor_ok separator_ok sg_1 sg_2 utility_block y y2 g w ob"


class Wired:
    """`fitted` and `closed` have a bit a contact; a transmitter's value is None while it has failed.

    `has_leak`: there is a transmitter of leaked gas, so that None means its loss.
    """

    def __init__(self, by_name: dict):
        self._contacts: list = []
        self.fitted = 0
        self.closed = 0
        bit = 1
        for name in _CONTACTS.split(" "):
            if name in by_name:
                self._contacts.append((by_name[name], bit))
                self.fitted |= bit
            bit <<= 1
        self._leak = by_name.get("leak_lfl")
        self._water = by_name.get("water_p")
        self._meter = by_name.get("meter")
        self.has_leak = self._leak is not None
        self.leak_pct: float | None = None  # of the lower flammable limit
        self.water_kpa: float | None = None  # gauge, of the heating water
        self.meter_kw: float | None = None  # electric, of the whole machine

    def read(self):
        """Before the decisions of a scan."""
        closed = 0
        for contact, bit in self._contacts:
            if contact.closed():
                closed |= bit
        self.closed = closed
        self.leak_pct = _read(self._leak)
        self.water_kpa = _read(self._water)
        self.meter_kw = _read(self._meter)


def _read(transmitter) -> float | None:
    if transmitter is None:
        return None
    value = transmitter.read()
    return None if transmitter.bad else value
