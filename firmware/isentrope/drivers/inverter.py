"""A compressor's drive on Modbus RTU, described as data (docs/compressor.md): registers, scales, fault codes.

The round is: speed, run word, then each block of readings, one request at a time. `poll` carries it on
between scans; without it each scan does a step. A change of the run command goes before everything else.
Everything written is repeated each round, which is the heartbeat of drives that stop when their master
falls silent.

A guest on the line (meter.py) has its turn between two rounds, one request at a time: the drive waits for it
by that request's time-out at most.

A drive that has not answered for `lost_ms` is `lost`. The wired run relay and the drive's own time-out stop
it then: nothing that the bus could do would reach it.
"""

from micropython import const

from .rtu import BUSY, DONE, FAILED, Master

_MASK = const(0x3FFFFFFF)
_FOLLOW_MS = const(30_000)  # own: a drive precharges and starts within that
_REST_MS = const(5_000)  # own: one that did not follow is let go so long after the run command went
_OTHER = const(4)  # class of a fault that the data does not list
_NOT_FOLLOWED = const(-1)
_GUEST = const(99)  # of `_asked`: the request under way is the guest's
_VALUES = ("speed_rps", "current_a", "bus_v", "module_c")


class Inverter:
    """Attributes are readings of the last round, None where the drive does not say.

    `fault` is a class: 1 current, 2 temperature, 3 voltage, 4 any other, 0 none.
    """

    def __init__(self, data: dict, line, guest=None):
        """ValueError names the register that no block reads, KeyError the key that `drive` lacks."""
        reads = data["read"]
        self._reads = tuple([(int(f), int(first), int(count)) for f, first, count in reads])
        most = max([count for _, _, count in self._reads])
        self._guest = guest
        if guest:
            most = max(most, guest.most)
        self._master = Master(line, int(data["timeout_ms"]), int(data["retries"]), most)
        self._unit = int(data["unit"])
        self._lost_ms = int(data["lost_ms"])
        self._function = int(data["write"])
        self._run, self._stop, self._reset = (tuple(data[key]) for key in ("run", "stop", "reset"))
        self._speed = tuple(data["speed"])  # register, raw per rps
        self._status = self._found(data["running"])  # block, place, mask, value
        self._tripped = self._found(data["tripped"])
        self._fault = self._found(data["fault"])  # block, place, shift, mask
        self._classes = bytes([int(each) for pair in data["faults"] for each in pair])
        values = []
        for name in _VALUES:
            if name in data:  # register, scale, offset, signed
                block, place, scale, offset, signed = self._found(data[name])
                values.append((name, block, place, float(scale), float(offset), bool(signed)))
        self._values = tuple(values)
        self._place = 0  # in the round
        self._asked = -1  # what the request under way is
        self._on = False
        self._rps = 0.0
        self._since = -1  # the last answer
        self._command_ms = 0  # the last change of the run command
        self.lost = False
        self.running = False
        self.fault = 0
        self.fault_raw = 0
        self.reset = False  # whoever judges the drive wants its fault reset
        self.speed_rps = self.current_a = self.bus_v = self.module_c = None
        self.rounds = 0

    def step(self, now_ms: int, on: bool, rps: float):
        """The scan's command, and a step of the round."""
        if on != self._on:
            self._on = on
            self._command_ms = now_ms
            self._place = 1
        self._rps = rps if on else 0.0
        self.poll(now_ms)

    def poll(self, now_ms: int):
        """What came, then the next request."""
        if self._since < 0:
            self._since = now_ms
        master = self._master
        state = master.step(now_ms)
        if state == BUSY:
            self._watch(now_ms)
            return
        if self._asked == _GUEST:
            self._asked = -1
            self._guest.took(master, now_ms)
        elif self._asked >= 0:
            if state == DONE:
                self._since = now_ms
                self.lost = False
                if self._asked >= 2:
                    self._take(self._asked - 2)
            elif state == FAILED and master.exception:
                self._since = now_ms  # it refuses, but it is there
            self._asked = -1
        self._watch(now_ms)
        if master.ready(now_ms):
            if self._place == 0 and self._guest and self._guest.turn(master, now_ms):
                self._asked = _GUEST
            else:
                self._ask(now_ms)

    def _found(self, row) -> tuple:
        """(block, place in it, rest of the row) of a row that begins with a register."""
        register = row[0]
        for block in range(len(self._reads)):
            _, first, count = self._reads[block]
            if first <= register < first + count:
                return (block, register - first) + tuple(row[1:])
        raise ValueError("profile.json: drive: nothing reads register %d" % register)

    def _ask(self, now_ms: int):
        place = self._asked = self._place
        master, unit = self._master, self._unit
        self._place = place + 1
        if place == 0:
            raw = int(self._rps * self._speed[1] + 0.5)
            master.write(now_ms, unit, self._speed[0], min(raw, 0xFFFF), self._function)
        elif place == 1:
            word = self._run if self._on else self._reset if self.reset else self._stop
            master.write(now_ms, unit, word[0], word[1], self._function)
        else:
            function, first, count = self._reads[place - 2]
            master.read(now_ms, unit, first, count, function)
            if place - 1 == len(self._reads):
                self._place = 0
                self.rounds = (self.rounds + 1) & 0xFFFF

    def _take(self, block: int):
        value = self._master.value
        for name, of, place, scale, offset, signed in self._values:
            if of == block:
                raw = value(place)
                if signed and raw & 0x8000:
                    raw -= 0x10000
                setattr(self, name, raw * scale + offset)
        of, place, mask, wanted = self._status
        if of == block:
            self.running = value(place) & mask == wanted
        of, place, mask, wanted = self._tripped
        if of == block and self.fault_raw != _NOT_FOLLOWED:
            if value(place) & mask == wanted:
                _, place, shift, mask = self._fault
                self.fault_raw = value(place) >> shift & mask
                self.fault = self._class(self.fault_raw)
            else:
                self.fault = self.fault_raw = 0

    def _class(self, raw: int) -> int:
        """The class of the drive's own code."""
        classes = self._classes
        for i in range(0, len(classes), 2):
            if classes[i] == raw:
                return classes[i + 1]
        return _OTHER

    def _watch(self, now_ms: int):
        if (now_ms - self._since) & _MASK >= self._lost_ms:
            self.lost = True
            self.running = False
            self.speed_rps = self.current_a = self.bus_v = self.module_c = None
        since = (now_ms - self._command_ms) & _MASK
        if self._on and not self.running and not self.fault and not self.lost and since >= _FOLLOW_MS:
            self.fault = _OTHER
            self.fault_raw = _NOT_FOLLOWED
        elif not self._on and self.fault_raw == _NOT_FOLLOWED and since >= _REST_MS:
            self.fault = self.fault_raw = 0
