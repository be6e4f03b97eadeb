"""An object of named values, for tests that run on MicroPython too, which has no types.SimpleNamespace."""


class Plain:
    def __init__(self, **values):
        for name in values:
            setattr(self, name, values[name])
