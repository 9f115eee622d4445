"""Databases of earlier releases: their rows are read by this one."""

import json
from datetime import datetime

from sqlalchemy import Connection, text

from store.threads.engine import create_engines, open_thread_store
from store.threads.migrations import migrate
from store.threads.personal_data import export_user
from store.threads.urls import parse_database_url
from tests.contract.thread_items import ALICE, MALLORY, a_note

# As release 0.1.0 wrote them; text in JSON is ASCII there, NULs included.
THREADS = [
    (1, "alice", "thr_1", 3, "2026-11-01T09:00:00", "Pools"),
    (2, "alice", "thr_2", 0, "2026-11-02T09:00:00.5", "\0"),
    (9, "mallory", "thr_1", 1, "2026-11-03T09:00:00", None),
]
ITEMS = [
    (1, 1, "msg_1", "2026-11-01T09:00:01"),
    (1, 3, "msg_3", "2026-11-20T10:00:00.25"),
    (9, 1, "msg_1", "2026-11-03T09:00:01"),
]
ATTACHMENT = {"id": "atc_1", "type": "file", "name": "a.log", "mime_type": "text/plain"}
GIVEN_AT = "2026-11-20 11:00:00.000000"


class UpgradeContract:
    async def test_rows_of_the_first_release_are_all_there(self, database_url: str) -> None:
        engines = create_engines(parse_database_url(database_url))
        async with engines.writes.begin() as connection:
            await connection.run_sync(fill_first_release)
        await engines.dispose()

        async with open_thread_store(database_url) as store:
            threads = await store.load_threads(20, None, "asc", context=ALICE)
            page = await store.load_thread_items("thr_1", None, 20, "asc", context=ALICE)
            feedback = await store.load_feedback("thr_1", context=ALICE)
            attachment = await store.load_attachment("atc_1", context=ALICE)
            exported = await export_user(store, "alice")
            others = await export_user(store, "mallory")
            # What is new works on what is old.
            await store.add_thread_item("thr_1", a_note("msg_4", "thr_1"), context=MALLORY)
            await store.save_feedback("thr_1", ["msg_4"], "positive", context=MALLORY)
            await store.add_thread_item("thr_1", a_note("msg_4", "thr_1"), context=ALICE)
            after = await store.load_thread_items("thr_1", None, 20, "asc", context=ALICE)

        assert [thread.title for thread in threads.data] == ["Pools", "\0"]
        assert [item.id for item in page.data] == ["msg_1", "msg_3"]
        assert [item.id for item in after.data] == ["msg_1", "msg_3", "msg_4"]
        assert feedback == {"msg_1": "negative"}
        assert attachment.name == "a.log"
        used = [thread["active_at"] for thread in exported["threads"] + others["threads"]]
        assert [datetime.fromisoformat(moment) for moment in used] == [
            datetime(2026, 11, 20, 10, 0, 0, 250_000),  # noqa: DTZ001 - naive UTC throughout
            datetime(2026, 11, 2, 9, 0, 0, 500_000),  # noqa: DTZ001
            datetime(2026, 11, 3, 9, 0, 1),  # noqa: DTZ001
        ]
        assert exported["threads"][0]["feedback"] == [
            {
                "item_id": "msg_1",
                "kind": "negative",
                "given_at": "2026-11-20T11:00:00",
                "about": None,
            }
        ]


def fill_first_release(connection: Connection) -> None:
    """Make the tables of 0.1.0 and put rows into each."""
    migrate(connection, "0001")

    def insert(table: str, columns: str, *rows: tuple[object, ...]) -> None:
        names = [f"v{number}" for number in range(len(rows[0]))]
        values = ", ".join(f":{name}" for name in names)
        statement = text(f"INSERT INTO {table} ({columns}) VALUES ({values})")
        connection.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])

    insert(
        "footnote_threads",
        "number, user_id, id, last_sequence, payload",
        *(
            (
                *row,
                json.dumps(
                    {
                        "id": row[2],
                        "title": title,
                        "created_at": moment,
                        "status": {"type": "active"},
                    }
                ),
            )
            for *row, moment, title in THREADS
        ),
    )
    insert(
        "footnote_thread_items",
        "thread_number, sequence, id, payload",
        *(
            (
                thread,
                sequence,
                item_id,
                json.dumps(
                    {
                        "id": item_id,
                        "thread_id": "thr_1",
                        "type": "hidden_context_item",
                        "content": "\0",
                        "created_at": moment,
                    }
                ),
            )
            for thread, sequence, item_id, moment in ITEMS
        ),
    )
    insert(
        "footnote_attachments",
        "user_id, id, thread_number, payload",
        ("alice", "atc_1", None, json.dumps(ATTACHMENT)),
    )
    connection.execute(
        text(
            "INSERT INTO footnote_feedback (thread_number, item_id, kind, given_at) "
            f"VALUES (1, 'msg_1', 'negative', '{GIVEN_AT}')"
        )
    )
