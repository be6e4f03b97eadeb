"""Two network namespaces joined by a veth pair, where the machine allows them."""

import contextlib
import os
import shutil
import subprocess
from typing import NamedTuple

import pytest

LINK = "bn0"  # in both


class Namespaces(NamedTuple):
    """`near` has `addresses[0]` of a /24, `far` `addresses[1]`."""

    near: str
    far: str
    addresses: tuple[str, str]

    def ip(self, space, *words):
        """In one of them; it has to succeed."""
        return subprocess.run(["ip", "-n", space, *words], capture_output=True, text=True, check=True)

    def address(self, add_or_del):
        """Give `near` its address, or take it."""
        self.ip(self.near, "addr", add_or_del, self.addresses[0] + "/24", "brd", "+", "dev", LINK)


@contextlib.contextmanager
def namespaces(addresses):
    """A Namespaces, gone afterwards."""
    if os.geteuid() or not shutil.which("ip"):
        pytest.skip("not run: needs root and iproute2 for two network namespaces")
    near, far = f"bn{os.getpid()}a", f"bn{os.getpid()}b"
    made = Namespaces(near, far, addresses)

    def ip(*words):
        return subprocess.run(["ip", *words], capture_output=True, text=True)

    try:
        if ip("netns", "add", near).returncode or ip("netns", "add", far).returncode:
            pytest.skip("not run: this machine allows no network namespaces")
        pair = ip("link", "add", LINK, "netns", near, "type", "veth", "peer", "name", LINK, "netns", far)
        if pair.returncode:
            pytest.skip(f"not run: no veth pair here: {pair.stderr.strip()}")
        for space, address in zip((near, far), addresses, strict=True):
            made.ip(space, "addr", "add", address + "/24", "brd", "+", "dev", LINK)
            made.ip(space, "link", "set", LINK, "up")
            made.ip(space, "link", "set", "lo", "up")
        yield made
    finally:
        ip("netns", "del", near)
        ip("netns", "del", far)
