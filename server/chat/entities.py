"""Pages that a reader can mention in a message: found by title, and read first."""

from collections.abc import Sequence
from typing import Any

from chatkit.types import ThreadItem, UserMessageItem, UserMessageTagContent

from server.agent.turn import Turn
from server.answer.evidence import render_evidence
from server.errors import RetrievalUnavailable
from server.search.visible_index import VisibleIndex
from store.errors import IndexUnavailableError
from store.ports import PassageIndex
from store.records import Page

_MOST_PAGES = 3
_PASSAGES_A_PAGE = 8


def find_pages(pages: Sequence[Page], query: str, *, limit: int) -> list[Page]:
    """Return pages whose title has a word that begins with each word of the query, best first."""
    words = query.casefold().split()
    found = []
    for page in pages:
        title = page.title.casefold()
        begins = all(any(part.startswith(word) for part in _words(title)) for word in words)
        if begins or " ".join(words) in title:
            found.append((not title.startswith(" ".join(words)), len(title), page.path, page))
    return [page for *_, page in sorted(found, key=lambda rank: rank[:3])[:limit]]


def entity(page: Page) -> dict[str, Any]:
    """Describe a page as ChatKit's composer wants it."""
    return {
        "id": page.path,
        "title": page.title,
        "icon": "document",
        "interactive": True,
        "data": {"path": page.path, "url": page.url},
    }


def mentioned_pages(items: Sequence[ThreadItem]) -> list[UserMessageTagContent]:
    """Return the tags of the last message, each page once."""
    last = next((item for item in reversed(items) if isinstance(item, UserMessageItem)), None)
    tags = {
        content.id: content
        for content in (last.content if last else [])
        if isinstance(content, UserMessageTagContent)
    }
    return list(tags.values())[:_MOST_PAGES]


async def read_mentioned(
    items: Sequence[ThreadItem], index: PassageIndex, turn: Turn
) -> dict[str, str]:
    """Hand the model the pages that the last message mentions; return their passages by tag id.

    A tag that is no page of the index, or none that the reader may read, brings nothing.
    Raises `RetrievalUnavailable`.
    """
    read: dict[str, str] = {}
    for tag in mentioned_pages(items):
        try:
            passages = await VisibleIndex(index, turn.scope).passages(tag.id)
        except IndexUnavailableError as error:
            raise RetrievalUnavailable(str(error)) from error
        if passages:
            read[tag.id] = render_evidence(turn.evidence.add(passages[:_PASSAGES_A_PAGE]))
    return read


def _words(title: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in title).split()
