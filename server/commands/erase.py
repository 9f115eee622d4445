"""`python -m server erase USER`: delete all that is kept of one user."""

# ruff: noqa: PLC0415 - the database is imported by the command that uses it, not by a server.

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import anyio
import typer

from server.settings import ServerSettings
from store.resources import open_files

if TYPE_CHECKING:
    from store.threads.deletion import Deleted


def erase(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="Id of the user, such as reader_5d41….")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON on stdout.")
    ] = False,
) -> None:
    """Delete all conversations, attachments and feedback of one user, for good."""
    from store.threads.deletion import Deleted

    settings: ServerSettings = context.obj
    erased = anyio.run(_erase, settings, user)
    if as_json:
        sys.stdout.write(f"{json.dumps({'user_id': user, **asdict(erased)})}\n")
    elif erased == Deleted():
        sys.stdout.write(f"Nothing was kept of {user}.\n")
    else:
        sys.stdout.write(
            f"Erased of {user}: conversations: {erased.threads}, "
            f"attachments: {erased.attachments}.\n"
        )


async def _erase(settings: ServerSettings, user: str) -> "Deleted":
    from server.commands.threads import open_threads
    from store.threads.personal_data import erase_user

    async with open_threads(settings) as threads:
        return await erase_user(threads, user, delete_file=open_files(settings).delete_owned)
