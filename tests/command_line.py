"""A command line run in the test's own process, which spares it a second of imports."""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

import typer

from store.console import run_command


def run_here(app: typer.Typer, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `app` as `python -m` does; return its exit status, and what it wrote.

    It must be called in a thread without an event loop: commands start their own.
    """
    output, errors = io.StringIO(), io.StringIO()
    command = ["command", *arguments]
    code: object = None
    with redirect_stdout(output), redirect_stderr(errors), patch.object(sys, "argv", command):
        try:
            run_command(app)
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(command, code, output.getvalue(), errors.getvalue())
