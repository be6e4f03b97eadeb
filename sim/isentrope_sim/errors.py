"""Errors with names: what a user got wrong, and what the plant could not go on with."""


class InputError(ValueError):
    """Bad input: one clear line with the thing, the value and the allowed range. The command line exits with 2."""


class PlantError(RuntimeError):
    """The solver cannot go on: names the component, the simulated time and the state. No NaN ever enters a state."""
