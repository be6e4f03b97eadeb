"""Tables that only hosts and people read: a module each, in memory while it is read and no longer."""

import sys


def table(name: str):
    """TABLE of the module of that name, loaded for it and forgotten. Frozen it takes no heap at all."""
    package = __name__.rpartition(".")[0]
    module = package + "." + name
    found = __import__(module, None, None, ("TABLE",)).TABLE
    del sys.modules[module]
    delattr(sys.modules[package], name)
    return found


def lines(name: str):
    """Every line of a table of bytes, split at its spaces."""
    whole = table(name)
    start = 0
    while start < len(whole):
        end = whole.find(b"\n", start)
        yield whole[start:end].split(b" ")
        start = end + 1
