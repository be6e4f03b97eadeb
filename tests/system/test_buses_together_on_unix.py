"""One closed-loop run open on Modbus TCP and BACnet/IP at once: both show the firmware's own points in every
scan, a command from either moves the machine and shows on the other, and its end gives the local value back.

A point may differ from the firmware's by one unit of the bus's scale. The values are read between two scans,
so that they are of the last one.
"""

import math
import os
import struct

import pytest
from bus_clients import ENABLE, FLOW, LEASE_S, TYPES, Bacnet, Served, Tcp
from isentrope_hil import catalogue

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")

NONE = {"s16": -0x8000, "u16": 0xFFFF}
FUNCTIONS = (4, 2, 3, 1)  # that read the tables of the map
SCANS = 800  # from standing to heating
MOST = 20  # objects of a ReadPropertyMultiple
AV_FLOW, BV_ENABLE = (TYPES["AV"], FLOW + 1), (TYPES["BV"], ENABLE + 1)
LOCAL_C = 36.0


@pytest.fixture
def both():
    served = Served(
        rtu=False, bacnet=True, threaded=False, settings={"minimum_off": 0, "minimum_run": 0},
        begin={"outdoor_c": 7.0, "water_c": 30.0},
    )  # fmt: skip
    with served, Tcp(served.port) as tcp, Bacnet(served.bacnet) as bacnet:
        yield served.bench, tcp, bacnet


