"""When garbage is collected: often enough, seldom enough, and what the figures are worth."""

from isentrope.heap import Heap
from sample import Port


def collections(size, takes, scans):
    """(scans at which a heap of `size` bytes is collected when scan n leaves takes(n) bytes of garbage, the
    least that was ever free, how often it was looked at)."""

    class Simulated(Port):
        looks = 0

        def mem_free(self):
            self.looks += 1
            return self.free

        def collect(self):
            self.free = size

    port = Simulated()
    heap = Heap(port)
    when = []
    least = size
    for n in range(scans):
        heap.weigh()
        port.free -= takes(n)
        least = min(least, port.free)
        before = heap.collections
        heap.tidy()
        if heap.collections > before:
            when.append(n)
    return when, least, port.looks


def test_garbage_is_collected_at_four_scans_worth_and_seldom_looked_for():
    when, least, looks = collections(500_000, lambda n: 7000, 2000)
    gaps = [when[i + 1] - when[i] for i in range(len(when) - 1)]
    assert min(gaps) >= 500_000 // 7000 - 5
    assert 3 * 7000 <= least <= 5 * 7000
    assert looks < 2000 / 4


def test_no_scan_both_looks_and_collects():
    class Counted(Port):
        done = ""

        def mem_free(self):
            self.done += "look "
            return self.free

        def collect(self):
            self.done += "collect "
            self.free = 120_000

    port = Counted()
    heap = Heap(port)
    seen = []
    for _ in range(300):
        heap.weigh()
        port.free -= 5000
        port.done = ""
        heap.tidy()
        seen.append(port.done)
    settled = seen[30:]
    assert set(settled) == {"", "look ", "collect "}
    assert settled.count("look ") <= 3 * settled.count("collect ")


def test_one_scan_that_took_much_is_forgotten():
    when, _, _ = collections(120_000, lambda n: 40_000 if n == 1 else 5000, 400)
    gaps = [when[i + 1] - when[i] for i in range(len(when) - 1)]
    assert gaps[0] < 5 and gaps[-1] >= 18


def test_the_figure_of_the_free_heap_stays_fresh():
    when, _, _ = collections(10_000_000, lambda n: 7000, 2000)
    assert when == list(range(99, 2000, 100))


def test_a_scan_that_takes_more_than_any_before_finds_room():
    _, least, _ = collections(200_000, lambda n: 1000 if n < 400 else 7000, 2000)
    assert least > 0
    _, least, _ = collections(100_000, lambda n: 20_000 if n % 37 == 36 else 3000, 2000)
    assert least > 0


def test_a_small_heap_is_collected_often_but_lasts():
    _, least, _ = collections(30_000, lambda n: 7000, 500)
    assert least > 0


def test_other_requests_do_not_make_scans_look_small():
    port = Port()
    port.free = 500_000
    heap = Heap(port)

    def collect():
        port.free = 500_000

    port.collect = collect
    for _ in range(3000):
        port.free -= 1400
        heap.check()
        assert port.free > 0
    for _ in range(200):
        heap.weigh()
        port.free -= 12_000
        assert port.free > 0
        heap.tidy()


def test_a_host_that_comes_and_goes_leaves_room_for_scans():
    """A Pico W's heap: what requests take says nothing of scans, however often they make it look."""
    port = Port()
    port.free = size = 88_000

    def collect():
        port.free = size

    port.collect = collect
    heap = Heap(port)
    for visit in range(40):
        for _ in range(visit):
            port.free -= 8000
            assert port.free > 0
            heap.check()
        for _ in range(50):
            heap.weigh()
            port.free -= 6000
            assert port.free > 0
            heap.tidy()


def test_the_collection_waits_for_the_lighter_scan_but_not_longer():
    def run(took_us):
        port = Port()
        port.free = 120_000

        def collect():
            port.free = 120_000

        port.collect = collect
        heap = Heap(port)
        after = []
        for n in range(600):
            heap.weigh()
            port.free -= 4300
            assert port.free > 0
            before = heap.collections
            heap.tidy(took_us(n))
            if heap.collections > before:
                after.append(n)
        return after

    settled = [n for n in run(lambda n: 15_000 if n % 2 else 12_000) if n > 60]
    assert len(settled) > 15 and all(n % 2 == 0 for n in settled)
    longer = run(lambda n: 10_000 + n)  # every scan takes longer than the one before: none is lighter
    assert abs(len(longer) - len(run(lambda n: 12_000))) <= 2
