"""Raw inputs and outputs packed in the order of the signal table, as STEP and POLL carry them."""

from struct import calcsize, pack_into, unpack_from

_LETTERS = {"u8": "B", "u16": "H"}
COUNT = "eev_count"
COILS = "eev_coils"


class Raw:
    """The layout of a profile's `io` rows; `ins` and `outs` are bytes."""

    def __init__(self, profile: dict):
        rows = profile["io"]
        ins = [row for row in rows if row["dir"] == "in"]
        outs = [row for row in rows if row["dir"] == "out"]
        names = [row["name"] for row in outs]
        self._in_format = _format(ins)
        self._out_format = _format(outs)
        self.ins = calcsize(self._in_format)
        self.outs = calcsize(self._out_format)
        self._count_at = calcsize(_format(outs[: names.index(COUNT)]))
        self._coils_at = calcsize(_format(outs[: names.index(COILS)]))
        self._coils_on = outs[names.index(COILS)]["active"]

    def take_inputs(self, pins, buf, at: int):
        pins.inputs[:] = unpack_from(self._in_format, buf, at)

    def put_inputs(self, pins, buf, at: int) -> int:
        """Their end."""
        pack_into(self._in_format, buf, at, *pins.inputs)
        return at + self.ins

    def put_outputs(self, pins, buf, at: int) -> int:
        """Their end; the valve's are what its pulse generator has done."""
        pack_into(self._out_format, buf, at, *pins.outputs)
        pack_into("<H", buf, at + self._count_at, pins.pulses.count & 0xFFFF)
        buf[at + self._coils_at] = self._coils_on if pins.pulses.energised else 1 - self._coils_on
        return at + self.outs


def _format(rows: list) -> str:
    return "<" + "".join(_LETTERS[row["type"]] for row in rows)
