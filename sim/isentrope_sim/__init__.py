"""The simulated heat pump. `Plant` is the public API (docs/tutorial-plant.md); SI units throughout."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isentrope_sim.api import Plant

__all__ = ["Plant"]


def __getattr__(name: str) -> Any:
    # On first use: the compiled plant takes a while to import, which not every user of this package needs.
    if name == "Plant":
        from isentrope_sim.api import Plant

        return Plant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
