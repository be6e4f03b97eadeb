"""Many files as one: the same bytes every time, found and read by MicroPython's own import."""

import subprocess

import pytest
from isentrope_hil import resources
from isentrope_hil.deploy import packing, tree
from isentrope_hil.errors import InputError, TargetMissing
from isentrope_hil.targets.unix import executable

LARGE = b"TEXT = " + repr("a line of some length, " * 40).encode() + b"\n"
FILES = {"m/__init__.mpy": b"1", "m/empty.mpy": b"", "m/n/deep.mpy": LARGE}


def test_the_order_of_the_files_does_not_matter():
    assert packing.packed(FILES) == packing.packed(dict(reversed(FILES.items())))
    assert packing.packed(FILES).count(LARGE) == 1


def test_two_paths_with_the_same_key_are_refused(monkeypatch):
    monkeypatch.setattr(packing, "key", lambda path: 7)
    with pytest.raises(InputError, match=r"m and m/__init__\.mpy have the same key 00000007"):
        packing.packed(FILES)


@pytest.fixture
def run(tmp_path):
    """What MicroPython prints of a script beside folder a, which holds a pack of these sources."""
    try:
        micropython = executable()
    except TargetMissing as why:
        pytest.skip(f"not run: {why}; then: pytest tests/hil/deploy/test_packing.py")

    def start(script, sources, cut=None):
        (tmp_path / "a").mkdir()
        files = tree._compiled(sources, "x64")
        (tmp_path / "a" / tree.PACK).write_bytes(packing.packed(files)[:cut])
        (tmp_path / "a" / "pack.mpy").write_bytes(tree.reader(resources.root("firmware"), "x64"))
        (tmp_path / "run.py").write_text(f"import sys\nsys.path.insert(0, 'a')\nimport pack\n{script}")
        done = subprocess.run(
            [micropython, "run.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        return (done.stdout + done.stderr).splitlines()

    return start


def test_packages_modules_and_tables_come_from_the_pack_and_no_file_stays_open(run):
    sources = {"m/__init__.py": "", "m/n/__init__.py": "from . import deep\n", "m/n/deep.py": LARGE.decode()}
    sources |= {f"m/k{k}.py": f"K = {k}\n" for k in range(60)}
    script = """
import os
import builtins
was, files = open, []
def counted(*words):
    files.append(was(*words))
    return files[-1]
pack.open = counted
pack.mount("a")
from m.n.deep import TEXT
print(len(TEXT), sum(__import__("m.k%d" % k, None, None, ("K",)).K for k in range(60)))
for name in ("m.none", "other"):
    try:
        __import__(name)
    except ImportError as error:
        print(error)
still = 0
for file in files:
    try:
        file.read(1)
        still += 1
    except (OSError, ValueError):
        pass
print(len(files) < 70, still)
print(os.stat("/pack/m")[0], os.stat("/pack/m/k7.mpy")[0] == 0x8000)
"""
    assert run(script, sources) == [
        "920 1770",
        "no module named 'm.none'",
        "no module named 'other'",
        "True 0",
        "16384 True",
    ]


@pytest.mark.parametrize("cut", [0, 10, 19])
def test_a_pack_without_its_head_is_said_in_one_line(run, cut):
    said = run("pack.mount('a')", {"m.py": ""}, cut)
    assert said[-1] == "ValueError: a/isentrope.pack is damaged: deploy again"
