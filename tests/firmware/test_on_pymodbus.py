"""Drive and meter on MicroPython's unix port against pymodbus' RTU server, over two pseudo-terminals."""

import asyncio
import json
import os
import struct
import subprocess
import threading
import time
from pathlib import Path

import pytest
from isentrope_hil import meterfile
from isentrope_hil.errors import TargetMissing
from isentrope_hil.targets.unix import executable
from test_drivers_inverter import data
from wire import Wire

pytest.importorskip("serial")
pymodbus = pytest.importorskip("pymodbus")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

SCRIPT = Path(__file__).with_name("drive_on_pty.py")
UNIT, METER = 7, 9


class Server:
    """pymodbus' RTU server in a thread, with the registers of a drive that does what it is told."""

    def __init__(self, port, meter=()):
        self.meter = meter  # blocks of registers: first, words
        self.registers = [0] * 30
        self.registers[22], self.registers[23] = 561, 41
        self.trip = 0  # fault number to come
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.work, args=(port,), daemon=True)
        self.thread.start()
        time.sleep(0.5)

    async def act(self, function, start, address, count, registers, values):
        """Called before the request is carried out; `registers` are the server's own."""
        self.registers = registers
        status = registers[5]
        if self.trip:
            status = self.trip << 8 | 2
            self.trip = 0
        if values and address == 0:
            status = 0 if values[0] & 4 else status
            status = status if status & 2 else status & ~1 | values[0] & 1
        registers[5] = status
        registers[6] = registers[1] if status & 1 else 0
        registers[7] = 52 if status & 1 else 0

    async def serve(self, port):
        from pymodbus import FramerType
        from pymodbus.server import ModbusSerialServer
        from pymodbus.simulator import DataType, SimData, SimDevice

        held = SimData(address=0, values=self.registers, datatype=DataType.REGISTERS)
        device = SimDevice(id=UNIT, simdata=[held], action=self.act)
        devices = [device]
        if self.meter:
            blocks = [
                SimData(address=at, values=list(words), datatype=DataType.REGISTERS)
                for at, words in self.meter
            ]
            devices.append(SimDevice(id=METER, simdata=blocks))
        self.server = ModbusSerialServer(devices, framer=FramerType.RTU, port=port, baudrate=19200)
        await self.server.serve_forever(background=True)

    def work(self, port):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.serve(port))
        self.loop.run_forever()

    def close(self):
        asyncio.run_coroutine_threadsafe(self.server.shutdown(), self.loop).result(5.0)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


class Rig:
    def __init__(self, folder, meter=None, blocks=()):
        try:
            micropython = executable()
        except TargetMissing as why:
            pytest.skip(f"not run: {why}")
        self.wire = Wire()
        self.server = Server(self.wire.names[1], blocks)
        profile = folder / "drive.json"
        profile.write_text(json.dumps(data(unit=UNIT, timeout_ms=100)))
        words = [micropython, str(SCRIPT), self.wire.names[0], str(profile)]
        if meter:
            described = folder / "meter.json"
            line = {"unit": METER, "timeout_ms": 100, "lost_ms": 3000}
            described.write_text(json.dumps({**meterfile.read(meter), **line}))
            words.append(str(described))
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        assert said, self.process.stderr.read()
        return json.loads(said)

    def close(self):
        self.process.stdin.close()
        self.process.wait(5.0)
        self.server.close()
        self.wire.close()


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path)
    yield made
    made.close()


def test_run_read_trip_reset_and_loss(rig):
    found = rig.tell("run 40 1.5")
    assert found["running"] and not found["lost"] and found["fault"] == 0
    assert found["speed_rps"] == pytest.approx(40.0) and found["current_a"] == pytest.approx(5.2)
    assert (found["bus_v"], found["module_c"]) == (561.0, 41.0)
    assert rig.server.registers[1] == 800
    assert found["longest_us"] < 100_000, "a step never waits for the answer"

    rig.server.trip = 8
    found = rig.tell("run 40 1")
    assert (found["fault"], found["fault_raw"], found["running"]) == (2, 8, False)
    found = rig.tell("reset 0 1")
    assert found["fault"] == 0
    found = rig.tell("run 40 1")
    assert found["running"]
    found = rig.tell("stop 0 1")
    assert not found["running"] and rig.server.registers[1] == 0

    rig.wire.cut = True
    assert rig.tell("stop 0 3.5")["lost"]
    rig.wire.cut = False
    assert not rig.tell("stop 0 1")["lost"]


