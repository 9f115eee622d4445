"""Ownership: what another user has behaves exactly like what nobody has."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from chatkit.store import NotFoundError

from store.threads.errors import UnknownCursorError
from store.threads.store import ThreadStore
from tests.contract.thread_items import (
    ALICE,
    MALLORY,
    NOON,
    User,
    a_file,
    a_form,
    a_message,
    a_note,
    a_thread,
    named,
)
from tests.contract.thread_store_base import StoreFixture, thread_with_notes

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
    "save_items": lambda s, t, i, a, u: s.save_items(t, [a_note(i, t, "!")], context=u),
    "begin_thread": lambda s, t, i, a, u: s.begin_thread(
        a_thread(t, title="Mine"), a_message(i, thread_id=t), context=u
    ),
    "answer_form_once": lambda s, t, i, a, u: s.answer_form_once(a_form(i, t), context=u),
    "load_item": lambda s, t, i, a, u: s.load_item(t, i, context=u),
    "delete_thread_item": lambda s, t, i, a, u: s.delete_thread_item(t, i, context=u),
    "save_attachment": lambda s, t, i, a, u: s.save_attachment(a_file(a, t), context=u),
    "load_attachment": lambda s, t, i, a, u: s.load_attachment(a, context=u),
    "load_thread_attachments": lambda s, t, i, a, u: s.load_thread_attachments(t, context=u),
    "delete_attachment": lambda s, t, i, a, u: s.delete_attachment(a, context=u),
    "save_feedback": lambda s, t, i, a, u: s.save_feedback(t, [i], "negative", context=u),
    "change_thread": lambda s, t, i, a, u: s.change_thread(t, named("Mine"), context=u),
    "insert_thread": lambda s, t, i, a, u: s.insert_thread(a_thread(t, title="Mine"), context=u),
    "add_message_once": lambda s, t, i, a, u: s.add_message_once(
        a_message(i, thread_id=t), since=NOON, context=u
    ),
    "load_feedback": lambda s, t, i, a, u: s.load_feedback(t, context=u),
}


class OwnershipContract(StoreFixture):
    def test_every_method_is_covered(self) -> None:
        methods = {
            name
            for part in ThreadStore.__mro__
            if part.__module__.startswith("store.threads.")
            for name, value in vars(part).items()
            if callable(value) and not name.startswith(("_", "generate_"))
        }
        assert methods == set(CALLS)

    @pytest.mark.parametrize("own_thread", [False, True])
    async def test_what_another_owns_is_missing(self, store: ThreadStore, own_thread: bool) -> None:
        """A stranger learns nothing from the ids of another, and changes nothing of theirs.

        With a thread of their own they may try the items and attachments of another in it.
        """
        await thread_with_notes(store, 2)
        await store.save_attachment(a_file("atc_1", "thr_1"), context=ALICE)
        await store.save_feedback("thr_1", ["msg_000"], "positive", context=ALICE)
        before = await self._owned(store)

        for method, call in CALLS.items():
            outcomes = []
            for ids in (("thr_1", "msg_000", "atc_1"), ("thr_x", "msg_xxx", "atc_x")):
                # What one call stored must not be found by the next one.
                stranger = User(f"{method} {ids}")
                thread_id = "thr_own" if own_thread else ids[0]
                if own_thread:
                    await store.save_thread(a_thread(thread_id), context=stranger)
                outcomes.append(await self._outcome(call, store, (thread_id, *ids[1:]), stranger))

            assert (method, outcomes[0]) == (method, outcomes[1])
            assert (method, await self._owned(store)) == (method, before)

    async def test_list_has_ones_own_threads_alone(self, store: ThreadStore) -> None:
        for user in (ALICE, MALLORY, User("alice "), User("Alice"), User("")):
            await store.save_thread(a_thread("thr_1", title=repr(user)), context=user)

        page = await store.load_threads(20, None, "desc", context=ALICE)

        assert [thread.title for thread in page.data] == [repr(ALICE)]

    async def _outcome(
        self, call: Call, store: ThreadStore, ids: tuple[str, str, str], user: User
    ) -> str:
        """Say what a user gets from a call, without the ids that were asked for."""
        try:
            outcome = repr(await call(store, *ids, user))
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
