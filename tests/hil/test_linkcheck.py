import pytest
from isentrope_hil.linkcheck import Checker
from link_example import PROFILE, MemoryStream, exec_device


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    for name in ("ANSWER_S", "QUIET_S", "HELLO_EVERY_S", "SILENT_S"):
        monkeypatch.setattr(f"isentrope_hil.linkcheck.{name}", 0.02)


def broken(device: type) -> set[str]:
    stream = MemoryStream()
    stream.device = device(PROFILE)
    return {finding.id for finding in Checker(stream).run() if finding.verdict == "fail"}


def test_the_example_device_follows_every_rule():
    findings = list(Checker(MemoryStream()).run())
    assert [f for f in findings if f.verdict != "pass"] == []
    assert len(findings) == 24


def test_a_device_that_acts_twice_is_found():
    class Twice(exec_device.Device):
        def receive(self, piece):
            self.last_crc = None if self.last_crc is None else self.last_crc ^ 1
            return super().receive(piece)

    assert "duplicate" in broken(Twice)


def test_a_device_that_swallows_damage_is_found():
    class Deaf(exec_device.Device):
        def nak(self, reason):
            return b"" if reason == 1 else super().nak(reason)

    assert broken(Deaf) == {"damaged", "short"}


def test_a_device_with_a_memory_is_found():
    class Forgetful(exec_device.Device):
        total = 0

        def scan(self, t_ms, inputs):
            outputs = super().scan(t_ms, inputs)
            self.total += 1
            outputs[0] = self.total
            return outputs

    assert broken(Forgetful) == {"repeatable"}


def test_a_wrong_table_ends_the_check():
    class Wrong(exec_device.Device):
        def __init__(self, profile):
            super().__init__(profile)
            self.table_crc ^= 1

    assert broken(Wrong) == {"describe"}
