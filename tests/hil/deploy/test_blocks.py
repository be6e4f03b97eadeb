"""Where a pack lies in a board's flash: the port's search, on littlefs itself, with memory for a flash."""

import os
import random
import types

import pytest
from isentrope_hil import resources
from isentrope_hil.deploy import littlefs, packing

XIP = 0x10000000
BLOCK = 4096
SOURCE = resources.root("firmware") / "isentrope" / "ports" / "rp2_blocks.py"
lfs = pytest.importorskip("littlefs", reason="not run: littlefs-python is missing (make dev)")


class Flash:
    """rp2.Flash: the file system's part of the chip."""

    content = b""

    def readblocks(self, block, buf, offset=0):
        at = block * BLOCK + offset
        buf[:] = self.content[at : at + len(buf)]

    def ioctl(self, request, value):
        return len(self.content) // BLOCK if request == 4 else 0


class Context(lfs.UserContext):
    def __init__(self, device):
        super().__init__(0)
        self._device = device

    def read(self, cfg, block, off, size):
        buf = bytearray(size)
        self._device.readblocks(block, buf, off)
        return buf


class View:
    """vfs.VfsLfs2, which mounts what it is given."""

    def __init__(self, device, progsize):
        count = device.ioctl(4, 0)
        self._fs = lfs.LittleFS(
            Context(device), mount=False, block_size=BLOCK, block_count=count, **littlefs.GEOMETRY
        )
        self._fs.mount()

    def open(self, path, mode):
        return self._fs.open(path, mode, buffering=0)


def found(monkeypatch, image, path, size, chip=2 << 20):
    """What the file's blocks hold where the port finds them, and their addresses.

    The image is at the end of a chip of that size.
    """
    memory = bytes(random.Random(3).randbytes(chip - len(image))) + image
    Flash.content = image
    stat = os.stat_result((0, 0, 0, 0, 0, 0, size, 0, 0, 0))
    modules = {
        "rp2": types.SimpleNamespace(Flash=Flash),
        "vfs": types.SimpleNamespace(VfsLfs2=View),
        "uctypes": types.SimpleNamespace(
            bytearray_at=lambda at, n: bytearray((memory * 2)[(at - XIP) % chip :][:n])
        ),
        "micropython": types.SimpleNamespace(const=lambda value: value),
    }
    for name, module in modules.items():
        monkeypatch.setitem(__import__("sys").modules, name, module)
    monkeypatch.setattr(os, "stat", lambda path: stat)
    names: dict = {}
    exec(compile(SOURCE.read_text("utf-8"), str(SOURCE), "exec"), names)
    addresses = names["addresses"](path)
    monkeypatch.undo()
    whole = b""
    for number, (address, (start, end)) in enumerate(zip(addresses, packing.blocks(size), strict=True)):
        at = address - XIP + 4 * (number & -number).bit_length()
        whole += memory[at : at + end - start]
    return whole, addresses


@pytest.mark.parametrize("size", [100_000, 4096, 4097, 8188, 8189, 600, 203_000])
def test_the_blocks_hold_the_file(monkeypatch, size):
    data = random.Random(size).randbytes(size)
    image = littlefs.image(
        {"a/other": b"x" * 5000, "a/isentrope.pack": data, "b/more": b"y" * 9000}, blocks=128
    )
    assert found(monkeypatch, image, "a/isentrope.pack", size)[0] == data


@pytest.mark.parametrize("chip", [4 << 20, 16 << 20])
def test_a_larger_chip(monkeypatch, chip):
    data = random.Random(1).randbytes(30_000)
    image = littlefs.image({"a/isentrope.pack": data}, blocks=64)
    assert found(monkeypatch, image, "a/isentrope.pack", len(data), chip)[0] == data


def test_a_copy_that_is_gone_is_not_taken(monkeypatch):
    data = random.Random(2).randbytes(30_000)
    mounted = littlefs.mounted(littlefs.image({"a/isentrope.pack": data}, blocks=64))
    mounted.remove("/a/isentrope.pack")  # its blocks keep their content, and are free
    with mounted.open("/a/isentrope.pack", "wb") as file:
        file.write(data)
    image = bytes(mounted.context.buffer)
    copies = [at for at in range(0, len(image), BLOCK) if image[at : at + BLOCK] == data[:BLOCK]]
    assert len(copies) == 2, "the copy that is gone is not there: the test shows nothing"
    live = []
    for at in copies:
        spoilt = littlefs.mounted(image[:at] + bytes(BLOCK) + image[at + BLOCK :])
        with spoilt.open("/a/isentrope.pack", "rb") as file:
            live += [at] if file.read() != data else []
    whole, addresses = found(monkeypatch, image, "a/isentrope.pack", len(data))
    assert whole == data
    assert [addresses[0]] == [XIP + (2 << 20) - len(image) + at for at in live]
