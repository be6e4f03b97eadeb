"""0-10 V or PWM reference: a duty of 0 to 65535 for a quantity from `min` to `max`."""

from micropython import const

_FULL = const(65535)


class AnalogOut:
    def __init__(self, row: dict, duties: list, place: int):
        self._duties = duties
        self._place = place
        self._min = row["min"]
        self._per_unit = _FULL / (row["max"] - row["min"])

    def set(self, value: float):
        """Put out `value`, in the unit of `min` and `max`, held inside them."""
        duty = int((value - self._min) * self._per_unit + 0.5)
        self._duties[self._place] = 0 if duty < 0 else _FULL if duty > _FULL else duty
