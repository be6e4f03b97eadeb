"""Modules that are in memory while somebody needs them and no longer: tables for hosts and people, say.

Frozen they take no heap at all.
"""

import sys


def table(name: str):
    """TABLE of the module of that name beside this one, which is loaded for it and forgotten."""
    module = __name__.rpartition(".")[0] + "." + name
    found = __import__(module, None, None, ("TABLE",)).TABLE
    forget(module)
    return found


def forget(module: str):
    """Drop a module by its whole name; it is loaded anew when it is imported again."""
    package, _, name = module.rpartition(".")
    del sys.modules[module]
    delattr(sys.modules[package], name)


def lines(name: str):
    """Every line of a table of bytes, split at its spaces."""
    whole = table(name)
    start = 0
    while start < len(whole):
        end = whole.find(b"\n", start)
        yield whole[start:end].split(b" ")
        start = end + 1
