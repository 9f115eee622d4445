"""Items: stored as they were, each in its place, under many writers."""

from typing import get_args

import anyio
import pytest
from chatkit.store import NotFoundError
from chatkit.types import ThreadItem, WidgetItem
from chatkit.widgets import DynamicWidgetRoot
from sqlmodel import col, update

from store.threads.engine import open_thread_store
from store.threads.personal_data import export_user
from store.threads.store import ThreadStore
from store.threads.tables import ItemRow
from tests.contract.thread_items import ALICE, NOON, a_note, a_thread, one_of_each
from tests.contract.thread_store_base import StoreFixture, all_items, thread_with_notes, wire


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

    async def test_items_saved_together_are_in_their_places(self, store: ThreadStore) -> None:
        await thread_with_notes(store, 2)
        changed, added = a_note("msg_000", "thr_1", 9), a_note("msg_new", "thr_1", 2)
        await store.save_items("thr_1", [added, changed], context=ALICE)
        listed = await all_items(store, "thr_1")
        assert [item.id for item in listed] == ["msg_000", "msg_001", "msg_new"]
        assert wire(listed[0]) == wire(changed)
        with pytest.raises(NotFoundError):
            await store.save_items("thr_2", [added], context=ALICE)

    async def test_items_of_a_newer_release_are_kept_and_skipped(self, store: ThreadStore) -> None:
        ids = await thread_with_notes(store, 5)
        foreign = {
            ids[1]: {"id": ids[1], "type": "hologram", "created_at": "2030-01-01T00:00:00"},
            ids[4]: {"id": ids[4], "type": "assistant_message", "content": {"shape": "new"}},
        }
        async with store.writes.begin() as session:
            for item_id, payload in foreign.items():
                await session.exec(
                    update(ItemRow).where(col(ItemRow.id) == item_id).values(payload=payload)
                )

        assert [item.id for item in await all_items(store, "thr_1", page=2)] == [
            ids[0],
            *ids[2:4],
        ]
        newest = await store.load_thread_items("thr_1", None, 1, "desc", context=ALICE)
        assert (newest.data, newest.has_more, newest.after) == ([], True, ids[4])
        with pytest.raises(NotFoundError):
            await store.load_item("thr_1", ids[1], context=ALICE)
        (thread,) = (await export_user(store, "alice"))["threads"]
        assert [thread["items"][1], thread["items"][4]] == list(foreign.values())

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
