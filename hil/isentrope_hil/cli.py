"""The command `isentrope`.

Exit codes: 0 pass, 1 fail, 2 usage or bad input, 3 blocked, 130 interrupted. With `--json` standard output
carries exactly one JSON document, errors included; everything else goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import metadata
from typing import Annotated, Any

import typer
from isentrope_sim.errors import InputError, PlantError

from isentrope_hil import (
    cli_air,
    cli_bench,
    cli_board,
    cli_campaign,
    cli_commission,
    cli_compare,
    cli_deploy,
    cli_emulate,
    cli_experiment,
    cli_fit,
    cli_fluids,
    cli_live,
    cli_machine,
    cli_matrix,
    cli_mutate,
    cli_rate,
    cli_run,
    cli_serve,
    cli_soak,
    cli_validate,
)
from isentrope_hil.errors import TargetError

# Typer brings its own copy of click or imports it, depending on its version; this is the one it uses.
ClickException: type[Exception] = typer.BadParameter.__mro__[2]

USAGE, BLOCKED, INTERRUPTED = 2, 3, 130

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Heat-pump controller firmware against a simulated heat pump, in lock-step.",
)
cli_run.add(app)
cli_machine.add(app)
cli_air.add(app)
cli_fluids.add(app)
cli_rate.add(app)
cli_experiment.add(app)
cli_compare.add(app)
cli_validate.add(app)
cli_fit.add(app)
cli_board.add(app)
cli_live.add(app)
cli_commission.add(app)
cli_serve.add(app)
cli_deploy.add(app)
cli_emulate.add(app)
cli_bench.add(app)
cli_soak.add(app)
cli_campaign.add(app)
cli_matrix.add(app)
cli_mutate.add(app)


def _say_version(wanted: bool) -> None:
    if wanted:
        print(f"isentrope {metadata.version('isentrope')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="say the version and exit")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command line and exits with its code. A user's mistake is one line, never a traceback."""
    try:
        code = _invoke(sys.argv[1:] or ["--help"])
    except InputError as error:
        code = _failed(str(error), USAGE)
    except (TargetError, PlantError) as error:
        code = _failed(str(error), BLOCKED)
    except typer.Exit as end:
        code = end.exit_code
    except ClickException as error:
        code = _failed(_usage(error), USAGE)
    except (KeyboardInterrupt, typer.Abort):
        code = _failed("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has seen enough
        code = 0
    except OSError as error:
        code = _failed(str(error), USAGE)
    sys.exit(code or 0)


def _invoke(words: list[str]) -> Any:
    """What the command returns. Not by `app()`, which keeps a Ctrl-C from whoever has to report it."""
    command = typer.main.get_command(app)
    with command.make_context("isentrope", words) as context:
        return command.invoke(context)


def _usage(error: Any) -> str:
    hint = f"; see {error.ctx.command_path} --help" if getattr(error, "ctx", None) else ""
    return str(error.format_message()).rstrip(".") + hint


def _failed(message: str, code: int) -> int:
    line = " ".join(message.split())
    if "--json" in sys.argv[1:]:
        document: dict[str, Any] = {"error": line, "exit_code": code}
        print(json.dumps(document))
    else:
        print(f"isentrope: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
