"""Counters: sums that hold whoever else adds at the same time."""

from datetime import timedelta

import anyio

from store.threads.counters import (
    Counter,
    add_to_counters,
    delete_expired_counters,
    read_counter,
)
from store.threads.payloads import utc_now
from store.threads.store import ThreadStore
from tests.contract.thread_store_base import StoreFixture


def counter(name: str, *, days: int = 1) -> Counter:
    return Counter(name, utc_now() + timedelta(days=days))


class CountersContract(StoreFixture):
    async def test_several_counters_add_up(self, store: ThreadStore) -> None:
        ann, everyone = counter("ann"), counter("everyone")
        assert await read_counter(store, "ann") == 0
        assert await add_to_counters(store, {ann: 5, everyone: 5}) == {ann: 5, everyone: 5}
        assert await add_to_counters(store, {everyone: -2}) == {everyone: 3}
        assert await add_to_counters(store, {ann: 10**13}) == {ann: 10**13 + 5}
        assert await read_counter(store, "everyone") == 3
        assert await read_counter(store, "Ann") == 0

    async def test_nothing_is_lost_when_many_add(self, store: ThreadStore) -> None:
        shared, other = counter("b-shared"), counter("a-other")
        sums = []

        async def add(first: bool) -> None:
            amounts = {shared: 1, other: 1} if first else {other: 1, shared: 1}
            sums.append((await add_to_counters(store, amounts))[shared])

        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(add, number % 2 == 0)
        assert sorted(sums) == list(range(1, 21))
        assert await read_counter(store, "a-other") == 20

    async def test_what_counts_no_more_is_deleted(self, store: ThreadStore) -> None:
        old, new = counter("old", days=-1), counter("new")
        await add_to_counters(store, {old: 1, new: 1})
        await delete_expired_counters(store)
        assert await read_counter(store, "old") == 0
        assert await read_counter(store, "new") == 1
