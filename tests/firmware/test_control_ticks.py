"""Time across the wrap at 2^30 ms."""

from isentrope.control.ticks import Since, elapsed


def test_elapsed_crosses_the_wrap():
    assert elapsed(500, 2**30 - 500) == 1000
    assert elapsed(1000, 1000) == 0


def test_since_counts_only_while_active():
    since = Since(10_000)
    now = 2**30 - 1000
    assert since.step(now) == 0
    for i in range(1, 5):
        assert since.step((now + 500 * i) & 0x3FFFFFFF) == 500 * i
    assert since.step((now + 2500) & 0x3FFFFFFF, False) == 0


def test_since_never_looks_young_again():
    since = Since(180_000)
    now = 0
    since.restart(now)
    for _ in range(100):
        now = (now + 2**28) & 0x3FFFFFFF
        since.step(now)
    assert since.ms == 180_000
