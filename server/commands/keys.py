"""`python -m server keys`: make, list and revoke the keys of scripts."""

# ruff: noqa: PLC0415 - the database is imported by the command that uses it, not by a server.

import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import anyio
import typer

from server.auth.key_scopes import KeyScope
from server.settings import ServerSettings
from store.errors import OperatorError

if TYPE_CHECKING:
    from store.threads.api_keys import ApiKey

keys = typer.Typer(help="Make, list and revoke the keys of scripts.")


@keys.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the key is for, such as nightly-report.")],
    *,
    tenant: Annotated[str, typer.Option(help="Customer whose documents and limits count.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="A role; may be repeated.")] = None,
    scope: Annotated[
        list[KeyScope] | None, typer.Option(help="What it allows; may be repeated. [default: ask]")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until it expires.")
    ] = None,
) -> None:
    """Make a key and print it, once."""
    from server.auth.api_keys import make_key

    kept, key = make_key(
        name,
        scopes=scope or [KeyScope.ASK],
        tenant=tenant,
        roles=role or (),
        lifetime=timedelta(days=days) if days else None,
    )
    anyio.run(_add, context.obj, kept)
    sys.stdout.write(f"{key}\n")
    sys.stderr.write("Keep it now: it can't be shown again.\n")


@keys.command("list")
def list_(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Print what is known of each key."""
    for key in anyio.run(_list, context.obj):
        line = {
            "id": key.id,
            "name": key.name,
            "state": _state(key),
            "tenant": key.tenant,
            "roles": sorted(key.roles),
            "scopes": sorted(key.scopes),
            "created_at": f"{key.created_at.isoformat()}Z",
            "expires_at": f"{key.expires_at.isoformat()}Z" if key.expires_at else None,
        }
        if as_json:
            sys.stdout.write(f"{json.dumps(line)}\n")
        else:
            allows = ",".join(sorted(key.scopes))
            sys.stdout.write(f"{key.id}  {_state(key):8}{allows:12}{key.name}\n")


@keys.command()
def revoke(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the key, as listed.")],
) -> None:
    """End a key at once."""
    if not anyio.run(_revoke, context.obj, key_id):
        raise OperatorError(f"There is no key {key_id} that could be revoked.")


def _state(key: "ApiKey") -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expired else "active"


async def _add(settings: ServerSettings, key: "ApiKey") -> None:
    from server.commands.threads import open_threads
    from store.threads.api_keys import add_api_key

    async with open_threads(settings, create=True) as threads:
        await add_api_key(threads, key)


async def _list(settings: ServerSettings) -> "list[ApiKey]":
    from server.commands.threads import open_threads
    from store.threads.api_keys import list_api_keys

    async with open_threads(settings) as threads:
        return await list_api_keys(threads)


async def _revoke(settings: ServerSettings, key_id: str) -> bool:
    from server.commands.threads import open_threads
    from store.threads.api_keys import revoke_api_key

    async with open_threads(settings) as threads:
        return await revoke_api_key(threads, key_id)
