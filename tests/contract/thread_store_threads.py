"""Threads, their attachments and what people think of their items."""

from datetime import UTC, datetime, timedelta, timezone

import anyio
import pytest
from chatkit.store import NotFoundError
from chatkit.types import ActiveStatus, ClosedStatus, LockedStatus, Page, Thread, ThreadMetadata

from store.threads.feedback import JudgedAnswer
from store.threads.payloads import utc_now
from store.threads.personal_data import export_user
from store.threads.store import ThreadStore
from tests.contract.thread_items import ALICE, NOON, a_file, a_note, a_thread
from tests.contract.thread_store_base import StoreFixture, all_items, thread_with_notes


class ThreadsContract(StoreFixture):
    @pytest.mark.parametrize(
        "status", [ActiveStatus(), LockedStatus(reason="paid"), ClosedStatus()]
    )
    async def test_metadata_comes_back_as_it_was(
        self, store: ThreadStore, status: ActiveStatus | LockedStatus | ClosedStatus
    ) -> None:
        thread = a_thread(
            "thr_1",
            title="Pools\0 🧭",
            status=status,
            allowed_image_domains=["docs.example"],
            metadata={"seen": [1, {"a": None}]},
        )
        await store.save_thread(thread, context=ALICE)

        assert await store.load_thread("thr_1", context=ALICE) == thread

    async def test_full_thread_is_saved_as_metadata(self, store: ThreadStore) -> None:
        full = Thread(id="thr_1", created_at=NOON, items=Page(data=[a_note("msg_1", "thr_1")]))
        await store.save_thread(full, context=ALICE)

        loaded = await store.load_thread("thr_1", context=ALICE)

        assert type(loaded) is ThreadMetadata
        assert await all_items(store, "thr_1") == []

    async def test_saving_again_updates(self, store: ThreadStore) -> None:
        await thread_with_notes(store, 2)
        await store.save_thread(a_thread("thr_1", title="Pools"), context=ALICE)

        assert (await store.load_thread("thr_1", context=ALICE)).title == "Pools"
        assert len(await all_items(store, "thr_1")) == 2

    async def test_saving_a_new_thread_many_times_at_once(self, store: ThreadStore) -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(12):
                tasks.start_soon(store.save_thread, a_thread("thr_1"), ALICE)

        assert len((await store.load_threads(20, None, "desc", context=ALICE)).data) == 1

    @pytest.mark.parametrize(
        "moment",
        [
            NOON,
            NOON.replace(tzinfo=UTC),
            (NOON + timedelta(hours=5, minutes=30)).replace(
                tzinfo=timezone(timedelta(hours=5, minutes=30))
            ),
        ],
    )
    async def test_datetimes_are_naive_utc(self, store: ThreadStore, moment: datetime) -> None:
        thread = a_thread("thr_1", created_at=moment)
        await store.save_thread(thread, context=ALICE)
        note = a_note("msg_1", "thr_1").model_copy(update={"created_at": moment})
        await store.add_thread_item("thr_1", note, context=ALICE)

        assert (await store.load_thread("thr_1", context=ALICE)).created_at == NOON
        assert (await store.load_item("thr_1", "msg_1", context=ALICE)).created_at == NOON
        assert thread.created_at == moment

    async def test_deleting_a_thread_deletes_what_it_has(self, store: ThreadStore) -> None:
        await thread_with_notes(store, 2)
        await store.save_attachment(a_file("atc_1", "thr_1"), context=ALICE)
        await store.save_attachment(a_file("atc_2"), context=ALICE)
        await store.save_feedback("thr_1", ["msg_000"], "positive", context=ALICE)
        await store.delete_thread("thr_1", context=ALICE)

        with pytest.raises(NotFoundError):
            await store.load_thread("thr_1", context=ALICE)
        with pytest.raises(NotFoundError):
            await store.load_item("thr_1", "msg_000", context=ALICE)
        with pytest.raises(NotFoundError):
            await store.load_attachment("atc_1", context=ALICE)
        with pytest.raises(NotFoundError):
            await store.delete_thread("thr_1", context=ALICE)
        await store.load_attachment("atc_2", context=ALICE)
        # Nothing of it comes back with a thread of the same id.
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        assert await all_items(store, "thr_1") == []
        assert await store.load_feedback("thr_1", context=ALICE) == {}

    async def test_ids_are_long_and_prefixed(self, store: ThreadStore) -> None:
        thread = a_thread(store.generate_thread_id(ALICE))
        assert thread.id.startswith("thr_")
        ids = {store.generate_item_id("message", thread, ALICE) for _ in range(1000)}
        assert len(ids) == 1000
        assert all(len(item_id) == len("msg_") + 32 for item_id in ids)
        assert store.generate_item_id("sdk_hidden_context", thread, ALICE).startswith("shcx_")


