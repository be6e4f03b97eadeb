"""Every law of the comparison, by name."""

from __future__ import annotations

from isentrope_hil.compare import carel, danfoss, ours, thermostatic, valden
from isentrope_hil.compare.law import Spec
from isentrope_hil.errors import unknown

OURS = ours.SPEC.name
LAWS: dict[str, Spec] = {
    spec.name: spec for spec in (ours.SPEC, carel.SPEC, danfoss.SPEC, valden.SPEC, thermostatic.SPEC)
}


def law(name: str) -> Spec:
    """Raises InputError for a name that no law has."""
    if name not in LAWS:
        raise unknown("law", name, list(LAWS))
    return LAWS[name]
