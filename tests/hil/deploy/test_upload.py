"""The upload on a littlefs in memory, cut at every flash operation; what is left is started."""

from zlib import crc32

import pytest
from isentrope_hil import resources
from isentrope_hil.deploy import littlefs, tree, upload
from isentrope_hil.deploy.remote import Stored
from isentrope_hil.errors import InputError, TargetError, TargetMissing
from isentrope_hil.profile import build as build_profile
from isentrope_hil.targets.unix import executable
from littlefs_board import BLOCKS, LittlefsRemote, blank, start

APP = """
from .control import large
from .version import VERSION
def main():
    print(VERSION)
"""
PINS = [[6, 0], [7, 0], [16, 0]]
FAULTY = {"app.py": "def main():\n    print('fault')\n"}
REWIRED = [[6, 0], [7, 1], [18, 0]]


@pytest.fixture(scope="module")
def firmware(tmp_path_factory):
    """Builds the tree of a firmware that says its version, with the real main.py."""

    def build(version, pins=PINS, main=b"", extra=None):
        source = tmp_path_factory.mktemp("firmware")
        (source / "isentrope" / "control").mkdir(parents=True)
        modules = {
            "__init__.py": "",
            "version.py": f"VERSION = {version!r}\n",
            "control/__init__.py": "",
            "control/large.py": "TEXT = " + repr("all versions share this. " * 60) + "\n",
            "app.py": APP,
            **(extra or {}),
        }
        for name, text in modules.items():
            (source / "isentrope" / name).write_text(text)
        (source / "main.py").write_bytes((resources.root("firmware") / "main.py").read_bytes() + main)
        (source / "pack.py").write_bytes((resources.root("firmware") / "pack.py").read_bytes())
        profile = {"mcu": "rp2040", "devices": [], "fluid": "R290", "pins": pins, "version": version}
        return tree.build(profile, firmware=source)

    return build


@pytest.fixture(scope="module")
def run_micropython():
    try:
        executable()
    except TargetMissing as why:
        pytest.skip(f"not run: {why}; then: pytest tests/hil/deploy/test_upload.py")


def installed(files, image=None):
    board = LittlefsRemote(image or blank())
    upload.install(board, files)
    return board.image


def each_state(board, folder):
    """(image, files, pins driven, what started) after every flash operation, once for equal contents."""
    seen = set()
    for number, image in enumerate(board.states()):
        files = littlefs.files(image)
        key = frozenset(files.items())
        if key not in seen:
            seen.add(key)
            yield image, files, *start(files, folder / str(number))


CASES = {
    "update": ("one", {}, "two", {}),
    "update with a new main.py": ("one", {}, "two", {"main": b"# newer\n"}),
    "update of a board that was rewired": ("one", {}, "two", {"pins": REWIRED}),
    "update that drops a module": ("one", {"extra": {"control/old.py": "OLD = 1\n"}}, "two", {}),
}


@pytest.mark.parametrize("case", CASES)
def test_cut_anywhere_an_update_leaves_the_old_or_the_new(firmware, run_micropython, tmp_path, case):
    was, was_with, now, now_with = CASES[case]
    old, new = firmware(was, **was_with), firmware(now, **now_with)
    pins = {was: was_with.get("pins", PINS), now: now_with.get("pins", PINS)}
    board = LittlefsRemote(installed(old))
    upload.install(board, new)
    assert len(board.flash.done) > 30
    started = []
    for image, files, driven, version in each_state(board, tmp_path):
        assert version in (was, now)
        assert driven.items() <= dict(pins[version]).items()
        started.append(version)
        again = LittlefsRemote(image)
        upload.install(again, new)
        assert start(littlefs.files(again.image), tmp_path / "again")[1] == now, files.keys()
    assert started == sorted(started, key=[was, now].index), "once new, never old again"
    assert {was, now} == set(started)
    assert driven == dict(pins[now])


def test_cut_anywhere_a_first_deployment_can_be_repeated(firmware, run_micropython, tmp_path):
    new = firmware("one")
    board = LittlefsRemote(blank())
    upload.install(board, new)
    for image, files, driven, version in each_state(board, tmp_path):
        assert version in ("", "one") or "ImportError" in version or "Traceback" in version
        assert version != "one" or driven == dict(PINS), "firmware never starts before the levels are there"
        assert littlefs.files(installed(new, image))["active"] == b"a", files.keys()
    assert version == "one"


def test_cut_anywhere_a_rollback_leaves_either(firmware, run_micropython, tmp_path):
    old, new = firmware("one"), firmware("two", pins=REWIRED)
    board = LittlefsRemote(installed(new, installed(old)))
    assert upload.rollback(board) == "a"
    pins = {"one": dict(PINS), "two": dict(REWIRED)}
    started = []
    for _, _, driven, version in each_state(board, tmp_path):
        assert driven.items() <= pins[version].items()
        started.append(version)
    assert started == sorted(started, reverse=True)
    assert driven == pins["one"] and started[-1] == "one"


def test_cut_at_every_fourth_operation_the_real_firmware_is_whole_in_the_folder_that_starts():
    profile = build_profile("pico-full", "ashp-r290-8kw")
    old, new = tree.build(profile), tree.build({**profile, "scan_ms": 1000})
    board = LittlefsRemote(installed(old, blank(352)))
    upload.install(board, new)
    want = {
        slot: {path[2:]: Stored(len(data), crc32(data)) for path, data in files.items() if path[:2] == "a/"}
        for slot, files in (("a", old), ("b", new))
    }
    slots = []
    for image in [*list(board.states())[::4], board.image]:
        state = LittlefsRemote(image)
        listing = state.listing()
        slot = upload.running(listing, state.read("active").decode())
        assert listing.within(slot) == want[slot]
        slots.append(slot)
    assert slots == sorted(slots)
    assert set(slots) == {"a", "b"}


