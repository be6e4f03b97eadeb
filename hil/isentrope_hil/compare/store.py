"""What has been run, on disk, so that an interrupted comparison goes on: a line of JSON a run.

The file's name is a hash of everything that decides a run (firmware, plant, laws and duties), so results of
other code are never taken for this one's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import isentrope_sim
from isentrope_sim.errors import InputError

from isentrope_hil import resources

# Of this package, what a run's result follows from; the rest searches, judges and draws.
_DECIDE = (
    "law.py",
    "carel.py",
    "danfoss.py",
    "danfoss_reference.py",
    "valden.py",
    "thermostatic.py",
    "seam.py",
    "duties.py",
    "trial.py",
)


def code_hash(own: Iterable[Path] = ()) -> str:
    """Twelve hex digits over the sources that decide a run: firmware, plant and these (a comparison's)."""
    plant = Path(isentrope_sim.__file__).parent
    files = [path for path in sorted(plant.rglob("*")) if path.suffix in (".py", ".toml")]
    files += list(own) or [Path(__file__).parent / name for name in _DECIDE]
    digest = hashlib.sha256(resources.firmware_sha256().encode())
    for path in files:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class Store:
    """Results by key. A key is a mapping that JSON can hold."""

    def __init__(self, folder: Path, code: str = "") -> None:
        """Raises InputError where the folder cannot be made or its file be read; `code`: what the results
        follow from, if not a comparison's."""
        self.path = folder / f"runs-{code or code_hash()}.jsonl"
        self._found: dict[str, Any] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        except OSError as error:
            raise InputError(f"--out {folder}: {error.strerror}") from None
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue  # cut off in the middle when it was interrupted
            self._found[_text(row["key"])] = row["result"]

    def get(self, key: Mapping[str, Any]) -> Any:
        """The result, None: not there yet."""
        return self._found.get(_text(key))

    def put(self, key: Mapping[str, Any], result: Any) -> None:
        self._found[_text(key)] = result
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": dict(key), "result": result}) + "\n")


def _text(key: Mapping[str, Any]) -> str:
    return json.dumps(dict(key), sort_keys=True)
