"""Constants folded between modules: only those that mean one number, every line in its place."""

import ast
import contextlib
import shutil

import pytest
from isentrope_hil import resources
from isentrope_hil.deploy.folding import folded
from isentrope_hil.deploy.shortening import shortened
from isentrope_hil.link import Link
from isentrope_hil.profile import build
from isentrope_hil.targets.unix import UnixTarget

CODES = (
    "from micropython import const\n\nHIGH = const(0x10)\nLOW = const(-2)\nRATE = const(0.25)\nNAME = 'x'\n"
)


def both(user, codes=CODES):
    sources = folded({"p/__init__.py": "", "p/codes.py": codes, "p/user.py": user})
    return sources["p/codes.py"], sources["p/user.py"]


def test_numbers_stand_where_names_of_another_module_did():
    codes, user = both(
        "from . import codes as c\n\n\ndef f(a):\n    return a[c.HIGH] + c.LOW ** 2 * c.RATE\n"
    )
    assert user.split("\n")[4] == "    return a[16] + (-2) ** 2 * 0.25"
    assert codes == CODES.replace("HIGH", "_HIGH").replace("LOW", "_LOW").replace("RATE", "_RATE")


def test_imported_names_go_and_lines_stay():
    codes, user = both("from .codes import (\n    HIGH,\n    NAME,\n)\n\nX = HIGH\nY = NAME\n")
    assert user == "from .codes import NAME\n\n\n\n\nX = 16\nY = NAME\n"
    assert "NAME = 'x'" in codes


def test_a_name_that_means_something_else_somewhere_is_left():
    used = "from .codes import HIGH\n\n\ndef f(HIGH):\n    return HIGH\n"
    codes, user = both(used)
    assert user == used and codes.startswith(CODES[: CODES.index("LOW")])
    shadowed = "from . import codes\n\n\ndef f(codes):\n    return codes.HIGH\n"
    assert both(shadowed)[1] == shadowed


def test_what_is_looked_up_at_run_time_keeps_its_name():
    codes, _ = both("def f(module):\n    return module.HIGH\n")
    assert "\nHIGH = " in codes and "\n_LOW = " in codes


@pytest.fixture(scope="module")
def firmware():
    root = resources.root("firmware")
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.glob("isentrope/**/*.py")}


def test_the_firmware_keeps_its_lines_and_loses_its_lookups(firmware):
    done = folded(firmware)
    for path, source in firmware.items():
        assert done[path].count("\n") == source.count("\n"), path
        compile(done[path], path, "exec")
    text = "".join(done.values())
    assert "s.SH_SETPOINT" in "".join(firmware.values()) and "s.SH_SETPOINT" not in text
    left = [
        node.targets[0].id
        for source in done.values()
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "const"
        and not node.targets[0].id.startswith("_")
    ]
    assert len(left) < 3, left  # names that another module gives to something else


def replies(main):
    """Everything that 600 scans of a start say: outputs, points."""
    with contextlib.closing(UnixTarget(script=main)) as target:
        target.start(build("pico-full", "ashp-r290-8kw"))
        link = Link(target)
        hello = link.hello()
        table = link.describe(hello)
        link.reset(seed=1, t0_ms=0)
        link.write(next(point.id for point in table.points if point.name == "enable"), 1)
        found = []
        for place in range(600):
            link.step(
                500 * place, [(s.low + s.high) // 2 + place * (k + 1) % 50 for k, s in enumerate(table.ins)]
            )
            found.append((link.raw_out, link.points))
        link.bye()
    return found


def test_the_firmware_as_a_board_gets_it_does_the_same(firmware, tmp_path):
    for path, source in shortened(folded(firmware)).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    shutil.copy(resources.root("firmware") / "main.py", tmp_path)
    plain = replies(resources.root("firmware") / "main.py")
    assert replies(tmp_path / "main.py") == plain
    assert len(set(plain)) > 100
