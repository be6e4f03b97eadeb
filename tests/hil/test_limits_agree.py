"""The simulator's limits against the controller's own code and defaults."""

import itertools

import pytest
from isentrope_hil.targets.firmware import Imports
from isentrope_sim import limits
from isentrope_sim.machine import load_machine, machine_names


@pytest.fixture(scope="module")
def firmware():
    """(settings module, Envelope) of the firmware, on CPython."""
    imports = Imports()
    imports.open()
    try:
        yield imports.module("settings"), imports.module("control.envelope").Envelope
    finally:
        imports.close()


def test_margins_are_the_controllers_defaults(firmware):
    s = firmware[0]
    v = s.Settings().v
    held = (v[s.DISCHARGE_HOLD], v[s.HP_HOLD], v[s.LP_HOLD], v[s.ENVELOPE_MARGIN])
    assert held == (limits.DISCHARGE_HOLD, limits.HIGH_HOLD, limits.LOW_HOLD, limits.ENVELOPE_MARGIN)


@pytest.mark.parametrize("name", machine_names())
def test_the_envelope_is_the_controllers(name, firmware):
    """Distance and the way back in, as the firmware's own code has them."""
    corners = load_machine(name).limits["envelope"]
    theirs = firmware[1](corners)
    for evaporating, condensing in itertools.product(range(-40, 40, 3), range(-5, 85, 3)):
        at = (evaporating + 0.3, condensing + 0.3)  # on no edge
        margin, less_lift = limits.envelope(corners, *at)
        assert margin == pytest.approx(theirs.step(*at), abs=1e-9)
        assert less_lift == (theirs.relief < 0), at
