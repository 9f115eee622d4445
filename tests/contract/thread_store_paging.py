"""Pages: each row once, newest or oldest first, whatever happens meanwhile."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.threads.errors import UnknownCursorError
from store.threads.store import ThreadStore
from tests.contract.thread_items import ALICE, a_note, a_thread
from tests.contract.thread_store_base import StoreFixture, thread_with_notes


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
            assert len(seen) <= len(ids)
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
