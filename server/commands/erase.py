"""`python -m server erase USER`: delete all that is kept of one user."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import anyio
import typer

from server.commands.threads import open_threads
from server.settings import ServerSettings
from store.resources import open_files
from store.threads.deletion import Deleted
from store.threads.personal_data import erase_user


def erase(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="Id of the user, such as reader_5d41….")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON on stdout.")
    ] = False,
) -> None:
    """Delete all conversations, attachments and feedback of one user, for good."""
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


async def _erase(settings: ServerSettings, user: str) -> Deleted:
    async with open_threads(settings) as threads:
        return await erase_user(threads, user, delete_file=open_files(settings).delete_owned)
