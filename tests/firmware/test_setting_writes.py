"""What a wire may write, and what it is told when it may not."""

from bench_host import opened
from isentrope import decisions
from isentrope.decisions import text

SETPOINT, LOW, GAIN, STOP_ABOVE, COMMISSIONED = 0x4000, 0x4004, 0x4001, 0x4016, 0x4037
ACCESS_LEVEL = 0x206F
INSTALLER, MAKER = 1, 2


class Wire:
    def __init__(self):
        self.scan = opened().link.device.scan
        self.settings = self.scan.settings

    def raw(self, identity):
        return self.settings.raw[self.settings.place(identity)]

    def said(self):
        """The sentences that came into the decision log."""
        entry, found = [0, 0, 0], []
        while self.scan.log.pop_into(entry):
            if decisions.SETTING_RANGE <= entry[1] <= decisions.SETTING_CONTRADICTS:
                found.append(text(entry[1], entry[2]))
        return found


def test_what_is_refused_is_named_and_the_old_value_stays():
    wire = Wire()
    wire.scan.write(ACCESS_LEVEL, MAKER)
    for identity, raw, result, sentence in (
        (SETPOINT, 260, 3, "setting superheat_setpoint refused: 26 is outside 3 to 25 K"),
        (SETPOINT, 1_000_000, 3, "setting superheat_setpoint refused: 3276.7 is outside 3 to 25 K"),
        (SETPOINT, -7, 3, "setting superheat_setpoint refused: -0.7 is outside 3 to 25 K"),
        (LOW, 90, 6, "setting low_superheat refused: 9 contradicts superheat_setpoint"),
        (SETPOINT, 35, 6, "setting superheat_setpoint refused: 3.5 contradicts low_superheat"),
    ):
        before = wire.raw(identity)
        assert wire.scan.write(identity, raw) == result
        assert wire.raw(identity) == before
        assert wire.said() == [sentence]
    wire.scan.out.compressor_on = True
    assert wire.scan.write(COMMISSIONED, 1) == 4
    assert wire.said() == ["setting commissioned refused: the machine is not off"]
    assert wire.scan.write(0x7FFE, 1) == 1


def test_a_wire_starts_as_user():
    wire = Wire()
    assert wire.scan.write(STOP_ABOVE, 40) == 0
    for identity, level, who in ((SETPOINT, INSTALLER, "installer"), (GAIN, MAKER, "maker")):
        old = wire.raw(identity)
        assert wire.scan.write(identity, old + 10) == 5 and wire.raw(identity) == old
        assert who in wire.said()[0]
        assert wire.scan.write(ACCESS_LEVEL, level) == 0
        assert wire.scan.write(identity, old + 10) == 0 and wire.raw(identity) == old + 10
    assert wire.scan.write(ACCESS_LEVEL, 3) == 3


def test_a_level_falls_back_after_a_quarter_of_an_hour_without_a_change():
    wire = Wire()
    wire.scan.write(ACCESS_LEVEL, INSTALLER)
    for minute in range(40):
        if minute < 20:
            assert wire.scan.write(SETPOINT, 80 + minute) == 0
        wire.settings.passed(60_000)
        assert (wire.settings.level == INSTALLER) == (minute < 20 + 14), minute


def test_the_bench_writes_at_every_level():
    wire = Wire()
    assert wire.scan.write(GAIN, 310, True) == 0


def test_who_tries_again_and_again_does_not_fill_the_log():
    wire = Wire()
    for _ in range(100):
        wire.scan.write(SETPOINT, 90)
    assert len(wire.said()) == 1
    wire.scan.write(GAIN, 90)
    wire.scan.write(SETPOINT, 90)
    assert len(wire.said()) == 2
