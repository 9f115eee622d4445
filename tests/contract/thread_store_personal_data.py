"""One user's data, handed out and erased whole; and what nobody uses any more, deleted."""

import base64
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col, update

from store.threads import deletion
from store.threads.attachments import OwnedAttachment
from store.threads.audit import read_audit_log
from store.threads.deletion import Deleted
from store.threads.errors import FileNotDeletedError
from store.threads.feedback import JudgedAnswer
from store.threads.payloads import utc_now
from store.threads.personal_data import erase_user, export_user
from store.threads.retention import delete_unused
from store.threads.store import ThreadStore
from store.threads.tables import AttachmentRow, ThreadRow, ThreadStoreTable
from tests.contract.thread_items import ALICE, MALLORY, User, a_file, a_note, a_thread, one_of_each
from tests.contract.thread_store_base import StoreFixture, thread_with_notes
from tests.contract.thread_store_statements import counted_statements

SECRET = "xyzzy"


async def fill(store: ThreadStore, user: User, *, threads: int = 1) -> None:
    """Put a row of the user's into every table, each with their secret in it."""
    secret = f"{SECRET} of {user.user_id}"
    for number in range(threads):
        thread_id = f"thr_{number}"
        await store.save_thread(a_thread(thread_id, title=secret), context=user)
        for item in one_of_each(thread_id):
            await store.add_thread_item(thread_id, item, context=user)
        await store.add_thread_item(thread_id, a_note("msg_1", thread_id, secret), context=user)
        about = JudgedAnswer(secret, ("/pools#size",), generation=3)
        await store.save_feedback(thread_id, ["msg_1"], "negative", context=user, about=about)
        sent = a_file(f"atc_{number}", thread_id).model_copy(update={"name": secret})
        await store.save_attachment(sent, context=user)
    unsent = a_file("atc_unsent").model_copy(update={"name": secret})
    await store.save_attachment(unsent, context=user)


# Counters stand under hashes, and go when the day or month is over.
TABLES_OF_THE_OWNER = {"footnote_api_keys", "footnote_audit_log", "footnote_counters"}


async def rows_of_all_tables(store: ThreadStore) -> dict[str, list[str]]:
    """Return every row of the users as text, by table."""
    rows = {}
    async with store.reads.begin() as session:
        for table in ThreadStoreTable.metadata.sorted_tables:
            if table.name in TABLES_OF_THE_OWNER:
                continue
            found = await (await session.connection()).execute(select(table))
            rows[table.name] = [repr(tuple(row)) for row in found]
    return rows


