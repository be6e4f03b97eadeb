"""A control bench with what an installation wires to the machine, by the names of its signals."""

from control_bench import Bench, profile

NAMES = [
    "leak_ok",
    "leak_sensor_ok",
    "separator_ok",
    "sg_1",
    "sg_2",
    "utility_block",
    "y",
    "y2",
    "g",
    "w",
    "ob",
]
HEALTHY = ("leak_ok", "leak_sensor_ok", "separator_ok")


class Wired:
    def __init__(self, fitted):
        self.fitted = self.closed = 0
        self.has_leak = False
        self.leak_pct = self.water_kpa = self.meter_kw = None
        for name in fitted:
            self.fitted |= 1 << NAMES.index(name)
            self.set(name, name in HEALTHY)

    def set(self, name, closed):
        bit = 1 << NAMES.index(name)
        self.closed = self.closed | bit if closed else self.closed & ~bit


def bench(fitted=(), values=None, **keys):
    """A bench of the usual machine with more keys of the profile."""
    machine = profile()
    machine.update(keys)
    made = Bench(values, machine=machine)
    made.inp.wired = made.wired = Wired(fitted)
    return made
