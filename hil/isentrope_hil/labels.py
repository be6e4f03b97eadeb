"""Names of the machine states, read from the firmware's own module, so that they are declared once."""

import ast
from functools import cache

from isentrope_hil import resources


@cache
def state_labels() -> dict[str, int]:
    """The firmware's machine states: name, spaces as "_", to the number of point `state`."""
    source = resources.root("firmware") / "isentrope" / "control" / "states.py"
    for node in ast.parse(source.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_NAMES":
            names: tuple[str, ...] = ast.literal_eval(node.value)
            return {name.replace(" ", "_").replace("-", "_"): number for number, name in enumerate(names)}
    raise LookupError(f"{source} has no _NAMES")
