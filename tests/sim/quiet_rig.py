"""A rig without noise, and what is read of it."""

from test_rig import IN, make, outputs


def quiet():
    return make(noise=False)


def step(rig, count=1, raw=None, dt=0.5):
    for _ in range(count):
        rig.step(outputs() if raw is None else raw, dt)
    return rig


def raw(rig, name):
    return rig.raw_in[IN.index(name)]


def rotor(rig):
    """Where the valve's rotor stands, steps."""
    return rig.state[rig.state_names.index("actuator.eev_rotor_steps")]
