"""Threads and messages that are made once, whoever repeats them."""

import asyncio
from datetime import timedelta

import anyio
import pytest
from chatkit.store import NotFoundError
from chatkit.types import StructuredInputFreeform, StructuredInputItem, ThreadMetadata

from store.threads.store import ThreadStore
from tests.contract.thread_items import (
    ALICE,
    MALLORY,
    NOON,
    a_form,
    a_message,
    a_note,
    a_thread,
    named,
)
from tests.contract.thread_store_base import StoreFixture, all_items


class OnceContract(StoreFixture):
    """What is asked for twice is done once."""

    async def test_a_thread_is_inserted_once(self, store: ThreadStore) -> None:
        assert await store.insert_thread(a_thread("thr_1", title="First"), context=ALICE)
        assert not await store.insert_thread(a_thread("thr_1", title="Second"), context=ALICE)
        assert await store.insert_thread(a_thread("thr_1"), context=MALLORY)
        assert (await store.load_thread("thr_1", context=ALICE)).title == "First"

    async def test_a_thread_begins_once_and_with_its_message(self, store: ThreadStore) -> None:
        begun: list[bool] = []

        async def begin(number: int) -> None:
            thread, message = a_thread("thr_1"), a_message(f"msg_{number}")
            begun.append(await store.begin_thread(thread, message, context=ALICE))

        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(begin, number)
        assert sorted(begun) == [False] * 4 + [True]
        assert len(await all_items(store, "thr_1")) == 1
        await store.add_thread_item("thr_1", a_note("note", "thr_1"), context=ALICE)
        assert [item.id for item in await all_items(store, "thr_1")][1:] == ["note"]
        assert await store.begin_thread(a_thread("thr_1"), a_message("msg_1"), context=MALLORY)

    async def test_no_thread_begins_beside_the_one_that_it_would_repeat(
        self, store: ThreadStore
    ) -> None:
        begin, message = store.begin_thread, a_message("msg_1", thread_id="thr_2")
        await store.insert_thread(a_thread("thr_1"), context=ALICE)
        assert not await begin(a_thread("thr_2"), message, context=ALICE, unless="thr_1")
        assert await begin(a_thread("thr_2"), message, context=MALLORY, unless="thr_1")
        with pytest.raises(NotFoundError):
            await store.load_thread("thr_2", context=ALICE)

    async def test_a_change_makes_no_thread_again(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        assert (await store.change_thread("thr_1", named("Named"), context=ALICE)).title == "Named"
        assert (await store.load_thread("thr_1", context=ALICE)).title == "Named"
        await store.delete_thread("thr_1", context=ALICE)
        with pytest.raises(NotFoundError):
            await store.change_thread("thr_1", named("Back"), context=ALICE)
        assert (await store.load_threads(10, None, "desc", context=ALICE)).data == []

    async def test_changes_at_once_are_all_kept(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)

        def count(thread: ThreadMetadata) -> ThreadMetadata:
            counted = {"count": thread.metadata.get("count", 0) + 1}
            return thread.model_copy(update={"metadata": counted})

        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(store.change_thread, "thr_1", count, ALICE)
        assert (await store.load_thread("thr_1", context=ALICE)).metadata == {"count": 10}

    async def test_a_repeated_message_is_the_first_one(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        first = await store.add_message_once(a_message("msg_1"), since=NOON, context=ALICE)
        await store.add_thread_item("thr_1", a_note("note", "thr_1"), context=ALICE)
        again = await store.add_message_once(
            a_message("msg_2", seconds=2), since=NOON, context=ALICE
        )
        assert (first.id, again.id) == ("msg_1", "msg_1")
        assert [item.id for item in await all_items(store, "thr_1")] == ["msg_1", "note"]

    async def test_later_and_other_messages_are_new(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        since = NOON + timedelta(seconds=1)
        for message in (
            a_message("msg_1"),
            a_message("msg_2", seconds=5),
            a_message("msg_3", "Why not?", seconds=6),
            a_message("msg_4", seconds=7),
        ):
            added = await store.add_message_once(message, since=since, context=ALICE)
            assert added.id == message.id

    async def test_of_many_at_once_one_is_stored(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        found: list[str] = []

        async def add(number: int) -> None:
            message = a_message(f"msg_{number}")
            found.append((await store.add_message_once(message, since=NOON, context=ALICE)).id)

        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(add, number)
        [stored] = await all_items(store, "thr_1")
        assert found == [stored.id] * 10

    async def test_of_many_who_answer_a_form_at_once_one_does(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        form = a_form("form_1", "thr_1")
        await store.add_thread_item("thr_1", form, context=ALICE)
        won: list[str] = []

        async def answer(number: int) -> None:
            question = StructuredInputFreeform(id="which", question=f"Which? {number}")
            update = {"status": "answered", "inputs": [question]}
            answered = form.model_copy(update=update)
            if await store.answer_form_once(answered, context=ALICE):
                won.append(question.question)

        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(answer, number)
        [stored] = await all_items(store, "thr_1")
        assert isinstance(stored, StructuredInputItem)
        assert [one.question for one in stored.inputs] == won
        assert stored.status == "answered"
        gone = form.model_copy(update={"id": "form_2", "status": "skipped"})
        assert not await store.answer_form_once(gone, context=ALICE)
        with pytest.raises(NotFoundError):
            await store.answer_form_once(form, context=MALLORY)

    async def test_anothers_thread_takes_no_message(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        with pytest.raises(NotFoundError):
            await store.add_message_once(a_message("msg_1"), since=NOON, context=MALLORY)

    async def test_a_caller_that_is_cancelled_leaves_no_lock_behind(
        self, store: ThreadStore
    ) -> None:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        for number in range(20):
            writer = asyncio.create_task(
                store.add_thread_item("thr_1", a_note(f"cut_{number}", "thr_1"), context=ALICE)
            )
            await anyio.sleep(number * 0.0003)
            writer.cancel()
            await asyncio.wait([writer])
            with anyio.fail_after(30):
                note = a_note(f"note_{number}", "thr_1")
                await store.add_thread_item("thr_1", note, context=ALICE)
        ids = {item.id for item in await all_items(store, "thr_1")}
        assert {f"note_{number}" for number in range(20)} <= ids