def test_frames_are_those_that_pymodbus_makes(rig):
    """Each request as pymodbus' own client would frame it."""
    from pymodbus.framer import FramerRTU
    from pymodbus.pdu import DecodePDU
    from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, WriteSingleRegisterRequest

    rig.tell("run 40 1")
    framer = FramerRTU(DecodePDU(False))
    for pdu in (
        WriteSingleRegisterRequest(address=0, registers=[1], dev_id=UNIT),
        WriteSingleRegisterRequest(address=1, registers=[800], dev_id=UNIT),
        ReadHoldingRegistersRequest(address=5, count=4, dev_id=UNIT),
        ReadHoldingRegistersRequest(address=22, count=2, dev_id=UNIT),
    ):
        assert framer.buildFrame(pdu) in rig.wire.sent, pdu


def test_a_damaged_line_gives_no_wrong_reading(rig):
    """One answer in three has a bit turned: what gets through is right all the same."""
    rig.tell("run 40 1")
    counted = [0]

    def noise(passed):
        counted[0] += 1
        if counted[0] % 3 or not passed:
            return passed
        return bytes([passed[0]]) + bytes(byte ^ 4 for byte in passed[1:2]) + passed[2:]

    rig.wire.noise = noise
    for _ in range(4):
        found = rig.tell("run 40 0.7")
        assert not found["lost"] and found["fault"] == 0
        assert found["speed_rps"] == pytest.approx(40.0) and found["bus_v"] == 561.0


def floats(*values):
    return struct.unpack(f">{2 * len(values)}H", struct.pack(f">{len(values)}f", *values))


SDM630 = [
    (0, floats(230.0, 231.0, 229.0)),
    (52, floats(1234.5)),
    (342, floats(12.5)),
]
SUNSPEC_203 = [0] * 180
SUNSPEC_203[:4] = 0x5375, 0x6E53, 1, 66
SUNSPEC_203[70:72] = 203, 105
SUNSPEC_203[78:81], SUNSPEC_203[85] = (2300, 2310, 2290), 0xFFFF
SUNSPEC_203[88], SUNSPEC_203[92] = 12345, 0xFFFF
SUNSPEC_203[116:118], SUNSPEC_203[124] = (0, 12500), 0
SUNSPEC_203[177] = 0xFFFF


@pytest.mark.parametrize(
    ("name", "blocks", "model"), [("sdm630", SDM630, 0), ("sunspec", [(40000, SUNSPEC_203)], 203)]
)
def test_a_meter_on_the_drives_line(tmp_path, name, blocks, model):
    rig = Rig(tmp_path, name, blocks)
    try:
        found = rig.tell("run 40 4")
        assert found["running"] and not found["lost"] and found["speed_rps"] == pytest.approx(40.0)
        assert not found["meter_lost"] and found["model"] == model
        assert found["power_w"] == pytest.approx(1234.5) and found["energy_wh"] == pytest.approx(12_500.0)
        assert found["volts"] == pytest.approx([230.0, 231.0, 229.0])
        assert found["longest_us"] < 100_000, "a step never waits for the answer"

        rounds = found["rounds"]
        rig.wire.noise = lambda passed: b"" if passed[:1] == bytes((METER,)) else passed
        found = rig.tell("run 40 5")
        assert found["meter_lost"] and found["power_w"] is None
        assert found["running"] and not found["lost"] and found["rounds"] - rounds > 20
        rig.wire.noise = bytes
        found = rig.tell("run 40 12")
        assert not found["meter_lost"] and found["power_w"] == pytest.approx(1234.5)
    finally:
        rig.close()
