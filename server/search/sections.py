"""Whole sections within a token budget, made of the passages that a search found in them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from store.ports import PassageIndex
from store.records import Passage


async def whole_sections(
    index: PassageIndex, found: Sequence[Passage], *, budget_tokens: int
) -> list[Passage]:
    """Widen each found passage to its section, the first ones first, as far as the budget goes.

    Every found passage is seated before any is widened, so a long section doesn't push the others
    out; the first is seated even when it alone is over the budget. A section that doesn't fit is
    cut around its passage. The result keeps the found passage's id, position and link.
    """
    seated: list[Passage] = []
    left = budget_tokens
    for passage in found:
        if seated and passage.tokens > left:
            break
        seated.append(passage)
        left -= passage.tokens
    sections = await asyncio.gather(
        *(index.passages(passage.path, anchor=passage.anchor) for passage in seated)
    )
    widened: list[Passage] = []
    for passage, section in zip(seated, sections, strict=True):
        around = _around(passage, section, left)
        left -= sum(part.tokens for part in around) - passage.tokens
        widened.append(_joined(passage, around))
    return widened


def _around(passage: Passage, section: Sequence[Passage], room: int) -> list[Passage]:
    """Return the passage and the neighbours that fit into `room` further tokens, in order.

    Neighbours are taken outwards, what follows before what precedes: an explanation goes on.
    """
    places = [place for place, part in enumerate(section) if part.id == passage.id]
    if not places:
        return [passage]  # A newer generation has been published since the search.
    first = last = places[0]
    while True:
        if last + 1 < len(section) and section[last + 1].tokens <= room:
            last += 1
            room -= section[last].tokens
        elif first > 0 and section[first - 1].tokens <= room:
            first -= 1
            room -= section[first].tokens
        else:
            return list(section[first : last + 1])


def _joined(passage: Passage, parts: Sequence[Passage]) -> Passage:
    return replace(
        passage,
        text="\n\n".join(part.text for part in parts),
        start_line=parts[0].start_line,
        end_line=parts[-1].end_line,
        tokens=sum(part.tokens for part in parts),
    )
