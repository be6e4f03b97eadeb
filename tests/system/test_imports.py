"""The one-way imports of docs/architecture.md: who may know whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware" / "isentrope"

# folder -> package names that no file below it may import
FORBIDDEN = {
    "firmware/isentrope/control": {
        "drivers",
        "bus",
        "ports",
        "bench",
        "link",
        "app",
        "scan",
        "time",
        "machine",
    },
    "firmware/isentrope/refrigerant": {"drivers", "bus", "ports", "bench", "link", "control", "app", "scan"},
    "firmware/isentrope/drivers": {"control", "bus", "bench", "link", "app", "scan"},
    "firmware/isentrope/ports": {"control", "bus", "app", "scan"},
    "sim": {"isentrope_hil", "isentrope"},
}


def imported(path: Path) -> set[str]:
    """Every name segment of every import of a file; relative imports are resolved against `firmware/`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names.add(alias.name.split(".")[0])
                names.update(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").split(".")
            names.update(part for part in module if part)
            if node.level >= 2 or node.module in (None, "isentrope"):
                names.update(alias.name for alias in node.names)
    return names


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_imports_go_one_way(folder):
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files, f"{folder} has no Python files: the rule would pass unseen"
    offences = []
    for path in files:
        found = imported(path) & FORBIDDEN[folder]
        offences += [f"{path.relative_to(ROOT)} imports {name}" for name in sorted(found)]
    assert not offences, offences


def test_only_the_cpython_target_imports_the_firmware():
    """hil may read the firmware's tables by path; only the `cpython` target runs its code in-process."""
    offences = []
    for path in sorted((ROOT / "hil").rglob("*.py")):
        if "targets" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(), str(path))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "isentrope":
                tail = (node.module or "").split(".")[1:] or [alias.name for alias in node.names]
                if not set(tail) <= {"points", "settings", "alarms", "decisions"}:
                    offences.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not offences, offences


def test_rule_sees_a_forbidden_import(tmp_path):
    """The check itself can fail."""
    bad = tmp_path / "bad.py"
    bad.write_text("from ..drivers import ntc\nimport time\n")
    assert {"drivers", "time"} <= imported(bad)
