"""The firmware in a process on MicroPython's unix port, which answers a line with a line of JSON."""

import json
import subprocess
from pathlib import Path

import pytest
from isentrope_hil.errors import TargetMissing
from isentrope_hil.profile import dumps
from isentrope_hil.targets.unix import executable

HERE = Path(__file__).resolve().parent


class UnixDevice:
    """`script`, of this folder, with the profile's path and then `words`; `before`: what starts it."""

    def __init__(self, folder, script, profile, *words, heap, before=()):
        path = folder / "profile.json"
        path.write_text(dumps(profile))
        try:
            micropython = executable()
        except TargetMissing as why:
            pytest.skip(f"not run: {why}")
        self.process = subprocess.Popen(
            [*before, micropython, "-X", f"heapsize={heap}", str(HERE / script), str(path), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        first = self.process.stdout.readline()
        assert first.startswith("ready"), first + self.process.stdout.read()

    def ask(self, word=""):
        """What it says of itself, after a write if there is one."""
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line.startswith("{"), line + self.process.stdout.read()
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10.0)