class Reader:
    """Every point over both buses, in the firmware's raw numbers."""

    def __init__(self, bench, tcp, bacnet):
        self.bench, self.tcp, self.bacnet = bench, tcp, bacnet
        self.rows = list(catalogue.points())
        self.objects = [row for row in self.rows if row["bacnet"]]
        self.signals = list(bench.link.table.points)
        self.compared = 0
        self.worst = {"Modbus": (0.0, ""), "BACnet": (0.0, "")}  # in units of the bus's scale, and of what
        self.blocks = []  # rows whose registers or bits lie side by side
        for row in sorted(self.rows, key=lambda row: row["id"]):
            last = self.blocks[-1][-1] if self.blocks else {"id": -9, "type": ""}
            if row["id"] == last["id"] + (2 if last["type"] == "u32" else 1):
                self.blocks[-1].append(row)
            else:
                self.blocks.append([row])

    def compare(self):
        """Fails at the first point that a bus shows otherwise than the firmware has it."""
        raws = {s.name: raw for s, raw in zip(self.signals, self.bench.link.points, strict=True)}
        for block in self.blocks:
            for row, got in zip(block, self._modbus(block), strict=True):
                self._same("Modbus", row, raws[row["name"]], got)
        for first in range(0, len(self.objects), MOST):
            rows = self.objects[first : first + MOST]
            asked = [(TYPES[row["bacnet"]], (row["id"] & 0xFFF) + 1) for row in rows]
            for row, value in zip(rows, self.bacnet.values(asked), strict=True):
                self._same("BACnet", row, raws[row["name"]], self._of_bacnet(row, value))

    def _modbus(self, block):
        """In the buses' scale, by one request; None: not fitted."""
        table, first = block[0]["id"] >> 12, block[0]["id"] & 0xFFF
        if table in (1, 3):
            bits = self.tcp.ask(struct.pack(">BHH", FUNCTIONS[table], first, len(block)))[2:]
            return [bits[n // 8] >> n % 8 & 1 for n in range(len(block))]
        count = sum(2 if row["type"] == "u32" else 1 for row in block)
        words = list(self.tcp.words(FUNCTIONS[table], first, count))
        found = []
        for row in block:
            raw = words.pop(0)
            if row["type"] == "u32":
                raw = raw << 16 | words.pop(0)
            elif row["type"] == "s16" and raw & 0x8000:
                raw -= 0x10000
            found.append(None if raw == NONE.get(row["type"]) else raw)
        return found

    def _of_bacnet(self, row, value):
        if row["bacnet"] in ("MSI", "MSV"):
            return value + row["low"] - 1
        if isinstance(value, float):
            if math.isnan(value):
                return None
            return value * (100.0 if row["unit"] == "kPa" else 1.0) / 10.0 ** row["bus_exponent"]
        return value

    def _same(self, bus, row, raw, got):
        if raw == NONE.get(row["type"]):
            assert got is None, (bus, row["name"], got)
        else:
            want = raw * 10.0 ** (row["exponent"] - row["bus_exponent"])
            assert got is not None, (bus, row["name"], want)
            assert abs(got - want) <= 1.0 + 1e-6 * abs(want), (bus, row["name"], got, want)
            self.worst[bus] = max(self.worst[bus], (abs(got - want), row["name"]))
        self.compared += 1


def test_both_buses_show_the_firmwares_own_points_in_every_scan(both):
    bench, tcp, bacnet = both
    reader = Reader(bench, tcp, bacnet)
    tcp.ask(b"\x05\x00\x00\xff\x00")
    seen = set()
    for scan in range(SCANS):
        bench.step()
        if scan % (2 * LEASE_S - 4) == 0:
            tcp.ask(b"\x05\x00\x00\xff\x00")
        reader.compare()
        seen.add(bench.read("state"))
    assert bench.read("compressor") == 1 and len(seen) >= 2
    assert reader.compared == SCANS * (len(reader.rows) + len(reader.objects))
    worst = ", ".join(f"{bus} {most:.3f} ({name})" for bus, (most, name) in reader.worst.items())
    print(f"{reader.compared} values compared, states {sorted(seen)}; worst, in scale units: {worst}")


def seen_by(bench, tcp, bacnet):
    """The flow setpoint by the firmware, Modbus and BACnet."""
    return (
        bench.read("flow_setpoint_c"),
        tcp.words(3, FLOW, 1)[0] / 10.0,
        bacnet.values([AV_FLOW])[0],
    )


def test_what_bacnet_answers_refuses_and_drops_is_counted(both):
    bench, tcp, bacnet = both

    def counted():
        bench.step()
        return tcp.words(4, 324, 4)

    before = counted()
    for _ in range(3):
        bacnet.line.sendto(b"\x81\x0a\0\x05\1", bacnet.to)  # no message
    bacnet.values([AV_FLOW])
    assert bacnet.ask(99, b"")[:1] == b"\x60"
    assert [new - old for old, new in zip(before, counted(), strict=True)] == [2, 1, 3, 0]
    bench.write("bus_write", 0)
    assert bacnet.write(*AV_FLOW, b"\x44\x42\x20\0\0") == b"\x50\1\x0f\x91\2\x91\x28"
    assert tcp.ask(struct.pack(">BHH", 6, FLOW, 400)) == b"\x86\1"
    assert [new - old for old, new in zip(before, counted(), strict=True)] == [3, 2, 3, 2]


def test_a_setting_that_was_written_reads_back_before_the_next_scan(both):
    bench, tcp, bacnet = both
    assert tcp.ask(b"\6\0\2\1\xd6") == b"\6\0\2\1\xd6", "hot water, 47.0 degC"
    assert tcp.words(3, 2, 1) == (470,) and bacnet.values([(TYPES["AV"], 3)]) == [47.0]
    bench.step()
    assert bench.read("hot_water_setpoint_c") == 47.0


def told(tcp, celsius):
    assert tcp.ask(struct.pack(">BHH", 6, FLOW, round(10 * celsius)))[0] == 6


def relinquished(tcp):
    assert tcp.ask(struct.pack(">BHH", 6, FLOW, 0x8000))[0] == 6


def test_a_command_from_either_bus_shows_on_the_other_and_ends(both):
    bench, tcp, bacnet = both
    bench.write("flow_setpoint_c", LOCAL_C)
    bench.step()
    assert seen_by(*both) == (LOCAL_C,) * 3

    told(tcp, 43.0)
    bench.step()
    assert seen_by(*both) == (43.0,) * 3
    bacnet.command(*AV_FLOW, 41.0, 8)
    bench.step()
    assert seen_by(*both) == (41.0,) * 3, "the higher priority"
    bacnet.command(*AV_FLOW, None, 8)
    bench.step()
    assert seen_by(*both) == (43.0,) * 3
    relinquished(tcp)
    bench.step()
    assert seen_by(*both) == (LOCAL_C,) * 3, "relinquished on the wire"

    told(tcp, 44.0)
    bench.step(2 * LEASE_S - 2)
    assert seen_by(*both) == (44.0,) * 3
    bench.step(4)
    assert seen_by(*both) == (LOCAL_C,) * 3, "Modbus's lease"
    bacnet.command(*AV_FLOW, 42.0, 10)
    bench.step(2 * LEASE_S - 2)
    assert seen_by(*both) == (42.0,) * 3
    bench.step(4)
    assert seen_by(*both) == (LOCAL_C,) * 3, "BACnet's lease"

    bacnet.command(*AV_FLOW, 40.0, 8)
    bench.write("flow_setpoint_c", 37.5)
    bench.step()
    assert seen_by(*both) == (40.0,) * 3, "what a person sets waits for the command's end"
    bacnet.command(*AV_FLOW, None, 8)
    bench.step()
    assert seen_by(*both) == (37.5,) * 3


@pytest.mark.parametrize("commander", ["Modbus", "BACnet"])
def test_a_command_from_either_bus_moves_the_machine(both, commander):
    bench, tcp, bacnet = both

    def enable():
        if commander == "Modbus":
            assert tcp.ask(b"\x05\x00\x00\xff\x00")[0] == 5
        else:
            bacnet.command(*BV_ENABLE, 1, 8)

    def runs():
        """By the plant, Modbus and BACnet."""
        truly = bench.truth("speed_rps") > 5.0
        return truly, tcp.ask(b"\x02\x00\x00\x00\x01")[2] == 1, bacnet.values([(TYPES["BI"], 1)]) == [1]

    assert runs() == (False, False, False)
    for _ in range(40):
        enable()
        bench.step(2 * LEASE_S - 4)
        if runs()[0]:
            break
    assert runs() == (True, True, True)
    assert bacnet.values([BV_ENABLE]) == [1] and tcp.ask(b"\x01\x00\x00\x00\x01")[2] == 1
    for _ in range(40):  # nobody repeats it: the local value, off
        bench.step(20)
        if not runs()[0]:
            break
    assert runs() == (False, False, False)
    assert bacnet.values([BV_ENABLE]) == [0] and tcp.ask(b"\x01\x00\x00\x00\x01")[2] == 0
    assert any(event[1] == 140 and "enable" in event[3] for event in bench.events)


def test_outdoor_air_is_told_by_either_bus_and_forgotten(both):
    bench, tcp, bacnet = both
    told_at = (TYPES["AV"], 17)

    def seen():
        bench.step()
        word = tcp.words(3, 16, 1)[0]
        value = bacnet.values([told_at])[0]
        return None if word == 0x8000 else (word ^ 0x8000) / 10.0 - 3276.8, value

    found = seen()
    assert found[0] is None and math.isnan(found[1])
    assert tcp.ask(struct.pack(">BHh", 6, 16, -125))[0] == 6
    assert seen() == (pytest.approx(-12.5), -12.5)
    bacnet.command(*told_at, -20.0, 8)
    assert seen() == (pytest.approx(-20.0), -20.0)
    bench.step(2 * LEASE_S + 2)
    found = seen()
    assert found[0] is None and math.isnan(found[1]), "the lease is over"
    assert bench.read("outdoor_c") == pytest.approx(7.0, abs=1.0), "the machine's own sensor"


def contradictions(bench):
    return [event[3] for event in bench.events if event[1] == 220]


def test_two_buses_that_contradict_are_told_to_the_log_once(both):
    bench, tcp, bacnet = both
    for _ in range(4):
        told(tcp, 43.0)
        bacnet.command(*AV_FLOW, 41.0, 8)
        bench.step(3)
    assert seen_by(*both) == (41.0,) * 3
    said = "commands of flow_setpoint_c contradict: "
    assert contradictions(bench) == [said + "BACnet/IP at priority 8 counts, Modbus TCP at 16 does not"]
    bacnet.command(*AV_FLOW, None, 8)
    for _ in range(4):
        bacnet.command(*AV_FLOW, 41.0, 16)
        bench.step(3)
        told(tcp, 43.0)
        bench.step(3)
    assert seen_by(*both) == (43.0,) * 3, "the later"
    assert contradictions(bench)[1:] == [said + "BACnet/IP at priority 16 counts, Modbus TCP at 16 does not"]
    bench.step(2 * LEASE_S + 4)
    told(tcp, 43.0)
    bacnet.command(*AV_FLOW, 43.0, 8)
    bench.step(2)
    assert len(contradictions(bench)) == 2, "they agree"
