"""The stratified vessel: energy to rounding, sharp thermoclines, no inversions, and the figures of merit."""

import numpy as np
import pytest
from isentrope_sim.world import WATER_J_KG_K, layers

KG = 13.0


def energy(t):
    return KG * WATER_J_KG_K * float(np.sum(t))


@pytest.mark.parametrize("dt", [0.5, 10.0])
@pytest.mark.parametrize(
    ("down", "up"), [(0.3, 0.0), (0.0, 0.25), (0.3, 0.1), (0.1, 0.3), (0.2, 0.2), (0.0, 0.0)]
)
def test_energy_is_conserved_to_rounding(dt, down, up):
    t = np.random.Generator(np.random.PCG64(4)).uniform(285.0, 330.0, 15)
    first, brought = energy(t), 0.0
    for _ in range(500):
        top, bottom = t[0], t[-1]
        loss = layers.advance(t, KG, down, 330.0, up, 283.15, 293.15, 0.1, 0.6, dt)
        brought += dt * (WATER_J_KG_K * (down * (330.0 - bottom) + up * (283.15 - top)) - loss)
    assert abs(energy(t) - first - brought) < 1e-9 * first
    assert np.all(np.diff(t) <= 1e-12)  # and it is stratified


def test_nothing_overshoots_the_hottest_and_coldest_water_that_enters():
    t = np.full(15, 320.0)
    for _ in range(3000):
        layers.advance(t, KG, 0.0, 0.0, 0.15, 283.15, 293.15, 0.0, 0.0, 0.5)
        assert t.min() >= 283.15 - 1e-9 and t.max() <= 320.0 + 1e-9


@pytest.mark.parametrize("n", [10, 20])
def test_a_thermocline_stays_within_a_fifth_of_the_height(n):
    kg = 200.0 / n
    t = np.full(n, 323.15)
    for _ in range(round(100.0 / 0.15 / 0.5)):  # half the vessel is drawn
        layers.advance(t, kg, 0.0, 0.0, 0.15, 283.15, 293.15, 0.0, 0.0, 0.5)
    front = np.count_nonzero((t > 283.15 + 4.0) & (t < 323.15 - 4.0)) / n  # 10 to 90 %
    assert front <= 0.2
    assert layers.mix_number(t, 323.15, 283.15) < 0.05


def test_a_mirrored_flow_gives_the_mirrored_profile():
    hot, cold = np.full(12, 283.15), np.full(12, 323.15)
    for _ in range(400):
        layers.advance(hot, KG, 0.1, 323.15, 0.0, 0.0, 293.15, 0.0, 0.0, 0.5)
        layers.advance(cold, KG, 0.0, 0.0, 0.1, 283.15, 293.15, 0.0, 0.0, 0.5)
    assert hot - 283.15 == pytest.approx((323.15 - cold)[::-1], abs=1e-9)


def test_buoyancy_mixes_only_what_is_inverted():
    t = np.array([330.0, 310.0, 315.0, 320.0, 290.0])
    layers.settle(t)
    assert t == pytest.approx([330.0, 315.0, 315.0, 315.0, 290.0])
    t = np.array([300.0, 310.0, 290.0, 320.0])  # the warm bottom pulls everything in
    layers.settle(t)
    assert t == pytest.approx([305.0, 305.0, 305.0, 305.0])
    t = np.array([330.0, 320.0, 320.0, 300.0])
    before = t.copy()
    layers.settle(t)
    assert np.array_equal(t, before)


def test_a_resting_vessel_cools_exponentially_and_conduction_levels_it():
    t = np.full(10, 333.15)
    for _ in range(3600):
        layers.advance(t, KG, 0.0, 0.0, 0.0, 0.0, 293.15, 0.15, 0.5, 10.0)
    tau = KG * WATER_J_KG_K / 0.15
    assert t - 293.15 == pytest.approx(40.0 * np.exp(-36_000.0 / tau), rel=1e-3)
    t = np.linspace(330.0, 290.0, 10)
    for _ in range(20_000):
        layers.advance(t, KG, 0.0, 0.0, 0.0, 0.0, 293.15, 0.0, 5.0, 600.0)
    assert t == pytest.approx(310.0, abs=1e-3)


def test_mix_number_is_0_stratified_1_mixed():
    stratified = np.array([330.0] * 4 + [285.0] * 6)
    assert layers.mix_number(stratified, 330.0, 285.0) == pytest.approx(0.0, abs=1e-12)
    assert layers.mix_number(np.full(10, stratified.mean()), 330.0, 285.0) == pytest.approx(1.0)
    between = np.linspace(330.0, 285.0, 10)
    assert 0.2 < layers.mix_number(between, 330.0, 285.0) < 0.8


def test_richardson_number_of_a_usual_draw_off_is_far_above_one():
    velocity = 10.0 / 60.0 / 1000.0 / (np.pi / 4.0 * 0.5**2)  # 10 l/min in a tank of 0.5 m
    assert layers.richardson(323.15, 283.15, 1.25, velocity) > 1e4
    assert layers.richardson(323.15, 283.15, 1.25, 1.0) < 1.0  # a jet of 1 m/s does mix


def test_usable_water_at_40():
    assert layers.usable_kg(np.full(10, 313.15), KG, 313.15, 283.15) == pytest.approx(130.0)
    assert layers.usable_kg(np.full(10, 328.15), KG, 313.15, 283.15) == pytest.approx(195.0)
    assert layers.usable_kg(np.full(10, 313.0), KG, 313.15, 283.15) == 0.0
