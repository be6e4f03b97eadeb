"""What the firmware takes from MicroPython's module of this name, for CPython."""


def const(value: int) -> int:
    """MicroPython's compiler folds the constant; here it is just its value."""
    return value