class AttachmentsContract(StoreFixture):
    async def test_attachment_comes_back_with_its_private_metadata(
        self, store: ThreadStore
    ) -> None:
        await store.save_attachment(a_file("atc_1"), context=ALICE)

        assert await store.load_attachment("atc_1", context=ALICE) == a_file("atc_1")

    async def test_saving_again_puts_it_into_its_thread(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        await store.save_attachment(a_file("atc_1"), context=ALICE)
        await store.save_attachment(a_file("atc_1", "thr_1"), context=ALICE)

        loaded = await store.load_attachment("atc_1", context=ALICE)

        assert loaded.thread_id == "thr_1"

    async def test_attachments_of_a_thread_are_listed(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        for attachment in (a_file("atc_2", "thr_1"), a_file("atc_1", "thr_1"), a_file("atc_3")):
            await store.save_attachment(attachment, context=ALICE)

        listed = await store.load_thread_attachments("thr_1", context=ALICE)

        assert [attachment.id for attachment in listed] == ["atc_1", "atc_2"]

    async def test_deleted_attachment_is_gone(self, store: ThreadStore) -> None:
        await store.save_attachment(a_file("atc_1"), context=ALICE)
        await store.delete_attachment("atc_1", context=ALICE)

        with pytest.raises(NotFoundError):
            await store.load_attachment("atc_1", context=ALICE)
        with pytest.raises(NotFoundError):
            await store.delete_attachment("atc_1", context=ALICE)


class FeedbackContract(StoreFixture):
    async def test_later_feedback_wins(self, store: ThreadStore) -> None:
        one, two, _ = await thread_with_notes(store, 3)
        assert await store.load_feedback("thr_1", context=ALICE) == {}
        await store.save_feedback("thr_1", [one, two, one], "positive", context=ALICE)
        await store.save_feedback("thr_1", [one], "positive", context=ALICE)
        await store.save_feedback("thr_1", [two], "negative", context=ALICE)
        await store.save_feedback("thr_1", [], "negative", context=ALICE)

        feedback = await store.load_feedback("thr_1", context=ALICE)

        assert feedback == {one: "positive", two: "negative"}

    async def test_what_it_is_about_is_kept_with_it(self, store: ThreadStore) -> None:
        """The answer is that of the last change of mind; a repetition changes nothing."""
        one, two = await thread_with_notes(store, 2)
        first = JudgedAnswer("How many\0? 🧭", ("/pools#size", "/pools"), generation=7)
        later = JudgedAnswer("And now?", (), generation=8)
        await store.save_feedback("thr_1", [one, two], "negative", context=ALICE, about=first)
        start = utc_now()
        await store.save_feedback("thr_1", [one], "negative", context=ALICE, about=later)
        await store.save_feedback("thr_1", [two], "positive", context=ALICE, about=later)

        (thread,) = (await export_user(store, "alice"))["threads"]

        kept = {given["item_id"]: given for given in thread["feedback"]}
        assert {item_id: given["kind"] for item_id, given in kept.items()} == {
            one: "negative",
            two: "positive",
        }
        assert JudgedAnswer.read(kept[one]["about"]) == first
        assert JudgedAnswer.read(kept[two]["about"]) == later
        assert datetime.fromisoformat(kept[one]["given_at"]) < start
        assert datetime.fromisoformat(kept[two]["given_at"]) >= start

    @pytest.mark.parametrize("unknown", ["msg_unknown", "", "\0"])
    async def test_unknown_item_keeps_nothing(self, store: ThreadStore, unknown: str) -> None:
        (one,) = await thread_with_notes(store, 1)

        with pytest.raises(NotFoundError):
            await store.save_feedback("thr_1", [one, unknown], "positive", context=ALICE)
        assert await store.load_feedback("thr_1", context=ALICE) == {}

    async def test_any_number_of_ids_may_be_sent(self, store: ThreadStore) -> None:
        await thread_with_notes(store, 1)

        with pytest.raises(NotFoundError):
            await store.save_feedback(
                "thr_1", [f"msg_{number}" for number in range(40_000)], "positive", context=ALICE
            )

    async def test_feedback_goes_with_its_item(self, store: ThreadStore) -> None:
        one, two = await thread_with_notes(store, 2)
        await store.save_feedback("thr_1", [one, two], "negative", context=ALICE)
        await store.save_item("thr_1", a_note(one, "thr_1", "changed"), context=ALICE)
        await store.delete_thread_item("thr_1", two, context=ALICE)

        assert await store.load_feedback("thr_1", context=ALICE) == {one: "negative"}
