"""The command `isentrope`.

Exit codes: 0 pass, 1 fail, 2 usage or bad input, 3 blocked, 130 interrupted. With `--json` standard output
carries exactly one JSON document, errors included; everything else goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click
import typer
from isentrope_sim.errors import InputError

from isentrope_hil import cli_bench, cli_run, cli_tables
from isentrope_hil.errors import TargetError

USAGE, BLOCKED, INTERRUPTED = 2, 3, 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Heat-pump controller firmware against a simulated heat pump, in lock-step.",
)
cli_run.add(app)
cli_tables.add(app)
cli_bench.add(app)


@app.callback()
def _root() -> None:
    pass


def main() -> None:
    """Runs the command line and exits with its code. A user's mistake is one line, never a traceback."""
    try:
        code = app(standalone_mode=False)
    except InputError as error:
        code = _failed(str(error), USAGE)
    except TargetError as error:
        code = _failed(str(error), BLOCKED)
    except click.ClickException as error:
        code = _failed(_usage(error), USAGE)
    except (KeyboardInterrupt, click.Abort):
        code = _failed("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has seen enough
        code = 0
    sys.exit(code or 0)


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    hint = f"; see {context.command_path} --help" if context else ""
    return " ".join(error.format_message().split()).rstrip(".") + hint


def _failed(message: str, code: int) -> int:
    line = " ".join(message.split())
    if "--json" in sys.argv[1:]:
        document: dict[str, Any] = {"error": line, "exit_code": code}
        print(json.dumps(document))
    else:
        print(f"isentrope: {line}", file=sys.stderr)
    return code
