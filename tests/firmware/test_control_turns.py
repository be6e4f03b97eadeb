"""Options that a second is soon enough for have their turn in scans that do not regulate superheat."""

from control_bench import SCAN_MS, Bench


class Turns:
    SLOW = True

    def __init__(self, controller):
        self.controller = controller
        self.seconds = []
        self.regulated = 0

    def step(self, now_ms, dt_s, inp, out, c):
        self.seconds.append(dt_s)
        self.regulated += c.expansion.due(0.5) and out.compressor_on


def watched(bench):
    turns = Turns(bench.controller)
    bench.controller._slow = (turns,)
    return turns


def test_no_time_is_lost_and_no_turn_is_late():
    bench = Bench()
    bench.scan()
    turns = watched(bench)
    bench.run(120)
    bench.start(50.0)
    seconds = bench.seconds - SCAN_MS / 1000.0
    assert seconds - 2.0 < sum(turns.seconds) <= seconds
    assert max(turns.seconds) <= 2.0


def test_superheat_and_the_slow_ones_take_turns():
    bench = Bench()
    bench.start(50.0)
    turns = watched(bench)
    bench.run(60)
    assert turns.regulated == 0
    assert set(turns.seconds[1:]) == {1.0}
    assert len(turns.seconds) == 60


def test_they_have_their_turn_in_the_first_scan():
    bench = Bench()
    turns = watched(bench)
    bench.scan()
    assert turns.seconds == [0.0]


def test_a_scan_of_a_second_leaves_them_every_other():
    bench = Bench().start(50.0)
    turns = watched(bench)
    for _ in range(60):
        bench.scan()
        bench.ms += SCAN_MS
    assert set(turns.seconds[1:]) == {2.0}
