"""A relay or contactor on a digital output."""


class Relay:
    def __init__(self, row: dict, levels: list, place: int):
        self._levels = levels
        self._place = place
        self._active = row["active"]

    def set(self, on: bool):
        """Energise or release."""
        self._levels[self._place] = self._active if on else 1 - self._active
