"""An electricity meter on Modbus RTU, described as data (docs/compressor.md): registers of floats or
integers, or SunSpec, whose model is looked for.

It is a guest on a line: whoever has the line's master asks `turn` between two of its own requests, and gives
the answer to `took`. A request is never repeated, so a meter that is silent holds the line for its time-out,
once in ten seconds as soon as it is lost.
"""

from struct import unpack

from micropython import const

from .rtu import BUSY, DONE, Master

_MASK = const(0x3FFFFFFF)
_EVERY_MS = const(1_000)  # own: a new power each second
_LOOKING_MS = const(200)  # own: between the steps of looking for a model
_LOST_EVERY_MS = const(10_000)
_HOLDING = const(3)
_SUNS = const(0x5375)  # "SunS", the mark of a SunSpec map
_SUNS_END = const(0x6E53)
_END = const(0xFFFF)  # the id behind the last model
_MODELS = const(40)  # own: more is no list of models
_U16 = const(0)  # types of a value: u16, s16, u32, s32, f32, high words first
_S16 = const(1)
_U32 = const(2)
_S32 = const(3)
SILENT = const(1)  # `why` it is lost
REFUSES = const(2)
NO_MODEL = const(3)


class Meter:
    """`power_w` (drawn, whichever way its transformers point), `energy_wh` and `volts` (three, phase to
    neutral), each None where the meter does not say, and while it is `lost`.
    """

    def __init__(self, data: dict):
        """KeyError names the key that `meter` lacks."""
        self._unit = int(data["unit"])
        self._timeout = int(data["timeout_ms"])
        self._lost_ms = int(data["lost_ms"])
        self._function = int(data["function"])
        self._maps = data["maps"]
        self._bases = tuple(data.get("sunspec", ()))
        self.most = 2
        for each in self._maps:
            for _, count in each["read"]:
                self.most = max(self.most, count)
        self._map: dict | None = None  # what is read, once it is known
        self._base = 0
        self._forget()
        self._asked_ms = self._began_ms = 0
        self._since = -1  # the last power that was read
        self._refused = 0
        self._heard = False  # the last request was answered
        self.lost = False
        self.why = 0
        self.model = 0  # of SunSpec, once it is found
        self.power_w: float | None = None
        self.energy_wh: float | None = None
        self.volts: tuple | None = None

    def _forget(self):
        """Look for the model again, where it is one of SunSpec's."""
        self._place = 0  # block of the map; while looking, which base
        self._at = -1  # of the model that is looked at; -1: the mark
        self._seen = 0
        self._map = None if self._bases else self._maps[0]

    def turn(self, master, now_ms: int) -> bool:
        """Begin a request if one is due."""
        if self._since < 0:
            self._since = now_ms
            self._asked_ms = self._began_ms = (now_ms - _LOST_EVERY_MS) & _MASK
        self._watch(now_ms)
        every = _LOOKING_MS
        since_ms = self._asked_ms
        if self.lost and not self._heard:
            every = _LOST_EVERY_MS
        elif self._place == 0 and self._map:
            every = _EVERY_MS
            since_ms = self._began_ms
        if (now_ms - since_ms) & _MASK < every:
            return False
        self._asked_ms = now_ms
        if self._place == 0:
            self._began_ms = now_ms
        if self._map is None:
            first = self._bases[self._place] if self._at < 0 else self._at
            master.read(now_ms, self._unit, first, 2, self._function, self._timeout)
        else:
            first, count = self._map["read"][self._place]
            master.read(now_ms, self._unit, self._base + first, count, self._function, self._timeout)
        return True

    def took(self, master, now_ms: int):
        """The request's end: an answer, a refusal, or silence."""
        done = self._heard = master.state == DONE
        if done:
            self._refused = 0
        elif master.exception:
            self._refused += 1
        if self._map is None:
            self._look(master.value if done else None, now_ms)
        elif done or master.exception:  # what it refuses it has not: the other blocks may be there
            if done:
                self._take(self._map, master.value, now_ms)
            self._place = (self._place + 1) % len(self._map["read"])
        else:
            self._place = 0
        self._watch(now_ms)

    def _watch(self, now_ms: int):
        if (now_ms - self._since) & _MASK < self._lost_ms:
            return
        if not self.lost:
            self.lost = True
            self.power_w = self.energy_wh = self.volts = None
            self._forget()
        self._since = (now_ms - self._lost_ms) & _MASK  # ticks come round
        if self.why != NO_MODEL:
            self.why = REFUSES if self._refused else SILENT

    def _look(self, value, now_ms: int):
        """A step of SunSpec's discovery: the mark, then model after model; `value` of the answer, or None."""
        if self._at < 0:
            if value and value(0) == _SUNS and value(1) == _SUNS_END:
                self._at = self._bases[self._place] + 2
                self._seen = 0
            else:
                self._place = (self._place + 1) % len(self._bases)
            return
        if value is None:
            return
        model = value(0)
        self._seen += 1
        for each in self._maps:
            low, high = each["models"]
            if low <= model <= high:
                self._map = each
                self._base = self._at
                self._place = 0
                self.model = model
                self.why = 0
                return
        self._at += 2 + value(1)
        if model == _END or self._seen > _MODELS or self._at > 0xFFFF:
            self.why = NO_MODEL
            self._at = -1

    def _take(self, found: dict, value, now_ms: int):
        """What a block of the map says."""
        first, count = found["read"][self._place]
        row = found["power"]
        if first <= row[0] < first + count:
            power = _number(value, first, row)
            self.power_w = power if power is None else abs(power)
            self._since = now_ms
            self.lost = False
            self.why = 0
        row = found.get("energy")
        if row and first <= row[0] < first + count:
            self.energy_wh = _number(value, first, row)
        rows = found.get("volts")
        if rows and first <= rows[0][0] < first + count:
            volts = tuple([_number(value, first, row) for row in rows])
            self.volts = None if None in volts else volts


def _number(value, first: int, row) -> float | None:
    """[register, type, scale, register of a power of ten or -1]; None: the meter does not say (SunSpec's
    values for that, no number)."""
    at = row[0] - first
    kind = row[1]
    raw = value(at)
    if kind == _S16:
        if raw == 0x8000:
            return None
        raw -= (raw & 0x8000) << 1
    elif kind == _U16:
        if raw == 0xFFFF:
            return None
    else:
        low = value(at + 1)
        if kind > _S32:
            number = unpack(">f", bytes((raw >> 8, raw & 0xFF, low >> 8, low & 0xFF)))[0]
            return number * row[2] if abs(number) < 1e9 else None
        number = raw * 65536.0 + low
        if kind == _S32 and raw & 0x8000:
            number -= 4294967296.0
        raw = number
    if row[3] < 0:
        return raw * row[2]
    power = value(row[3] - first)
    if power == 0x8000:
        return None
    power -= (power & 0x8000) << 1
    return raw * row[2] * 10.0**power if abs(power) <= 10 else None


class Line:
    """A meter that has a line to itself."""

    def __init__(self, meter, line):
        self._meter = meter
        self._master = Master(line, 1000, 0, meter.most)
        self._asked = False

    def poll(self, now_ms: int):
        """What came, then the next request."""
        master = self._master
        if master.step(now_ms) == BUSY:
            return
        if self._asked:
            self._asked = False
            self._meter.took(master, now_ms)
        if master.ready(now_ms):
            self._asked = self._meter.turn(master, now_ms)
