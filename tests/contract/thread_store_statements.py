"""How many statements a call takes: the same, however much there is."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event

from store.threads.store import ThreadStore
from tests.contract.thread_items import (
    ALICE,
    NOON,
    a_file,
    a_form,
    a_message,
    a_note,
    a_thread,
    named,
)
from tests.contract.thread_store_base import StoreFixture, thread_with_notes

ITEMS = 5

# Beginning and ending a transaction are not counted: drivers differ in how they do it.
STATEMENTS: dict[str, tuple[int, Callable[[ThreadStore], Awaitable[object]]]] = {
    "load_thread": (1, lambda s: s.load_thread("thr_1", context=ALICE)),
    "save_thread, new": (2, lambda s: s.save_thread(a_thread("thr_new"), context=ALICE)),
    "save_thread": (2, lambda s: s.save_thread(a_thread("thr_1", title="T"), context=ALICE)),
    "change_thread": (2, lambda s: s.change_thread("thr_1", named("T"), context=ALICE)),
    "insert_thread": (1, lambda s: s.insert_thread(a_thread("thr_new"), context=ALICE)),
    "load_threads": (1, lambda s: s.load_threads(100, None, "desc", context=ALICE)),
    "load_threads, after": (2, lambda s: s.load_threads(9, "thr_1", "desc", context=ALICE)),
    "delete_thread": (3, lambda s: s.delete_thread("thr_1", context=ALICE)),
    "load_thread_items": (
        2,
        lambda s: s.load_thread_items("thr_1", None, 100, "asc", context=ALICE),
    ),
    "load_thread_items, after": (
        3,
        lambda s: s.load_thread_items("thr_1", "msg_000", 100, "asc", context=ALICE),
    ),
    "add_thread_item": (
        4,
        lambda s: s.add_thread_item("thr_1", a_note("msg_new", "thr_1"), context=ALICE),
    ),
    "save_items": (
        5,
        lambda s: s.save_items(
            "thr_1", [a_note("msg_000", "thr_1", 1), a_note("msg_new", "thr_1")], context=ALICE
        ),
    ),
    "answer_form_once": (
        2,
        lambda s: s.answer_form_once(a_form("msg_000", "thr_1"), context=ALICE),
    ),
    "begin_thread": (
        3,
        lambda s: s.begin_thread(
            a_thread("thr_new"), a_message("msg_new"), context=ALICE, unless="thr_old"
        ),
    ),
    "save_item": (4, lambda s: s.save_item("thr_1", a_note("msg_000", "thr_1", 1), context=ALICE)),
    "add_message_once": (
        4,
        lambda s: s.add_message_once(
            a_message("msg_new", thread_id="thr_1"), since=NOON, context=ALICE
        ),
    ),
    "load_item": (2, lambda s: s.load_item("thr_1", "msg_000", context=ALICE)),
    "delete_thread_item": (2, lambda s: s.delete_thread_item("thr_1", "msg_000", context=ALICE)),
    "save_attachment": (3, lambda s: s.save_attachment(a_file("atc_n", "thr_1"), context=ALICE)),
    "load_attachment": (1, lambda s: s.load_attachment("atc_0", context=ALICE)),
    "load_thread_attachments": (2, lambda s: s.load_thread_attachments("thr_1", context=ALICE)),
    "delete_attachment": (2, lambda s: s.delete_attachment("atc_0", context=ALICE)),
    "save_feedback": (
        4,
        lambda s: s.save_feedback(
            "thr_1", [f"msg_{number:03}" for number in range(ITEMS)], "positive", context=ALICE
        ),
    ),
    "load_feedback": (2, lambda s: s.load_feedback("thr_1", context=ALICE)),
}


@contextmanager
def counted_statements(store: ThreadStore) -> Iterator[list[str]]:
    """Collect the statements that a store sends; many rows by one statement are one."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    engines = store.reads.sync_engines | store.writes.sync_engines
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


class StatementsContract(StoreFixture):
    async def test_a_call_takes_a_fixed_number_of_statements(self, store: ThreadStore) -> None:
        """Each call is made on a thread of its own with many items, attachments and verdicts."""
        taken = {}
        for name, (_, call) in STATEMENTS.items():
            await thread_with_notes(store, ITEMS)
            for number in range(3):
                await store.save_attachment(a_file(f"atc_{number}", "thr_1"), context=ALICE)
            with counted_statements(store) as sent:
                await call(store)
            taken[name] = len(sent)
            for thread in (await store.load_threads(100, None, "asc", context=ALICE)).data:
                await store.delete_thread(thread.id, context=ALICE)

        assert taken == {name: count for name, (count, _) in STATEMENTS.items()}

    def test_every_method_is_counted(self) -> None:
        from tests.contract.thread_store_ownership import CALLS

        assert {name.partition(",")[0] for name in STATEMENTS} == set(CALLS)
