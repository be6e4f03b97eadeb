"""Errors with names: what a user got wrong, and what the plant could not go on with."""


class InputError(ValueError):
    """Bad input: one clear line with thing, place, value and allowed range; the command line exits with 2."""


class PlantError(RuntimeError):
    """The solver cannot go on: names component, time and state. No NaN ever enters a state."""
