"""What the thread store must do on every database.

A database's test module inherits `ThreadStoreContract` and provides the fixture `database_url`:
a database of the test's own, empty.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import anyio
import pytest
from chatkit.store import NotFoundError
from chatkit.types import (
    ActiveStatus,
    ClosedStatus,
    LockedStatus,
    Page,
    Thread,
    ThreadItem,
    ThreadMetadata,
    WidgetItem,
)
from chatkit.widgets import DynamicWidgetRoot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from store.threads.engine import open_thread_store
from store.threads.errors import UnknownCursorError
from store.threads.store import ThreadStore
from tests.contract.thread_items import ALICE, MALLORY, NOON, User, a_file, a_note, a_thread
from tests.contract.thread_items import one_of_each
from tests.contract.thread_store_opening import OpeningContract

Call = Callable[[ThreadStore, str, str, str, User], Awaitable[object]]

# Each method of the store that takes ids or reads lists, called with ids of a thread, item and
# attachment of which the caller may own none.
CALLS: dict[str, Call] = {
    "load_thread": lambda s, t, i, a, u: s.load_thread(t, context=u),
    "save_thread": lambda s, t, i, a, u: s.save_thread(a_thread(t, title="Mine"), context=u),
    "load_threads": lambda s, t, i, a, u: s.load_threads(20, t, "desc", context=u),
    "delete_thread": lambda s, t, i, a, u: s.delete_thread(t, context=u),
    "load_thread_items": lambda s, t, i, a, u: s.load_thread_items(t, None, 20, "asc", context=u),
    "add_thread_item": lambda s, t, i, a, u: s.add_thread_item(t, a_note(i, t, "!"), context=u),
    "save_item": lambda s, t, i, a, u: s.save_item(t, a_note(i, t, "!"), context=u),
    "load_item": lambda s, t, i, a, u: s.load_item(t, i, context=u),
    "delete_thread_item": lambda s, t, i, a, u: s.delete_thread_item(t, i, context=u),
    "save_attachment": lambda s, t, i, a, u: s.save_attachment(a_file(a, t), context=u),
    "load_attachment": lambda s, t, i, a, u: s.load_attachment(a, context=u),
    "delete_attachment": lambda s, t, i, a, u: s.delete_attachment(a, context=u),
    "save_feedback": lambda s, t, i, a, u: s.save_feedback(t, [i], "negative", context=u),
    "load_feedback": lambda s, t, i, a, u: s.load_feedback(t, context=u),
}


def wire(record: BaseModel) -> str:
    """Return a record as the server sends it."""
    return record.model_dump_json(exclude_none=True)


async def all_items(store: ThreadStore, thread_id: str, *, page: int = 100) -> list[ThreadItem]:
    """Page through a thread, oldest first."""
    items: list[ThreadItem] = []
    after = None
    while True:
        found = await store.load_thread_items(thread_id, after, page, "asc", context=ALICE)
        items.extend(found.data)
        if not found.has_more:
            return items
        after = found.after


async def thread_with_notes(store: ThreadStore, count: int, thread_id: str = "thr_1") -> list[str]:
    """Make a thread of `count` items that share one timestamp; return their ids in order."""
    await store.save_thread(a_thread(thread_id), context=ALICE)
    ids = [f"msg_{number:03}" for number in range(count)]
    for item_id in ids:
        await store.add_thread_item(thread_id, a_note(item_id, thread_id), context=ALICE)
    return ids


class StoreFixture:
    @pytest.fixture
    async def store(self, database_url: str) -> AsyncIterator[ThreadStore]:
        async with open_thread_store(database_url) as store:
            yield store


class ItemsContract(StoreFixture):
    async def test_each_type_of_item_comes_back_as_it_was(self, store: ThreadStore) -> None:
        union = get_args(get_args(ThreadItem)[0])
        items = one_of_each("thr_1")
        assert {type(item) for item in items} == set(union)
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        for item in items:
            await store.add_thread_item("thr_1", item, context=ALICE)

        listed = await all_items(store, "thr_1")

        assert [wire(item) for item in listed] == [wire(item) for item in items]
        assert [type(item) for item in listed] == [type(item) for item in items]
        for item in items:
            loaded = await store.load_item("thr_1", item.id, context=ALICE)
            assert wire(loaded) == wire(item)

    async def test_widget_keeps_properties_that_the_typed_widgets_lack(
        self, store: ThreadStore
    ) -> None:
        widget = DynamicWidgetRoot.model_validate(
            {"type": "Card", "novel": 1, "children": [{"type": "Text", "value": "a", "odd": True}]}
        )
        item = WidgetItem(id="msg_1", thread_id="thr_1", created_at=NOON, widget=widget)
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        await store.add_thread_item("thr_1", item, context=ALICE)

        assert wire(await store.load_item("thr_1", "msg_1", context=ALICE)) == wire(item)

    async def test_numbers_that_json_lacks_become_null(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        note = a_note("msg_1", "thr_1", [float("nan"), float("inf"), 10**30, "\0"])
        await store.add_thread_item("thr_1", note, context=ALICE)

        loaded = await store.load_item("thr_1", "msg_1", context=ALICE)

        assert loaded == a_note("msg_1", "thr_1", [None, None, 10**30, "\0"])

    async def test_adding_again_replaces_in_place(self, store: ThreadStore) -> None:
        ids = await thread_with_notes(store, 3)
        await store.add_thread_item("thr_1", a_note(ids[0], "thr_1", "again"), context=ALICE)
        await store.save_item("thr_1", a_note(ids[1], "thr_1", "saved"), context=ALICE)
        await store.save_item("thr_1", a_note("msg_new", "thr_1", "new"), context=ALICE)

        items = await all_items(store, "thr_1")

        assert items == [
            a_note(ids[0], "thr_1", "again"),
            a_note(ids[1], "thr_1", "saved"),
            a_note(ids[2], "thr_1"),
            a_note("msg_new", "thr_1", "new"),
        ]

    async def test_same_item_id_in_two_threads(self, store: ThreadStore) -> None:
        for thread_id in ("thr_1", "thr_2"):
            await store.save_thread(a_thread(thread_id), context=ALICE)
            note = a_note("msg_1", thread_id, thread_id)
            await store.add_thread_item(thread_id, note, context=ALICE)
        await store.delete_thread_item("thr_2", "msg_1", context=ALICE)

        kept = await store.load_item("thr_1", "msg_1", context=ALICE)

        assert kept == a_note("msg_1", "thr_1", "thr_1")

    async def test_deleted_item_is_gone_and_its_place_is_not_given_again(
        self, store: ThreadStore
    ) -> None:
        ids = await thread_with_notes(store, 3)
        await store.delete_thread_item("thr_1", ids[2], context=ALICE)
        await store.delete_thread_item("thr_1", "msg_never_stored", context=ALICE)
        await store.add_thread_item("thr_1", a_note("msg_new", "thr_1"), context=ALICE)

        assert [item.id for item in await all_items(store, "thr_1")] == [*ids[:2], "msg_new"]
        with pytest.raises(NotFoundError):
            await store.load_item("thr_1", ids[2], context=ALICE)

    async def test_writers_at_once_lose_nothing(self, database_url: str) -> None:
        """Two replicas, many turns in one thread: each item is kept, in one order for all."""
        async with open_thread_store(database_url) as one, open_thread_store(database_url) as two:
            await one.save_thread(a_thread("thr_1"), context=ALICE)

            async def write(store: ThreadStore, writer: int) -> None:
                for number in range(5):
                    note = a_note(f"msg_{writer}_{number}", "thr_1")
                    await store.add_thread_item("thr_1", note, context=ALICE)

            async with anyio.create_task_group() as tasks:
                for writer in range(12):
                    tasks.start_soon(write, (one, two)[writer % 2], writer)

            seen = [item.id for item in await all_items(one, "thr_1", page=7)]
            assert len(seen) == 60
            assert seen == [item.id for item in await all_items(two, "thr_1")]
            for writer in range(12):
                own = [item_id for item_id in seen if item_id.startswith(f"msg_{writer}_")]
                assert own == [f"msg_{writer}_{number}" for number in range(5)]

    async def test_writers_of_one_item_at_once_make_one_item(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        async with anyio.create_task_group() as tasks:
            for number in range(10):
                note = a_note("msg_1", "thr_1", number)
                tasks.start_soon(store.add_thread_item, "thr_1", note, ALICE)

        (item,) = await all_items(store, "thr_1")

        assert item in [a_note("msg_1", "thr_1", number) for number in range(10)]

    async def test_cancelled_writers_leave_the_store_working(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        done: list[str] = []

        async def write(number: int) -> None:
            with anyio.move_on_after(number * 0.0005):
                await store.add_thread_item("thr_1", a_note(f"msg_{number}", "thr_1"), ALICE)
                done.append(f"msg_{number}")

        async with anyio.create_task_group() as tasks:
            for number in range(40):
                tasks.start_soon(write, number)
        await store.add_thread_item("thr_1", a_note("msg_last", "thr_1"), context=ALICE)

        kept = [item.id for item in await all_items(store, "thr_1")]

        assert set(done) <= set(kept)
        assert kept[-1] == "msg_last"


class PagingContract(StoreFixture):
    @settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(limit=st.integers(-3, 130), order=st.sampled_from(["asc", "desc"]))
    async def test_pages_join_to_all_items_once(
        self, notes: tuple[ThreadStore, list[str]], limit: int, order: str
    ) -> None:
        store, ids = notes
        size = min(max(limit, 1), 100)
        seen: list[str] = []
        after = None
        while True:
            page = await store.load_thread_items("thr_1", after, limit, order, context=ALICE)
            seen.extend(item.id for item in page.data)
            if not page.has_more:
                assert page.after is None
                break
            assert len(page.data) == size
            assert page.after == page.data[-1].id
            after = page.after

        assert seen == (ids if order == "asc" else ids[::-1])

    @pytest.fixture
    async def notes(self, store: ThreadStore) -> tuple[ThreadStore, list[str]]:
        return store, await thread_with_notes(store, 23)

    async def test_limits_are_clamped(self, store: ThreadStore) -> None:
        await thread_with_notes(store, 102)

        async def size(limit: int) -> int:
            page = await store.load_thread_items("thr_1", None, limit, "desc", context=ALICE)
            return len(page.data)

        assert [await size(limit) for limit in (-1, 0, 1, 100, 101, 10**30)] == [
            *(1, 1, 1),
            *(100, 100, 100),
        ]

    @pytest.mark.parametrize("cursor", ["msg_unknown", "", "thr_1", "\0", "msg_000 "])
    async def test_unknown_cursor_is_an_error(self, store: ThreadStore, cursor: str) -> None:
        await thread_with_notes(store, 2)

        with pytest.raises(UnknownCursorError) as caught:
            await store.load_thread_items("thr_1", cursor, 20, "desc", context=ALICE)
        assert caught.value.cursor == cursor

    async def test_cursor_of_another_thread_is_unknown(self, store: ThreadStore) -> None:
        await thread_with_notes(store, 2, "thr_1")
        await store.save_thread(a_thread("thr_2"), context=ALICE)

        with pytest.raises(UnknownCursorError):
            await store.load_thread_items("thr_2", "msg_000", 20, "desc", context=ALICE)

    async def test_pages_hold_under_inserts_and_deletes(self, store: ThreadStore) -> None:
        ids = await thread_with_notes(store, 6)
        first = await store.load_thread_items("thr_1", None, 3, "desc", context=ALICE)
        await store.add_thread_item("thr_1", a_note("msg_new", "thr_1"), context=ALICE)
        await store.delete_thread_item("thr_1", ids[5], context=ALICE)
        await store.delete_thread_item("thr_1", ids[1], context=ALICE)

        rest = await store.load_thread_items("thr_1", first.after, 3, "desc", context=ALICE)

        assert [item.id for item in first.data] == [ids[5], ids[4], ids[3]]
        assert [item.id for item in rest.data] == [ids[2], ids[0]]

    async def test_threads_are_paged_newest_first(self, store: ThreadStore) -> None:
        ids = [f"thr_{number:02}" for number in range(7)]
        for thread_id in ids:
            await store.save_thread(a_thread(thread_id), context=ALICE)
        # A thread that is written to keeps its place, so that no page is upset by it.
        await store.add_thread_item("thr_00", a_note("msg_1", "thr_00"), context=ALICE)
        await store.save_thread(a_thread("thr_01", title="Renamed"), context=ALICE)

        seen: list[str] = []
        after = None
        for _ in range(3):
            page = await store.load_threads(3, after, "desc", context=ALICE)
            seen.extend(thread.id for thread in page.data)
            after = page.after
        oldest = await store.load_threads(0, None, "asc", context=ALICE)

        assert seen == ids[::-1]
        assert after is None
        assert [thread.id for thread in oldest.data] == ["thr_00"]
        with pytest.raises(UnknownCursorError):
            await store.load_threads(3, "thr_unknown", "desc", context=ALICE)


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

        for name in ("load_thread", "load_thread_items", "load_item", "load_attachment"):
            with pytest.raises(NotFoundError):
                await CALLS[name](store, "thr_1", "msg_000", "atc_1", ALICE)
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


class OwnershipContract(StoreFixture):
    def test_every_method_is_covered(self) -> None:
        methods = {
            name
            for name, value in vars(ThreadStore).items()
            if callable(value) and not name.startswith(("_", "generate_"))
        }
        assert methods == set(CALLS)

    @pytest.mark.parametrize("method", CALLS)
    async def test_what_another_owns_is_missing(self, store: ThreadStore, method: str) -> None:
        """A stranger learns nothing from the ids of another, and changes nothing of theirs."""
        await thread_with_notes(store, 2)
        await store.save_attachment(a_file("atc_1", "thr_1"), context=ALICE)
        await store.save_feedback("thr_1", ["msg_000"], "positive", context=ALICE)
        before = await self._owned(store)

        theirs = await self._outcome(store, method, "thr_1", "msg_000", "atc_1")
        missing = await self._outcome(store, method, "thr_x", "msg_xxx", "atc_x")

        assert theirs == missing
        assert await self._owned(store) == before

    @pytest.mark.parametrize(
        "method",
        [
            "add_thread_item",
            "save_item",
            "load_item",
            "delete_thread_item",
            "save_attachment",
            "load_attachment",
            "delete_attachment",
            "save_feedback",
        ],
    )
    async def test_items_and_attachments_of_another_in_a_thread_of_ones_own(
        self, store: ThreadStore, method: str
    ) -> None:
        await thread_with_notes(store, 2)
        await store.save_attachment(a_file("atc_1", "thr_1"), context=ALICE)
        await store.save_thread(a_thread("thr_m"), context=MALLORY)
        before = await self._owned(store)

        theirs = await self._outcome(store, method, "thr_m", "msg_000", "atc_1")
        missing = await self._outcome(store, method, "thr_m", "msg_xxx", "atc_x")

        assert theirs == missing
        assert await self._owned(store) == before

    async def test_list_has_ones_own_threads_alone(self, store: ThreadStore) -> None:
        for user in (ALICE, MALLORY, User("alice "), User("Alice"), User("")):
            await store.save_thread(a_thread("thr_1", title=repr(user)), context=user)

        page = await store.load_threads(20, None, "desc", context=ALICE)

        assert [thread.title for thread in page.data] == [repr(ALICE)]

    async def _outcome(self, store: ThreadStore, method: str, *ids: str) -> str:
        """Say what Mallory gets from a call, without the ids that were asked for."""
        try:
            outcome = repr(await CALLS[method](store, *ids, MALLORY))
        except (NotFoundError, UnknownCursorError) as error:
            outcome = repr(error)
        for name in ids:
            outcome = outcome.replace(name, "ID")
        return outcome

    async def _owned(self, store: ThreadStore) -> list[Any]:
        return [
            await store.load_threads(20, None, "asc", context=ALICE),
            await store.load_thread_items("thr_1", None, 20, "asc", context=ALICE),
            await store.load_attachment("atc_1", context=ALICE),
            await store.load_feedback("thr_1", context=ALICE),
        ]


class ThreadStoreContract(
    ItemsContract,
    PagingContract,
    ThreadsContract,
    AttachmentsContract,
    FeedbackContract,
    OwnershipContract,
    OpeningContract,
):
    pass
