import pytest
from isentrope_hil.noise import ByteNoise
from isentrope_sim.errors import InputError


def test_flips_as_many_bytes_as_asked_for():
    noise = ByteNoise(0.01, seed=3)
    clean = bytes(100)
    changed = sum(byte != 0 for _ in range(3000) for byte in noise.apply(clean))
    assert changed == noise.flips
    assert changed == pytest.approx(3000, rel=0.1)  # 300,000 bytes, standard deviation 54


def test_is_the_same_however_the_bytes_are_cut():
    whole, cut = ByteNoise(0.05, seed=1), ByteNoise(0.05, seed=1)
    data = bytes(range(256)) * 8
    assert whole.apply(data) == b"".join(cut.apply(data[at : at + 7]) for at in range(0, len(data), 7))


def test_nothing_happens_at_zero():
    assert ByteNoise(0.0, seed=1).apply(b"abc" * 100) == b"abc" * 100


@pytest.mark.parametrize("p", [-0.1, 1.0, float("nan")])
def test_refuses_what_is_no_probability(p):
    with pytest.raises(InputError, match="0 to 1"):
        ByteNoise(p, seed=1)
