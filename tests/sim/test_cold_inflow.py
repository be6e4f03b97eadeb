"""Liquid that runs under vapour: taken up with a delay, nothing lost, whichever way the chain lies."""

import numpy as np
import pytest
from isentrope_sim import duties, fluids
from isentrope_sim.cycle import books
from isentrope_sim.cycle import layout as ly
from isentrope_sim.fluids import table as tb
from isentrope_sim.plant import Plant
from plants import MACHINE, Stand


def at(refrigerant, pressure):
    fluid, sat = fluids.load(refrigerant), np.zeros(tb.SAT_SIZE)
    tb.saturation(fluid, pressure, sat)
    return fluid, sat


@pytest.mark.parametrize("pressure", [1e5, 2.5e5, 6e5, 12e5])
@pytest.mark.parametrize("refrigerant", ["R290", "R32", "R454B", "R410A"])
def test_more_in_is_never_less_out(refrigerant, pressure):
    """At one pressure, an inflow of at least `least` displaces part of itself, in any amount."""
    fluid, sat = at(refrigerant, pressure)
    parts = np.linspace(0.0, 2.0, 81)
    for quality in (0.002, 0.02, 0.2, 0.6, 0.95, 1.001, 1.05, 1.2, 1.4):
        h = sat[tb.H_LIQ] + quality * (sat[tb.H_VAP] - sat[tb.H_LIQ])
        rho = tb.state(fluid, sat, h)[2]
        h_in = books.least(fluid, sat, h, rho)
        kept = np.array([tb.state(fluid, sat, (h + part * h_in) / (1.0 + part))[2] / rho for part in parts])
        assert np.all(np.diff(kept) < np.diff(parts)), quality


def test_saturated_liquid_enters_saturated_vapour_nearly_as_it_is():
    """What a flooding coil does every day is hardly held up: subcooling, and some of the latent heat."""
    fluid, sat = at("R290", 4e5)
    latent = sat[tb.H_VAP] - sat[tb.H_LIQ]
    least = books.least(fluid, sat, sat[tb.H_VAP], sat[tb.RHO_VAP])
    assert sat[tb.H_LIQ] < least < sat[tb.H_LIQ] + 0.06 * latent
    assert books.least(fluid, sat, sat[tb.H_LIQ] - 1.0, sat[tb.RHO_LIQ]) < 0.0, "liquid takes liquid as it is"


@pytest.mark.parametrize("n", [4, 7])
def test_mirrored_chain_keeps_every_volume_s_own(n):
    """Each physical cell finds its own energy again after the exchangers changed roles, and back."""
    w, s = np.zeros((ly.ROWS, 2 * n + 3)), np.zeros(ly.S_SIZE)
    places = [ly.in_state(i, False, n) for i in range(2 * n + 3)]
    w[ly.HELD_OLD] = places
    books.mirror(w, s, n)
    assert w[ly.HELD_OLD].tolist() == [ly.in_state(i, True, n) for i in range(2 * n + 3)]
    s[ly.S_COOLING] = 1.0
    books.mirror(w, s, n)
    assert w[ly.HELD_OLD].tolist() == places


def test_running_machine_holds_nothing_up():
    """At load nothing is held anywhere: what a start may leave is taken up within seconds."""
    stand = Stand()
    for opening, rps in ((0.4, 50.0), (0.6, 90.0), (0.3, 30.0)):
        stand.run(200, rps=rps, eev_opening=opening)
        assert np.abs(stand.plant._w[ly.HELD_OLD]).max() < 1e-6, "J"


def test_held_energy_is_in_the_books(monkeypatch):
    """A start against a coil that holds cold liquid before hot gas (`duties`, seed 578): no step closed.

    Energy is held on the way, and the balance knows it at every step.
    """
    most = [0.0]

    class Watched(Plant):
        def step(self, u, dt_s):
            super().step(u, dt_s)
            most[0] = max(most[0], self._w[ly.HELD_OLD].max())

    monkeypatch.setattr(duties, "Plant", Watched)
    report = duties.run(MACHINE, 578)
    assert most[0] > 1.0, "J; a case that holds nothing shows nothing"
    assert not report.fails(), report.line()
    # Later on, at rest with the valve open, two bodies of liquid close on the last vapour: 0.2 ms.
    assert report.shortest_s >= duties.SHORT_S, report.line()
    assert report.energy_error < 1e-5
