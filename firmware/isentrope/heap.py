"""When garbage is collected: at the end of a scan, after its outputs are out, and never automatically."""

from micropython import const

_RESERVE = const(4)  # scans' worth of free heap under which garbage is collected
_OLDEST = const(100)  # scans until the figure of the free heap is taken again; own
_NOTES = const(64)  # small things, of a few hundred bytes each, between two looks; own


class Heap:
    """Garbage is collected when less than four scans' worth of heap is free, and only in the methods here.

    Looking at the heap means walking it. The next look comes when a third of the scans that the free heap is
    good for have gone by, but after twice as many as the last time at most: the next scans may take more.
    `free` is the free heap right after the last collection, comparable from one to the next, and never older
    than 100 scans, so that a leak shows within a minute.
    """

    def __init__(self, port):
        self._port = port
        self._worst = 1  # bytes a scan takes, the worst mean between two looks so far
        self._notes = 0
        self.begin()

    def begin(self):
        """The start of a run: collections count from here."""
        self.collections = -1
        self.collect()

    def collect(self):
        self._port.collect()
        self.collections += 1
        self.free = self._last = self._port.mem_free()
        self._scans = self._left = 1
        self._age = 0

    def tidy(self):
        """To be called after every scan."""
        self._notes = 0
        self._age += 1
        if self._age == _OLDEST:
            self.collect()
            return
        self._left -= 1
        if self._left:
            return
        free = self._port.mem_free()
        self._worst = max(self._worst, (self._last - free) // self._scans)
        self._last = free
        spare = free // self._worst - _RESERVE
        if spare < 1:
            self.collect()
        else:
            self._scans = self._left = min(2 * self._scans, spare // 3 + 1)

    def note(self):
        """To be called after anything small."""
        self._notes += 1
        if self._notes == _NOTES:
            self.check()

    def check(self):
        """To be called after anything larger; it tells nothing of what a scan takes."""
        self._notes = 0
        self._last = free = self._port.mem_free()
        self._scans = self._left = 1
        if free // self._worst <= _RESERVE or free < self.free // 2:
            self.collect()
