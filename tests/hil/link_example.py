"""The documented example device (docs/examples/exec_device.py), for tests: in memory, or as a command."""

import importlib.util
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

PATH = Path(__file__).resolve().parents[2] / "docs" / "examples" / "exec_device.py"
COMMAND = shlex.join([sys.executable, str(PATH)])

_spec = importlib.util.spec_from_file_location("exec_device", PATH)
assert _spec and _spec.loader
exec_device = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(exec_device)

INS = ("suction_t", "discharge_t", "liquid_t", "coil_t", "outdoor_t", "flow_t", "return_t", "evap_p")
CONTACTS = ("hp_switch", "motor_ok", "water_flow", "supply_ok")
OUTS = (("eev_count", "u16"), ("eev_coils", "u8"), ("compressor_run", "u8"), ("compressor_ref", "u16"))
PROFILE = {
    "schema": 1,
    "board": "example-board",
    "machine": "example-machine",
    "scan_ms": 500,
    "io": [
        *[{"name": name, "dir": "in", "type": "u16"} for name in INS],
        *[{"name": name, "dir": "in", "type": "u8"} for name in CONTACTS],
        *[{"name": name, "dir": "out", "type": kind, "safe": 0} for name, kind in OUTS],
    ],
}
RAW_IN = [2000 + place for place in range(len(INS))] + [1] * len(CONTACTS)


class MemoryStream:
    """The example device without a process. `damage` may replace or drop each chunk the device sends."""

    def __init__(self, damage: Callable[[bytes], bytes] = lambda data: data) -> None:
        self.device = exec_device.Device(PROFILE)
        self.sent: list[bytes] = []
        self.waiting = b""
        self.damage = damage
        self._rest = b""

    def write(self, data: bytes) -> None:
        self.sent.append(data)
        *pieces, self._rest = (self._rest + data).split(b"\0")
        for piece in filter(None, pieces):
            self.waiting += self.damage(self.device.receive(piece))

    def read(self, timeout_s: float) -> bytes:
        data, self.waiting = self.waiting, b""
        return data
