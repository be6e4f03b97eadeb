"""A dry contact on a digital input."""


class Contact:
    def __init__(self, row: dict, levels: list, place: int):
        self._levels = levels
        self._place = place
        self._active = row["active"]

    def closed(self) -> bool:
        """The level that means closed is there."""
        return self._levels[self._place] == self._active
