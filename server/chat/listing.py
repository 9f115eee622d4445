"""Pages of what a reader may see of a thread."""

from chatkit.types import HiddenContextItem, Page, SDKHiddenContextItem, ThreadItem

from server.context import RequestContext
from store.threads.paging import MAX_PAGE, clamp_limit
from store.threads.store import ThreadStore

# A turn ends with a hidden item; with a few to spare, one query mostly fills a page.
_SPARE = 10


def is_visible(item: ThreadItem) -> bool:
    """Tell whether an item is the reader's to see."""
    return not isinstance(item, HiddenContextItem | SDKHiddenContextItem)


async def visible_items(
    threads: ThreadStore,
    thread_id: str,
    *,
    after: str | None,
    limit: int,
    order: str,
    context: RequestContext,
) -> Page[ThreadItem]:
    """Load a page of a thread's items, full even where hidden ones lie between them.

    Raises `NotFoundError`, and `UnknownCursorError` when `after` is no item of the thread.
    """
    limit = clamp_limit(limit)
    found: list[ThreadItem] = []
    while True:
        page = await threads.load_thread_items(
            thread_id, after, min(limit + _SPARE, MAX_PAGE), order, context=context
        )
        found += [item for item in page.data if is_visible(item)]
        after = page.after
        if len(found) > limit or after is None:
            break
    has_more = len(found) > limit
    shown = found[:limit]
    return Page(data=shown, has_more=has_more, after=shown[-1].id if has_more else None)
