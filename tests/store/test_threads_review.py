"""The threads of all users, as those who run the service read them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.threads.engine import open_thread_store
from store.threads.review import review_threads
from store.threads.store import ThreadStore
from tests.contract.thread_items import ALICE, MALLORY, a_message, a_thread


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ThreadStore]:
    async with open_thread_store(f"sqlite:///{tmp_path / 'threads.db'}") as opened:
        yield opened


async def test_every_thread_comes_once_with_its_items_and_feedback(store: ThreadStore) -> None:
    count = 230
    for number in range(count):
        owner = (ALICE, MALLORY)[number % 2]
        await store.save_thread(a_thread(f"thr_{number}"), context=owner)
    for name in ("msg_2", "msg_1"):
        await store.add_thread_item(
            "thr_101", a_message(name, thread_id="thr_101"), context=MALLORY
        )
    await store.save_feedback("thr_101", ["msg_1"], "negative", context=MALLORY)
    threads = [thread async for thread in review_threads(store)]
    assert [thread.id for thread in threads] == [f"thr_{number}" for number in range(count)]
    assert {thread.user_id for thread in threads[::2]} == {ALICE.user_id}
    spoken = threads[101]
    assert [item.id for item in spoken.items] == ["msg_2", "msg_1"]
    assert spoken.feedback == {"msg_1": "negative"}
    assert all(thread.items == () and not thread.feedback for thread in threads if thread != spoken)


async def test_threads_of_one_id_are_of_several_users(store: ThreadStore) -> None:
    for owner in (ALICE, MALLORY):
        await store.save_thread(a_thread("thr_1"), context=owner)
    await store.save_thread(a_thread("thr_2"), context=ALICE)
    found = [thread.user_id async for thread in review_threads(store, thread_id="thr_1")]
    assert found == [ALICE.user_id, MALLORY.user_id]


async def test_what_was_not_used_lately_can_be_left_out(store: ThreadStore) -> None:
    await store.save_thread(a_thread("thr_1"), context=ALICE)
    now = datetime.now(UTC).replace(tzinfo=None)
    for since, seen in ((now - timedelta(days=1), ["thr_1"]), (now + timedelta(days=1), [])):
        found = [thread.id async for thread in review_threads(store, active_since=since)]
        assert found == seen