def test_only_what_changed_is_sent(firmware):
    board = LittlefsRemote(installed(firmware("one")))
    seen = []
    outcome = upload.install(board, firmware("two"), lambda *said: seen.append(said))
    assert (outcome.slot, outcome.sent, outcome.copied) == ("b", 2, 1)
    assert outcome.changed
    assert outcome.trial
    assert {path for path, _, _ in seen} == {"isentrope.pack", "profile.json"}
    assert seen[-1][1] == seen[-1][2] == outcome.sent_bytes
    files = littlefs.files(board.image)
    assert files["trial"] == b"b"
    assert files["a/MANIFEST.crc"] != files["b/MANIFEST.crc"]


def test_the_third_version_replaces_the_first(firmware):
    image = installed(firmware("two"), installed(firmware("one")))
    board = LittlefsRemote(image)
    board.mkdir("a/isentrope")  # as a version has it that was deployed file by file
    board.write("a/isentrope/old.mpy", b"M", lambda _: None)
    outcome = upload.install(board, firmware("three"))
    files = littlefs.files(board.image)
    assert (outcome.slot, files["active"]) == ("a", b"a")
    assert "a/isentrope/old.mpy" not in files
    assert upload.rollback(board) == "b"
    assert upload.rollback(board) == "a"


def test_a_profile_alone_leaves_nothing_that_hides_the_firmware_of_the_image(firmware):
    image = installed(firmware("two"), installed(firmware("one")))
    profile = {"mcu": "rp2040", "devices": [], "fluid": "R290", "pins": PINS}
    board = LittlefsRemote(image)
    assert upload.install(board, tree.profile_alone(profile)).slot == "a"
    listing = board.listing()
    assert listing.within("a").keys() == {"profile.json", "MANIFEST.crc"}
    assert not any(folder.startswith("a/") for folder in listing.folders)


def test_the_same_again_writes_nothing(firmware):
    image = installed(firmware("one"))
    board = LittlefsRemote(image)
    outcome = upload.install(board, firmware("one"))
    assert (outcome.sent, outcome.changed) == (0, False)
    assert board.flash.done == []


def test_a_pointer_that_points_nowhere_is_put_right(firmware):
    files = littlefs.files(installed(firmware("one")))
    for pointer in (b"", b"b", b"\xff\xff"):
        board = LittlefsRemote(littlefs.image({**files, "active": pointer}, blocks=BLOCKS))
        upload.install(board, firmware("one"))
        assert littlefs.files(board.image)["active"] == b"a"


def test_after_a_trial_that_failed_the_board_is_not_sent_back_to_it(firmware, run_micropython, tmp_path):
    board = LittlefsRemote(installed(firmware("two", extra=FAULTY), installed(firmware("one"))))
    files = littlefs.files(board.image)
    for _ in range(3):
        assert start(files, tmp_path)[1] == "fault"
        files["trial"] = (tmp_path / "trial").read_bytes()
    assert "back to a" in start(files, tmp_path)[1]
    assert not (tmp_path / "b" / "MANIFEST.crc").exists()
    board.remove("b/MANIFEST.crc")
    with pytest.raises(InputError, match="nothing to go back to"):
        upload.rollback(board)
    upload.install(board, firmware("three"))
    files = littlefs.files(board.image)
    assert (files["active"], files["trial"]) == (b"b", b"b")


def test_pins_and_main_are_put_right_without_a_new_version(firmware):
    files = littlefs.files(installed(firmware("one")))
    board = LittlefsRemote(littlefs.image({**files, "pins.txt": b"6 1\n", "main.py": b"pass"}, blocks=BLOCKS))
    assert upload.install(board, firmware("one")).changed
    assert littlefs.files(board.image) == files


def test_rewired_there_is_no_trial(firmware):
    board = LittlefsRemote(installed(firmware("one")))
    assert not upload.install(board, firmware("two", pins=REWIRED)).trial
    assert "trial" not in littlefs.files(board.image)


@pytest.mark.parametrize("spoil", ["b/isentrope.pack", "b/MANIFEST.crc.new", "active.new", "main.py.new"])
def test_what_reads_back_otherwise_is_not_started(firmware, spoil):
    board = LittlefsRemote(installed(firmware("one")), spoil)
    with pytest.raises(TargetError, match=r"still starts the firmware it had: run the same command again"):
        upload.install(board, firmware("two", main=b"# newer\n"))
    assert littlefs.files(board.image)["active"] == b"a"


def test_a_full_file_system_is_refused_with_figures_and_nothing_is_touched(firmware):
    image = installed(firmware("one"))
    board = LittlefsRemote(image)
    board.write("mine.bin", bytes(200_000), lambda _: None)
    image = board.image
    board = LittlefsRemote(image)
    with pytest.raises(InputError, match=r"too full: \d+ KB of 256 KB can be had, .* needs \d+ KB of them"):
        upload.install(board, firmware("two"))
    assert board.image == image


def test_there_is_nothing_to_go_back_to_after_the_first(firmware):
    with pytest.raises(InputError, match="nothing to go back to"):
        upload.rollback(LittlefsRemote(installed(firmware("one"))))


def test_a_damaged_version_is_not_gone_back_to(firmware):
    files = littlefs.files(installed(firmware("two"), installed(firmware("one"))))
    files["a/isentrope.pack"] = files["a/isentrope.pack"][:-1]
    with pytest.raises(InputError, match=r"a/isentrope\.pack is damaged"):
        upload.rollback(LittlefsRemote(littlefs.image(files, blocks=BLOCKS)))
