"""A machine as a co-simulation FMU (FMI 2.0): `isentrope export-fmu MACHINE` (docs/fmu.md)."""

import shutil
import sys
import tempfile
from pathlib import Path

from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine, machine_path

MODULE = "isentrope_fmu_slave"


def build(name_or_path: str | Path, out: Path) -> Path:
    """Write the FMU of a machine, by name or .toml file; its path.

    Raises InputError: without PythonFMU (extra `fmu`) or its binary for this platform, for a machine file
    that does not load, for an `out` that is no .fmu file in an existing folder.
    """
    try:
        from pythonfmu.builder import FmuBuilder
    except ImportError:
        raise InputError("an FMU needs PythonFMU: pip install 'isentrope[fmu]'") from None
    if not FmuBuilder.has_binary():
        raise InputError(f"PythonFMU has no binary for this platform, {sys.platform}")
    if out.suffix != ".fmu" or not out.parent.is_dir():
        raise InputError(f"{out}: needed is an .fmu file in a folder that exists")
    load_machine(name_or_path)
    with tempfile.TemporaryDirectory() as folder:
        script, machine = Path(folder, f"{MODULE}.py"), Path(folder, "machine.toml")
        shutil.copy(Path(__file__).with_name("fmu_slave.py"), script)
        shutil.copy(machine_path(name_or_path), machine)
        before = list(sys.path)
        try:
            FmuBuilder.build_FMU(script, dest=out, project_files={machine}, needsExecutionTool=True)
        finally:
            sys.path[:] = before
            sys.modules.pop(MODULE, None)
    return out
