"""The thread store as the ChatKit SDK sees it, which asks and writes more than it has to."""

from chatkit.errors import CustomStreamError
from chatkit.types import Page, StructuredInputItem, ThreadItem

from server.context import RequestContext
from server.errors import READER_FORM_ANSWERED
from store.threads.context import ThreadContext
from store.threads.store import ThreadStore


class ItemsUnread(ThreadStore):
    """During an answer: without items.

    The SDK would look for a workflow to go on with, at the cost of a transaction, and find none of
    its own.
    """

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: ThreadContext
    ) -> Page[ThreadItem]:
        """Find nothing."""
        return Page()


class StoredOnce(ThreadStore):
    """For an answer's events, each of which the SDK stores by a transaction of its own.

    What is in `RequestContext.stored` has been stored already, together.
    """

    async def add_thread_item(
        self, thread_id: str, item: ThreadItem, context: ThreadContext
    ) -> None:
        """Append an item, unless it is stored."""
        if not _is_stored(item, context):
            await super().add_thread_item(thread_id, item, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: ThreadContext) -> None:
        """Replace an item in its place, unless it is stored.

        Raises `CustomStreamError` for the answers to a form that has been answered meanwhile.
        """
        if _is_stored(item, context):
            return
        if not isinstance(item, StructuredInputItem) or item.status == "pending":
            await super().save_item(thread_id, item, context)
        elif not await self.answer_form_once(item, context):
            raise CustomStreamError(READER_FORM_ANSWERED, allow_retry=False)


def _is_stored(item: ThreadItem, context: ThreadContext) -> bool:
    return isinstance(context, RequestContext) and context.stored.pop(item.id, None) is item
