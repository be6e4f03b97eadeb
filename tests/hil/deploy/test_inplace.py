"""Functions of a pack run where the flash has them: on MicroPython's unix port, with memory for a flash."""

import subprocess

import pytest
from isentrope_hil import resources
from isentrope_hil.deploy import packing, tree
from isentrope_hil.deploy.bytecode import LEAST, spans
from isentrope_hil.errors import TargetMissing
from isentrope_hil.targets.unix import executable

FIRMWARE = resources.root("firmware")
MODULE = """
TEXT = b"bytes of a length that is worth its place in the table of places"

def plus(a, b=2):
    return a + b

def count(n):
    for k in range(n):
        yield k * 2

class Thing:
    def __init__(self):
        self._a = 40

    @property
    def a(self):
        return self._a + 2

    @a.setter
    def a(self, value):
        self._a = value - 4

    @staticmethod
    def none(x):
        return [x for _ in range(3)]

    @classmethod
    def made(cls, value):
        thing = cls()
        thing.a = value
        return thing
"""
SCRIPT = """
import gc
import sys
sys.path.insert(0, "a")
import pack
pack.mount("a")
import uctypes
from isentrope import inplace
from m import one, two
with open("a/isentrope.pack", "rb") as file:
    whole = file.read()
# Blocks anywhere in memory, in any order, each but the first behind its pointers.
ends = [int(word) for word in sys.argv[1].split(",")]
flash = [bytearray(4096 + 32) for _ in ends]
blocks = []
start = 0
for number, end in enumerate(ends):
    content = end - start
    pointers = 0 if number == 0 else 4
    while number and not number & 1:
        number >>= 1
        pointers += 4
    address = uctypes.addressof(flash[len(blocks)])
    flash[len(blocks)][pointers : pointers + content] = whole[start:end]
    blocks.append(address)
    start = end
found = inplace.InPlace(blocks)
if len(sys.argv) > 2:  # the last byte of everything is another one

    def open_spoilt(path):
        known = was(path)
        for views in found._known.values():
            views[:] = [bytearray(view) for view in views]
            for view in views:
                view[-1] ^= 1
        return known

    was, found._open = found._open, open_spoilt
found.settle()

def inside(thing):
    word = struct.calcsize("P")
    address = struct.unpack("P", uctypes.bytearray_at(id(thing) + 3 * word, word))[0]
    return any(block <= address < block + 4096 for block in blocks)

import struct
print(inside(one.plus), inside(one.count), inside(two.Thing.__init__), inside(one.TEXT), found.bytes > 200)
found = whole = None
gc.collect()
rubbish = [bytearray(b"\\xff" * 64) for _ in range(2000)]
for module in (one, two):
    thing = module.Thing()
    a = thing.a
    thing.a = 9
    print(module.plus(1), list(module.count(3)), a, thing.a, thing.none(1), module.Thing.made(7).a)
print(one.TEXT[:5], getattr(one, "__file__", "settled"))
"""


def test_spans_are_of_functions_and_texts():
    data = tree._compiled({"m.py": MODULE}, "x64")["m.mpy"]
    found = spans(data)
    assert [data[span.start : span.start + span.size] for span in found].count(
        b"bytes of a length that is worth its place in the table of places"
    ) == 1
    assert len(found) >= 8 and min(span.size for span in found) >= LEAST
    ends = [span.start + span.size for span in found]
    assert all(end <= span.start for end, span in zip(ends, found[1:], strict=False))
    assert max(ends) <= len(data)


def test_what_is_no_bytecode_has_none():
    assert spans(b"") == spans(b"1") == []
    native = bytearray(tree._compiled({"m.py": MODULE}, "x64")["m.mpy"])
    native[2] |= 5 << 2
    assert spans(bytes(native)) == []


def test_no_module_is_in_two_blocks():
    files = {f"m{k}.mpy": bytes([k]) * (40 * k % 3001) for k in range(1, 120)} | {"large.mpy": b"x" * 9000}
    pack = packing.packed(files)
    bounds = list(packing.blocks(len(pack)))
    assert bounds[0] == (0, 4096) and bounds[1] == (4096, 8188) and bounds[2] == (8188, 12276)
    assert bounds[-1][1] == len(pack)
    for path, data in files.items():
        at = pack.index(data)
        assert path == "large.mpy" or any(start <= at and at + len(data) <= end for start, end in bounds), (
            path
        )
    assert len(pack) < 1.1 * sum(map(len, files.values()))


@pytest.fixture
def said(tmp_path):
    """What MicroPython prints of SCRIPT."""
    try:
        micropython = executable()
    except TargetMissing as why:
        pytest.skip(f"not run: {why}; then: pytest tests/hil/deploy/test_inplace.py")

    def run(*words):
        sources = {
            "isentrope/__init__.py": "",
            "m/__init__.py": "",
            "m/one.py": MODULE,
            "m/two.py": MODULE,
            "m/most.py": f"TEXT = {'much ' * 1000!r}\n",
        }
        for name in ("inplace", "tables"):
            sources[f"isentrope/{name}.py"] = (FIRMWARE / "isentrope" / f"{name}.py").read_text("utf-8")
        pack = packing.packed(tree._compiled(sources, "x64"))
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / tree.PACK).write_bytes(pack)
        (tmp_path / "a" / "pack.mpy").write_bytes(tree.reader(FIRMWARE, "x64"))
        (tmp_path / "run.py").write_text(SCRIPT)
        ends = ",".join(str(end) for _, end in packing.blocks(len(pack)))
        done = subprocess.run(
            [micropython, "run.py", ends, *words], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        return (done.stdout + done.stderr).splitlines()

    return run


RESULT = "3 [0, 2, 4] 42 7 [1, 1, 1] 5"


def test_functions_run_where_the_flash_has_them(said):
    assert said() == ["True True True True True", RESULT, RESULT, "b'bytes' settled"]


def test_what_the_flash_has_otherwise_runs_from_its_copy(said):
    assert said("spoilt") == ["False False False False False", RESULT, RESULT, "b'bytes' settled"]
