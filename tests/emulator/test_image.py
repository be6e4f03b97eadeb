"""UF2 files, good and bad, and one line for each that is bad."""

import struct

import pytest
from isentrope_hil import uf2
from isentrope_hil.emulator import image
from isentrope_sim.errors import InputError

PICO = b"3.4.0; MicroPython v1.28.0 on 2026-01-01\0; Raspberry Pi Pico with RP2040\0"


def block(address: int, data: bytes, family: int = uf2.RP2040_FAMILY, flags: int = 0x2000) -> bytes:
    head = struct.pack("<8I", 0x0A324655, 0x9E5D5157, flags, address, len(data), 0, 1, family)
    return (head + data).ljust(508, b"\0") + struct.pack("<I", 0x0AB16F30)


def written(path, data: bytes):
    path = path / "image.uf2"
    path.write_bytes(data)
    return path


def test_a_good_one(tmp_path):
    data = block(0x10000000, b"boot") + block(0x10000100, PICO) + block(0x20000000, b"RAM", flags=0x2001)
    read = image.read(written(tmp_path, data))
    assert (read.version, read.board) == ((1, 28), "Raspberry Pi Pico")
    assert read.pieces == ((0, b"boot"), (0x100, PICO))
    assert (read.sectors, read.file_system) == (352, 0xA0000)


def test_the_pico_w_has_a_smaller_file_system(tmp_path):
    data = block(0x10000000, PICO.replace(b"Pico with", b"Pico W with"))
    read = image.read(written(tmp_path, data))
    assert (read.sectors, read.file_system) == (212, 0x12C000)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is not a UF2 file: 0 bytes"),
        (b"x" * 512, r"is not a UF2 file \(block 0\)"),
        (block(0x10000000, PICO) + b"x" * 512, r"is not a UF2 file \(block 1\)"),
        (block(0x10000000, PICO, family=0xE48BFF59), "for another chip: UF2 family 0xe48bff59"),
        (block(0x10000000, b"blink"), "has no MicroPython in it"),
        (block(0x10000000, PICO.replace(b"1.28", b"1.23")), r"has MicroPython 1\.23, 1\.24 or newer"),
        (
            block(0x10000000, PICO.replace(b"Raspberry Pi Pico", b"Some Other Board")),
            "is for Some Other Board",
        ),
        (block(0x10200000, PICO), "address 0x10200000, outside the 2 MB"),
    ],
)
def test_bad_ones(tmp_path, data, says):
    with pytest.raises(InputError, match=says) as caught:
        image.read(written(tmp_path, data))
    assert "\n" not in str(caught.value)
    assert "image.uf2" in str(caught.value)


def test_one_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"none\.uf2 cannot be read: No such file"):
        image.read(tmp_path / "none.uf2")
