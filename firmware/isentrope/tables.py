"""Modules that are in memory while somebody needs them and no longer: tables for hosts and people, say.

Frozen they take no heap at all. A TABLE is in parts of whole lines, each one piece of the heap: a full board
soon has no free piece of 6 KB left.
"""

import sys


def borrowed(name: str):
    """The module of that name beside this one, loaded anew and forgotten: it lives as long as who asked has
    it."""
    module = __name__.rpartition(".")[0] + "." + name
    found = __import__(module, None, None, ("_",))
    forget(module)
    return found


def table(name: str) -> tuple:
    """TABLE of a module that is borrowed for it: its parts, bytes or strings."""
    return borrowed(name).TABLE


def find(parts: tuple, key):
    """What follows `key` on the first line that begins with it; None: there is none. `key` is what the parts
    are, bytes or a string."""
    newline = "\n" if isinstance(key, str) else b"\n"
    for part in parts:
        at = 0 if part.startswith(key) else part.find(newline + key) + 1
        if at or part.startswith(key):
            return part[at + len(key) : part.find(newline, at)]
    return None


def forget(module: str):
    """Drop a module by its whole name; it is loaded anew when it is imported again."""
    package, _, name = module.rpartition(".")
    del sys.modules[module]
    delattr(sys.modules[package], name)


def lines(name: str):
    """Every line of a table of bytes, split at its spaces."""
    for part in table(name):
        start = 0
        while start < len(part):
            end = part.find(b"\n", start)
            yield part[start:end].split(b" ")
            start = end + 1


def settle():
    """What was loaded since the last time runs out of the flash from now on, where that is memory
    (inplace.py). To be called right after a module has come: nothing of it may be running, nor a coroutine
    of it be suspended."""
    if "pack" in sys.modules and sys.platform == "rp2":
        borrowed("inplace").settle()
