"""From the repository's files to a running board: the tree, the file system image, the upload, the image."""

from __future__ import annotations

import importlib
from typing import Any

from isentrope_hil.errors import TargetMissing


def library(module: str, package: str) -> Any:
    """A module of the extra `board`, imported when it is needed.

    Raises:
        TargetMissing: its package is not installed; says how to.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise TargetMissing(f"{package} is not installed; python -m pip install 'isentrope[board]'") from None
