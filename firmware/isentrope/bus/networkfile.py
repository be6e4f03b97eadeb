"""What `network.json` on the board says, and who the board is in its network. Borrowed (`tables`).

It is for the radio, for the broker and for nobody else: it is in no answer, log or message.
"""

import json

_FILE = "network.json"


def read(ctx):
    """Into `ctx.said`, texts by name, and `ctx.hostname`; without a file, or with a damaged one, nothing."""
    if ctx.said is None:
        ctx.said = said()
    ctx.hostname = ctx.said.get("hostname") or "isentrope-" + "".join(
        ["%02x" % byte for byte in _chip()[-3:]]
    )


def said() -> dict:
    """The texts of the file."""
    try:
        with open(_FILE) as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: found[key] for key in found if isinstance(found[key], str)}


def _chip() -> bytes:
    """Its number, where it has one."""
    try:
        return __import__("machine").unique_id()
    except (ImportError, AttributeError):
        return b"\0\0\0"
