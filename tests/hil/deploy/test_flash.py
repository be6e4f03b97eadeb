import struct

import pytest
from isentrope_hil import board, profile, uf2
from isentrope_hil.deploy import flash, littlefs, tree
from isentrope_hil.errors import InputError, TargetError, TargetMissing

SAYS = b"MicroPython v1.28.0 on 2026-01-01; Raspberry Pi Pico with RP2040\0"


def padded(text):
    return text.ljust(-(-len(text) // 256) * 256, b"\0")


def pico(text=SAYS):
    return uf2.pack(0, padded(text))


def esp(chip=0, text=SAYS):
    return struct.pack("<BBBB8xH10x", 0xE9, 1, 2, 0x20, chip) + text


def family(number):
    data = bytearray(pico())
    struct.pack_into("<I", data, 28, number)
    return bytes(data)


@pytest.mark.parametrize("chip, data", [("rp2040", pico()), ("esp32", esp()), ("esp32s3", esp(9))])
def test_good_images(tmp_path, chip, data):
    (tmp_path / "image").write_bytes(data)
    flash.check(tmp_path / "image", chip)


@pytest.mark.parametrize(
    ("chip", "data", "says"),
    [
        ("rp2040", b"", "is not a UF2 file: 0 bytes"),
        ("rp2040", b"x" * 700, "is not a UF2 file: 700 bytes"),
        ("rp2040", b"x" * 512, r"is not a UF2 file \(block 0\)"),
        ("rp2040", esp(), "is not a UF2 file"),
        ("rp2040", family(0xE48BFF59), "for another chip: UF2 family 0xe48bff59"),
        ("rp2040", pico(b"no such thing"), "has no MicroPython in it"),
        ("rp2040", pico(b"MicroPython v1.23.0"), r"has MicroPython 1\.23, 1\.24 or newer is needed"),
        ("rp2040", uf2.pack(uf2.FLASH_SIZE, padded(SAYS)), "outside the 2 MB of flash"),
        ("esp32", b"", "is not an ESP32 image: it begins with nothing"),
        ("esp32", pico(), "is not an ESP32 image: it begins with 55"),
        ("esp32", esp(9), "is for esp32s3, not for esp32"),
        ("esp32s3", esp(5), "is for chip 5, not for esp32s3"),
        ("esp32", esp(0, b"MicroPython v1.20.0"), r"1\.24 or newer is needed"),
    ],
)
def test_bad_images(tmp_path, chip, data, says):
    (tmp_path / "image").write_bytes(data)
    with pytest.raises(InputError, match=says):
        flash.check(tmp_path / "image", chip)


def test_a_missing_image(tmp_path):
    with pytest.raises(InputError, match=r"none\.uf2 cannot be read: No such file"):
        flash.check(tmp_path / "none.uf2", "rp2040")


def drive(folder):
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text("UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n")
    return folder


def test_an_image_is_copied_to_the_drive_that_appears(tmp_path):
    (tmp_path / "image.uf2").write_bytes(pico())
    place = drive(tmp_path / "drive")
    seen = iter([[], [], [place]])
    assert flash.rp2(tmp_path / "image.uf2", lambda: next(seen)) == f"copied to {place}"
    assert (place / "image.uf2").read_bytes() == pico()


def test_with_several_drives_none_is_chosen(tmp_path):
    places = [drive(tmp_path / "one"), drive(tmp_path / "two")]
    with pytest.raises(InputError, match="2 boards wait for an image"):
        flash.rp2(tmp_path / "image.uf2", lambda: places)


def test_without_drive_and_picotool_the_way_by_hand_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TargetMissing, match=r"no picotool: hold BOOTSEL .* copy .*image\.uf2 onto it"):
        flash.rp2(tmp_path / "image.uf2", list, patience_s=0.0)


def test_without_a_drive_picotool_does_it(tmp_path, monkeypatch):
    tool = tmp_path / "picotool"
    tool.write_text('#!/bin/sh\n[ "$1 $2" = "load -x" ] && grep -q MicroPython "$3"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "image.uf2").write_bytes(pico())
    assert flash.rp2(tmp_path / "image.uf2", list, patience_s=0.0) == "written by picotool"
    (tmp_path / "image.uf2").write_bytes(b"")
    with pytest.raises(TargetError, match="picotool ended with exit code 1"):
        flash.rp2(tmp_path / "image.uf2", list, patience_s=0.0)


def test_mounted_drives_are_known_by_their_file(tmp_path, monkeypatch):
    other = tmp_path / "stick"
    other.mkdir()
    wanted = drive(tmp_path / "RPI-RP2")
    monkeypatch.setattr(flash, "_mounts", lambda: [other, wanted, tmp_path / "gone"])
    assert flash.drives() == [wanted]


def test_esptool_says_itself_what_is_wrong(tmp_path, capfd):
    (tmp_path / "image.bin").write_bytes(esp())
    with pytest.raises(TargetError, match="esptool ended with exit code"):
        flash.esp(tmp_path / "image.bin", "esp32", "/dev/no-such-port", False)
    out, err = capfd.readouterr()
    assert out == ""
    assert "/dev/no-such-port" in err


@pytest.mark.parametrize(("name", "sectors"), [("pico-full", 352), ("pico-w", 212), ("w5500-evb-pico", 352)])
def test_the_file_system_is_where_micropython_looks_for_it(tmp_path, name, sectors):
    files = tree.build(profile.build(name, "ashp-r290-8kw"))
    packed = flash.file_system(board.read(name), files)
    pieces = uf2.pieces(tmp_path, packed)
    assert pieces[0][0] == (2 << 20) - sectors * 4096
    assert [at for at, _ in pieces] == list(range(pieces[0][0], 2 << 20, 256))
    assert littlefs.files(b"".join(piece for _, piece in pieces)) == files


def test_an_esp32_has_no_such_image():
    with pytest.raises(InputError, match=r"esp32-devkit: where its file system lies .* use isentrope deploy"):
        flash.file_system(board.read("esp32-devkit"), {})
