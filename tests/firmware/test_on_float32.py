"""The integrators in 32-bit floats, as on an RP2040: what the arithmetic rounds away must not matter."""

import numpy as np
from control_bench import healthy, profile
from isentrope import settings as s
from isentrope.control.capacity import Capacity
from isentrope.control.feedforward import FeedForward
from isentrope.control.superheat import Superheat
from isentrope.refrigerant.saturation import load

F32 = np.float32


def single():
    """Settings whose values are 32-bit floats: whatever is computed from them is too."""
    held = s.Settings()
    held.v = [F32(value) for value in held.v]
    return held


def test_superheat_integrates_a_fiftieth_of_a_kelvin():
    held = single()
    loop = Superheat(FeedForward(profile(), load("R290")), held)
    loop.prepare(F32(60.0), F32(445.0))
    loop.wet = False
    loop.guard = F32(1.0)
    superheat = held.v[s.SH_SETPOINT] + F32(0.02)
    seconds = 3600
    for _ in range(seconds):
        loop.step(F32(60.0), F32(445.0), F32(1280.0), superheat, superheat, F32(-5.0))
    assert isinstance(loop.trim, F32)
    expected = 1.0 + float(held.v[s.SH_GAIN]) / 100.0 * 0.02 * seconds / float(held.v[s.SH_TI])
    assert abs(float(loop.trim) - expected) < 0.01 * (expected - 1.0)


def test_superheat_at_setpoint_does_not_drift():
    held = single()
    loop = Superheat(FeedForward(profile(), load("R290")), held)
    loop.prepare(F32(60.0), F32(445.0))
    loop.wet = False
    loop.guard = F32(1.0)
    noise = np.random.Generator(np.random.PCG64(1)).normal(0.0, 0.1, 7200).astype(F32)
    noise -= noise.mean(dtype=np.float64).astype(F32)
    for error in noise:
        superheat = held.v[s.SH_SETPOINT] + error
        loop.step(F32(60.0), F32(445.0), F32(1280.0), superheat, superheat, F32(-5.0))
    assert abs(float(loop.trim) - 1.0) < 0.02


def test_capacity_integrates_a_twentieth_of_a_kelvin():
    held = single()
    law = Capacity(held, F32(15.0), F32(90.0))
    inp = healthy()
    inp.flow_setpoint_c, inp.flow_c, inp.return_c = F32(35.0), F32(34.95), F32(31.0)
    law.step(F32(0.5), inp, True, F32(48.0), True)
    before = float(law.rps)
    for _ in range(7200):
        law.step(F32(0.5), inp, True, law.rps, True)
    assert isinstance(law.rps, F32)
    expected = 0.05 * float(held.v[s.CAP_GAIN]) * 3600.0 / float(held.v[s.CAP_TI])
    assert abs(float(law.rps) - before - expected) < 0.02 * expected