class PersonalDataContract(StoreFixture):
    async def test_erasing_leaves_nothing_of_the_user_in_any_table(
        self, store: ThreadStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deletion, "BATCH", 2)
        await fill(store, MALLORY)
        before = await rows_of_all_tables(store)
        await fill(store, ALICE, threads=5)
        filled = await rows_of_all_tables(store)
        assert all(len(filled[name]) > len(before[name]) > 0 for name in filled)
        files: list[tuple[str, str]] = []

        async def delete_file(owned: OwnedAttachment) -> None:
            files.append((owned.user_id, owned.attachment.id))

        erased = await erase_user(store, "alice", delete_file=delete_file)

        assert erased == Deleted(threads=5, attachments=6)
        assert await rows_of_all_tables(store) == before
        assert sorted(files) == [
            *(("alice", f"atc_{number}") for number in range(5)),
            ("alice", "atc_unsent"),
        ]
        assert await erase_user(store, "alice", delete_file=delete_file) == Deleted()
        log = [record async for record in read_audit_log(store)]
        assert [(record.event, record.details) for record in log] == [
            ("user_erased", {"threads": 5, "attachments": 6}),
            ("user_erased", {"threads": 0, "attachments": 0}),
        ]
        assert "alice" not in repr(log)

    async def test_a_file_that_cannot_be_deleted_keeps_its_row(self, store: ThreadStore) -> None:
        await fill(store, ALICE)

        async def delete_file(_owned: OwnedAttachment) -> None:
            raise PermissionError("read-only")

        with pytest.raises(FileNotDeletedError, match="atc_0: read-only"):
            await erase_user(store, "alice", delete_file=delete_file)
        assert (await store.load_attachment("atc_0", context=ALICE)).id == "atc_0"

    async def test_export_has_every_row_of_the_user_and_none_of_others(
        self, store: ThreadStore
    ) -> None:
        await fill(store, MALLORY)
        await fill(store, ALICE, threads=3)

        async def read_file(user_id: str, attachment_id: str) -> bytes | None:
            return f"{user_id} {attachment_id}".encode() if attachment_id == "atc_1" else None

        with counted_statements(store) as sent:
            exported = await export_user(store, "alice", read_file=read_file)

        assert len(sent) == 5
        assert exported["user_id"] == "alice"
        threads = exported["threads"]
        assert [thread["id"] for thread in threads] == ["thr_0", "thr_1", "thr_2"]
        assert sum(len(thread["items"]) for thread in threads) == 3 * (len(one_of_each("t")) + 1)
        assert sum(len(thread["feedback"]) for thread in threads) == 3
        assert {row["id"]: row["content"] for row in exported["attachments"]} == {
            "atc_0": None,
            "atc_1": base64.b64encode(b"alice atc_1").decode(),
            "atc_2": None,
            "atc_unsent": None,
        }
        # A secret in each title, note, verdict and file name.
        assert str(exported).count(f"{SECRET} of alice") == 3 + 3 + 3 + 4
        assert "mallory" not in str(exported)
        assert await export_user(store, "nobody") == {
            "user_id": "nobody",
            "threads": [],
            "attachments": [],
        }


class RetentionContract(StoreFixture):
    async def test_what_was_not_used_for_long_is_deleted(
        self, store: ThreadStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deletion, "BATCH", 2)
        now = utc_now()
        for number in range(5):
            await thread_with_notes(store, 2, f"thr_{number}")
            await self._age(store, f"thr_{number}", now - timedelta(days=40))
        await thread_with_notes(store, 1, "thr_new")
        for attachment in (
            a_file("atc_old", "thr_0"),
            a_file("atc_forgotten"),
            a_file("atc_fresh"),
            a_file("atc_used", "thr_new"),
        ):
            await store.save_attachment(attachment, context=ALICE)
        async with store.writes.begin() as session:
            await session.exec(
                update(AttachmentRow)
                .where(col(AttachmentRow.id).in_(["atc_forgotten", "atc_used"]))
                .values(stored_at=now - timedelta(days=40))
            )
        # Used again, by whatever is written to it.
        await store.add_thread_item("thr_4", a_note("msg_new", "thr_4"), context=ALICE)
        files: list[str] = []

        async def delete_file(owned: OwnedAttachment) -> None:
            files.append(owned.attachment.id)

        before = now - timedelta(days=30)
        deleted = await delete_unused(store, before=before, delete_file=delete_file)

        page = await store.load_threads(20, None, "asc", context=ALICE)
        assert [thread.id for thread in page.data] == ["thr_4", "thr_new"]
        assert deleted == Deleted(threads=4, attachments=2)
        assert files == ["atc_old", "atc_forgotten"]
        exported = await export_user(store, "alice")
        assert [row["id"] for row in exported["attachments"]] == ["atc_used", "atc_fresh"]
        assert await delete_unused(store, before=before) == Deleted()
        (record,) = [record async for record in read_audit_log(store, event="expired_deleted")]
        assert record.subject is None
        assert (record.details["threads"], record.details["attachments"]) == (4, 2)

    async def _age(self, store: ThreadStore, thread_id: str, moment: datetime) -> None:
        async with store.writes.begin() as session:
            await session.exec(
                update(ThreadRow).where(col(ThreadRow.id) == thread_id).values(active_at=moment)
            )
