"""What a reader thought of an answer, and of which answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

from chatkit.types import FeedbackKind
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.threads.base import SqlStore
from store.threads.context import ThreadContext
from store.threads.payloads import utc_now
from store.threads.queries import find_item_ids, no_item, require_thread
from store.threads.tables import FeedbackRow, ThreadRow
from store.threads.uninterrupted import uninterrupted


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """The answer that feedback is about, so that it can be understood when the docs have changed.

    `passages` are the links, with anchors, of what the answer was written from, in the order of
    their numbers; `generation` is that of the index they were read from.
    """

    question: str
    passages: tuple[str, ...]
    generation: int

    def dump(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "question": self.question,
            "passages": list(self.passages),
            "generation": self.generation,
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Return what `dump` was called on."""
        return cls(data["question"], tuple(data["passages"]), data["generation"])


class FeedbackStore(SqlStore):
    """The part of the thread store that keeps feedback."""

    @uninterrupted
    async def save_feedback(
        self,
        thread_id: str,
        item_ids: Sequence[str],
        kind: FeedbackKind,
        context: ThreadContext,
        *,
        about: JudgedAnswer | None = None,
    ) -> None:
        """Keep what the user thinks of items, in place of what they thought before.

        `about` is the answer that the items belong to. Raises `NotFoundError`, and keeps nothing,
        when the thread lacks one of the items.
        """
        async with self.writes.begin() as session:
            thread = await require_thread(session, thread_id, context, lock=True)
            missing = set(item_ids) - await find_item_ids(session, thread, item_ids)
            if missing:
                raise no_item(min(missing))
            given = {row.item_id: row for row in await _feedback_of(session, thread)}
            now = utc_now()
            for item_id in set(item_ids):
                row = given.get(item_id)
                if row is None:
                    row = FeedbackRow(
                        thread_number=thread.number, item_id=item_id, kind=kind, given_at=now
                    )
                    session.add(row)
                elif row.kind == kind:
                    continue
                row.kind, row.given_at = kind, now
                row.about = about.dump() if about else None

    @uninterrupted
    async def load_feedback(
        self, thread_id: str, context: ThreadContext
    ) -> dict[str, FeedbackKind]:
        """Return the user's feedback on a thread by item id."""
        async with self.reads.begin() as session:
            thread = await require_thread(session, thread_id, context)
            rows = await _feedback_of(session, thread)
        return {row.item_id: cast("FeedbackKind", row.kind) for row in rows}


async def _feedback_of(session: AsyncSession, thread: ThreadRow) -> Sequence[FeedbackRow]:
    query = select(FeedbackRow).where(FeedbackRow.thread_number == thread.number)
    return (await session.exec(query)).all()
