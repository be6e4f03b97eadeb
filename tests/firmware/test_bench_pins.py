"""Raw values of the stand-in for pins, as a frame carries them."""

from isentrope.bench.pins import Pins
from isentrope.link.raw import Raw
from sample import profile


def test_the_windings_level_is_the_boards():
    for active in (0, 1):
        whole = profile()
        row = next(row for row in whole["io"] if row["name"] == "eev_coils")
        row.update({"active": active, "safe": 1 - active})
        pins = Pins(whole)
        frame = bytearray(Raw(whole).outs)
        pins.store(frame, 0)
        assert frame[2] == 1 - active  # after eev_count, u16
        pins.pulses.coils(True)
        pins.store(frame, 0)
        assert frame[2] == active
        pins.safe()
        pins.store(frame, 0)
        assert frame[2] == 1 - active
