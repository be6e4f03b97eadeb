"""The bench: closes the loop between the simulated plant and a controller, in lock-step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isentrope_hil.bench import Bench

__all__ = ["Bench"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: the bench pulls in the compiled plant, which `isentrope --help` has no need of.
    if name == "Bench":
        from isentrope_hil.bench import Bench

        return Bench
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
