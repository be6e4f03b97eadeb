"""Type-checks `firmware/` against the MicroPython stubs of its ports (mypy; `make check` calls it).

The stubs replace the standard library's, so they live in a folder of their own, away from the rest
of the environment. Only complaints about our files count: the stubs themselves are in beta.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STUBS = ROOT / ".stubs"
PORTS = {
    "unix": "micropython-unix-stubs>=1.28",
    "rp2": "micropython-rp2-stubs>=1.28",
    "esp32": "micropython-esp32-stubs>=1.28",
}
PORT_FILES = "firmware/isentrope/ports/"
OURS = ("firmware", "hil/isentrope_hil/targets/scan_cost.py", "hil/isentrope_hil/targets/bus_cost.py")

CONFIG = """\
[mypy]
python_version = 3.11
mypy_path = {stubs}:{firmware}
custom_typeshed_dir = {stubs}
no_site_packages = true
check_untyped_defs = true
explicit_package_bases = true
cache_dir = {stubs}/.cache
"""


def install(port: str) -> Path:
    """The folder of one port's stubs, filled on first use."""
    folder = STUBS / port
    if not (folder / "stdlib").is_dir():
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            + ["--target", str(folder), PORTS[port]],
            check=True,
        )
    return folder


def check(port: str) -> list[str]:
    """mypy's complaints about `firmware/` with one port's stubs."""
    folder = install(port)
    config = STUBS / f"{port}.ini"
    config.write_text(CONFIG.format(stubs=folder, firmware=ROOT / "firmware"))
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(config), *OURS],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if run.returncode not in (0, 1):
        return [(run.stdout + run.stderr).strip()]
    return [
        line
        for line in run.stdout.splitlines()
        if line.startswith(OURS) and ": error:" in line and not _of_another_port(line, port)
    ]


def _of_another_port(line: str, port: str) -> bool:
    """Each port's own files, named after it, are held against its stubs alone."""
    return any(line.startswith(PORT_FILES + other) for other in PORTS if other != port)


def main() -> int:
    complaints = [f"{port}: {line}" for port in PORTS for line in check(port)]
    print("\n".join(complaints) or f"firmware: types agree with the stubs of {', '.join(PORTS)}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
