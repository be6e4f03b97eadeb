"""The command as a user meets it."""

import sys

import pytest
from isentrope_hil import cli


@pytest.fixture
def isentrope(monkeypatch, capfd):
    """Runs the command in this process, 200 columns wide: (exit code, standard output, standard error)."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["isentrope", *words])
        with pytest.raises(SystemExit) as raised:
            cli.main()
        out, err = capfd.readouterr()
        return int(raised.value.code or 0), out, err

    return call
