"""When garbage is collected: at the end of a scan, its outputs out; in between only for want of memory."""

from micropython import const

_RESERVE = const(4)  # scans' worth of free heap under which garbage is collected
_LEAST = const(16_384)  # and bytes; own: reading the profile, the largest thing beside scans, takes 11,000
_OLDEST = const(100)  # scans until the figure of the free heap is taken again; own
_LONGEST = const(8)  # scans between two looks; own: on a Pico they then take 1 ms a scan
_NOTES = const(64)  # small things, of a few hundred bytes each, between two looks; own


class Heap:
    """Garbage is collected when less than 16 KB or four scans' worth is free, in the methods here.

    What a host or a bus asks for may take more at once, texts of a page of events on a full board: then the
    allocation that would fail collects by itself, which costs its request those 21 ms.

    Looking at the heap means walking it, which takes a Pico 9 ms. The next look comes after eight scans, or
    when half of those have gone by that the free heap is good for; the last four are counted, so that no scan
    both looks and collects. Scans may begin to take twice what they took before, and heap is left.
    Every other scan decides more and takes 3 ms longer: the collection waits for the lighter one of two.
    `free` is the free heap right after the last collection, comparable from one to the next, and never older
    than 100 scans, so that a leak shows within a minute.
    """

    def __init__(self, port):
        self._port = port
        self._most = 1  # scans until the next look: who knows what they take?
        self._worst = 1  # bytes a scan takes, the worst mean between two looks since the last collection
        self._before = 1  # and between it and the one before
        self._notes = self._age = 0
        self._took_us = 0
        self.begin()

    def begin(self):
        """The start of a run: collections count from here."""
        self.collections = -1
        self.collect()
        self.weigh()

    def collect(self):
        self._port.collect()
        self.collections += 1
        if self._worst > 1:
            self._before = self._worst
        elif self._age:  # there were scans, but nobody looked: what took so much may have been the only one
            self._before = max(self._before // 2, 1)
            self._most = 1
        self._age = 0
        self._worst = 1
        self._weighed = self._full = False
        self._scans = self._left = 1

    def weigh(self):
        """To be called before every scan: takes the figure of the free heap after a collection."""
        if not self._weighed:
            self._weighed = True
            self.free = self._last = self._port.mem_free()
            self._plan()

    def tidy(self, took_us: int = 0):
        """To be called after every scan, with the time it took."""
        self._notes = 0
        self._age += 1
        self._left -= 1
        lighter = took_us <= self._took_us
        self._took_us = took_us
        if self._age > _OLDEST or (self._full and self._left < 0):
            self.collect()
        elif self._age == _OLDEST or (self._full and not self._left):
            if lighter:
                self.collect()
        elif not self._left:
            free = self._port.mem_free()
            self._worst = max(self._worst, (self._last - free) // self._scans)
            self._last = free
            self._most = min(2 * self._most, _LONGEST)
            self._plan()

    def note(self, n: int = 1):
        """To be called after anything small; `n` of a few hundred bytes each."""
        self._notes += n
        if self._notes >= _NOTES:
            self.check()

    def check(self):
        """To be called after anything larger; it tells nothing of what a scan takes."""
        self._notes = 0
        if not self._weighed:
            self.weigh()
            return
        self._last = self._port.mem_free()
        if self._last < self.free // 2:
            self.collect()
            self.weigh()
        else:
            self._plan()

    def _plan(self):
        """When to look or collect next."""
        worst = max(self._worst, self._before)
        spare = (self._last - max(_RESERVE * worst, _LEAST)) // worst
        if spare < 1:
            self.collect()
            return
        self._full = spare <= _RESERVE
        self._scans = self._left = spare if self._full else min(self._most, (spare + 1) // 2)
