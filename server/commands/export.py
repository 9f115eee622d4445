"""`python -m server export USER`: hand out all that is kept of one user."""

# ruff: noqa: PLC0415 - the database is imported by the command that uses it, not by a server.

import json
import sys
from typing import Annotated, Any

import anyio
import typer

from server.settings import ServerSettings
from store.resources import open_files


def export(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="Id of the user, such as reader_5d41….")],
) -> None:
    """Print all conversations, attachments and feedback of one user as JSON."""
    settings: ServerSettings = context.obj
    exported = anyio.run(_export, settings, user)
    sys.stdout.write(f"{json.dumps(exported, indent=2, ensure_ascii=False)}\n")


async def _export(settings: ServerSettings, user: str) -> dict[str, Any]:
    from server.commands.threads import open_threads
    from store.threads.personal_data import export_user

    async with open_threads(settings) as threads:
        return await export_user(threads, user, read_file=open_files(settings).get)
