"""The compiler switch."""

from isentrope_sim import jit


def test_compiles_where_nothing_can_be_cached():
    """A read-only package without a writable home: no cache, but it runs."""
    namespace = {}
    exec("def twice(x):\n    return 2 * x", namespace)
    assert jit.njit(namespace["twice"])(21) == 42
