"""One compiler switch for the package, and a cache on disk that never outlives the sources.

numba's cache looks only at the file of the function it stores, so a change in a called component would leave
a stale caller. A stamp of all sources in the package decides: if it differs, the package's cached code is
removed. `NUMBA_DISABLE_JIT=1` runs everything as plain (slow) Python for debugging.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

_PACKAGE = Path(__file__).parent
_COMPILED = ("fluids", "components", "cycle", "world")


def _drop_stale_cache() -> None:
    digest = hashlib.sha256()
    for source in sorted(p for d in _COMPILED for p in (_PACKAGE / d).glob("*.py")):
        digest.update(source.read_bytes())
    stamp = _PACKAGE / "__pycache__" / "numba-sources.sha256"
    try:
        if stamp.is_file() and stamp.read_text() == digest.hexdigest():
            return
        for folder in (*_COMPILED, "."):
            for stale in (_PACKAGE / folder / "__pycache__").glob("*.nb[ic]"):
                stale.unlink(missing_ok=True)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(digest.hexdigest())
    except OSError:
        # A read-only installation cannot change its sources either.
        return


_drop_stale_cache()


def njit(function: Callable[..., Any]) -> Any:
    """Compile on first use, cached on disk; where no folder can be written, compiled anew in each process.

    Division by zero gives inf or NaN, as in numpy: the check before every division costs 3 % of a step, and a
    step that leaves finite numbers is refused anyway.
    """
    try:
        return numba.njit(function, cache=True, error_model="numpy")
    except RuntimeError:
        return numba.njit(function, error_model="numpy")


# Arguments of compiled functions: float64 array, and the machine's record (`parameters.DTYPE`).
Array = NDArray[np.float64]
Record = Any
