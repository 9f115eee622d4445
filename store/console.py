"""Run a command line so that a caller's mistake is one line on stderr and exit code 2."""

import sys
from typing import NoReturn

import typer
from pydantic import ValidationError

from store.errors import EmbedderUnavailableError, IndexUnavailableError, OperatorError

EXIT_MISTAKE = 2
EXIT_INTERRUPTED = 130


def run_command(app: typer.Typer) -> NoReturn:
    """Run `app` and exit: 0 done, 2 a mistake or an engine that fails, 130 interrupted."""
    try:
        code = app(standalone_mode=False)
    except typer.TyperException as error:
        _fail(error.format_message())
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        # How pydantic begins what a validator of ours has said.
        _fail(f"{name}: {first['msg'].removeprefix('Value error, ')}")
    except (OperatorError, EmbedderUnavailableError, IndexUnavailableError) as error:
        _fail(str(error))
    except typer.Abort:
        code = EXIT_INTERRUPTED
    if code == EXIT_INTERRUPTED:  # Typer's answer to Ctrl-C.
        sys.stderr.write("Interrupted.\n")
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"error: {' '.join(message.split())}\n")
    sys.exit(EXIT_MISTAKE)
