"""What every answer writes, by statements that are made once.

The ORM does the same at more than twice the cost: it reads whole rows, compares them with what they
become, and makes its statements anew each time.
"""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from store.threads.context import ThreadContext
from store.threads.payloads import Payload, utc_now
from store.threads.queries import no_thread
from store.threads.tables import ItemRow, ThreadRow

_THREADS = cast("Table", vars(ThreadRow)["__table__"])
_ITEMS = cast("Table", vars(ItemRow)["__table__"])

# SQLite knows no row locks and needs none: its writers are one at a time.
_LOCKED = (
    select(_THREADS.c.number, _THREADS.c.last_sequence)
    .where(_THREADS.c.user_id == bindparam("of_user"), _THREADS.c.id == bindparam("of_id"))
    .with_for_update()
)
_KNOWN = select(_ITEMS.c.id).where(
    _ITEMS.c.thread_number == bindparam("of_thread"),
    _ITEMS.c.id.in_(bindparam("of_ids", expanding=True)),
)
_REPLACED = (
    update(_ITEMS)
    .where(_ITEMS.c.thread_number == bindparam("of_thread"), _ITEMS.c.id == bindparam("of_id"))
    .values(payload=bindparam("now"))
)
_ADDED = insert(_ITEMS)
_WRITTEN_TO = (
    update(_THREADS)
    .where(_THREADS.c.number == bindparam("of_number"))
    .values(last_sequence=bindparam("last"), active_at=bindparam("now"))
)
_BEGUN = insert(_THREADS)
_HAD = select(_THREADS.c.number).where(
    _THREADS.c.user_id == bindparam("of_user"), _THREADS.c.id == bindparam("of_id")
)


def put_items(
    connection: Connection,
    thread_id: str,
    payloads: Mapping[str, Payload],
    context: ThreadContext,
) -> None:
    """Append items by their ids, or replace those that are there; raises `NotFoundError`."""
    number, last = _lock(connection, thread_id, context)
    keys = [item_id for item_id in payloads if "\0" not in item_id]
    of_thread = {"of_thread": number}
    known = set(connection.scalars(_KNOWN, {**of_thread, "of_ids": keys}))
    replaced = [{**of_thread, "of_id": key, "now": payloads[key]} for key in keys if key in known]
    if replaced:
        connection.execute(_REPLACED, replaced)
    added = [
        {"thread_number": number, "sequence": last + place, "id": item_id, "payload": payload}
        for place, (item_id, payload) in enumerate(
            ((key, payload) for key, payload in payloads.items() if key not in known), start=1
        )
    ]
    if added:
        connection.execute(_ADDED, added)
    connection.execute(
        _WRITTEN_TO, {"of_number": number, "last": last + len(added), "now": utc_now()}
    )


def begin_thread(
    connection: Connection,
    thread: tuple[str, Payload],
    item: tuple[str, Payload],
    context: ThreadContext,
    *,
    unless: str | None,
) -> bool:
    """Insert a thread and its first item, each an id with a payload.

    Returns False, and changes nothing, when the user has the thread `unless`. Raises
    `IntegrityError` when they have the thread.
    """
    user_id = context.user_id
    if (
        unless is not None
        and connection.execute(_HAD, {"of_user": user_id, "of_id": unless}).first()
    ):
        return False
    thread_id, payload = thread
    row = {"user_id": user_id, "id": thread_id, "payload": payload}
    begun = connection.execute(_BEGUN, {**row, "last_sequence": 1, "active_at": utc_now()})
    [number] = begun.inserted_primary_key or (None,)
    item_id, payload = item
    connection.execute(
        _ADDED, {"thread_number": number, "sequence": 1, "id": item_id, "payload": payload}
    )
    return True


def _lock(connection: Connection, thread_id: str, context: ThreadContext) -> tuple[int, int]:
    """Keep other writers out of a thread until the transaction ends; return its number and last.

    Whoever holds it gives out its next sequence, on every replica.
    """
    keys = {"of_user": context.user_id, "of_id": thread_id}
    # No stored key has a NUL, and PostgreSQL would refuse the statement.
    found = None if "\0" in "".join(keys.values()) else connection.execute(_LOCKED, keys).first()
    if found is None:
        raise no_thread(thread_id)
    number, last = found
    return number, last
