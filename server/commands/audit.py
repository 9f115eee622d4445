"""`python -m server audit`: what was done with the service and its data."""

# ruff: noqa: PLC0415 - the database is imported by the command that uses it, not by a server.

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, get_args

import anyio
import typer

from server.settings import ServerSettings
from store.errors import SettingsError

if TYPE_CHECKING:
    from store.threads.audit import AuditRecord


def audit(
    context: typer.Context,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"],
            help="Leave out what is older, such as 2026-11-01; UTC unless it has a zone.",
        ),
    ] = None,
    event: Annotated[str | None, typer.Option(help="Show one kind of event only.")] = None,
    user: Annotated[str | None, typer.Option(help="Show what is about this user only.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line on stdout.")
    ] = False,
) -> None:
    """Print the audit log, the oldest entry first."""
    from store.threads.audit import AuditEvent

    settings: ServerSettings = context.obj
    if event is not None and event not in get_args(AuditEvent):
        raise SettingsError("--event", f"there are {', '.join(get_args(AuditEvent))}")
    if since is not None and since.tzinfo is not None:
        since = since.astimezone(UTC).replace(tzinfo=None)
    chosen = {"since": since, "event": event, "user_id": user}
    anyio.run(_print, settings, chosen, as_json)


async def _print(settings: ServerSettings, chosen: dict[str, Any], as_json: bool) -> None:
    from server.commands.threads import open_threads
    from store.threads.audit import read_audit_log

    async with open_threads(settings) as threads:
        async for record in read_audit_log(threads, **chosen):
            sys.stdout.write(f"{_as_json(record) if as_json else _in_words(record)}\n")


def _as_json(record: "AuditRecord") -> str:
    return json.dumps(
        {
            "number": record.number,
            "recorded_at": f"{record.recorded_at.isoformat()}Z",
            "event": record.event,
            "subject": record.subject,
            "details": record.details,
        },
        ensure_ascii=False,
    )


def _in_words(record: "AuditRecord") -> str:
    details = [f"{name}={json.dumps(value)}" for name, value in record.details.items()]
    subject = [f"subject={record.subject}"] if record.subject else []
    return " ".join([f"{record.recorded_at:%Y-%m-%dT%H:%M:%SZ}", record.event, *subject, *details])
