"""`network.json` of a board: what it needs to reach networks, brokers and time servers, secrets included.

It lies beside the firmware's folders, so that no deployment replaces it and no hash covers it, and is read by
firmware/isentrope/bus/network.py alone. Whoever holds the board can read it; nothing here prints a secret.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping

from isentrope_hil.deploy.console import Console
from isentrope_hil.errors import InputError

PATH = "network.json"
SECRETS = ("secret", "mqtt_secret")
_HOST = re.compile(r"(?!-)[A-Za-z0-9.-]{1,253}(?<![-.])")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,32}(?<!-)")


def _size(low: int, high: int) -> Callable[[str], bool]:
    return lambda text: low <= len(text.encode()) <= high


def _address(text: str) -> bool:
    try:
        return "/" not in text and ipaddress.IPv4Address(text) is not None
    except ValueError:
        return False


def _interface(text: str) -> bool:
    try:
        return "/" in text and 0 < ipaddress.IPv4Interface(text).network.prefixlen < 32
    except ValueError:
        return False


# What each takes, in words, and whether a text is that.
NAMES: dict[str, tuple[str, Callable[[str], bool]]] = {
    "ssid": ("a Wi-Fi name has 1 to 32 bytes", _size(1, 32)),  # IEEE 802.11, 9.4.2.2
    # IEEE 802.11, annex J.4: a passphrase
    "secret": ("a Wi-Fi secret has 8 to 63 characters", lambda text: 8 <= len(text) <= 63),
    "country": ("two letters, as DE", lambda text: re.fullmatch("[A-Z]{2}", text) is not None),
    "hostname": ("1 to 32 letters, digits and -", lambda text: _LABEL.fullmatch(text) is not None),
    "address": ("an address of the board's own, as 192.168.1.20/24", _interface),
    "gateway": ("an address, as 192.168.1.1", _address),
    "dns": ("an address, as 192.168.1.1", _address),
    "mqtt_host": ("the broker's name or address", lambda text: _HOST.fullmatch(text) is not None),
    "mqtt_user": ("1 to 64 bytes", _size(1, 64)),
    "mqtt_secret": ("1 to 64 bytes", _size(1, 64)),
    "ntp": ("a time server's name or address", lambda text: _HOST.fullmatch(text) is not None),
}


def check(name: str, text: str) -> str:
    """`text` if it is good for this name; InputError otherwise, which repeats no secret."""
    if name not in NAMES:
        raise InputError(f"{name!r} is not in the network file; there are {', '.join(NAMES)}")
    wanted, good = NAMES[name]
    if good(text) and text.isprintable():
        return text
    if name in SECRETS:
        raise InputError(wanted)
    raise InputError(wanted if name == "ssid" else f"{name} {text!r}: wanted is {wanted}")


def read(console: Console) -> dict[str, str]:
    """What is on the board; nothing where it has none, or a damaged one."""
    if not console.stored(PATH):
        return {}
    try:
        found = json.loads(console.read(PATH))
    except ValueError:
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)} if found else {}


def write(console: Console, values: Mapping[str, str]) -> None:
    """Replaces it; a power cut leaves the old one or the new one."""
    console.write(PATH + ".new", json.dumps(dict(values)).encode(), lambda _: None)
    console.rename(PATH + ".new", PATH)
