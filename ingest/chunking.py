"""Sections become passages under a token budget."""

import uuid
from collections import Counter
from collections.abc import Callable
from hashlib import sha1

from ingest.budget import Budget, Measure
from ingest.document import Document, SectionContent
from ingest.indexed_text import INDEXED_TEXT, code_languages
from ingest.packing import Piece, join, pack, written_tokens
from ingest.pieces import cut_blocks, in_one_piece
from ingest.urls import anchored
from store.records import Passage

_NAMESPACE = uuid.UUID("6f0f3c1e-6a5d-5d0b-9a53-1f2f6b6f9c11").bytes
# The first digit of a UUID's fourth part, by the two bits of it that are free.
_VARIANTS = "89ab"


class Chunker:
    """Makes passages that suit one embedder: `max_tokens` and `count` are the embedder's."""

    def __init__(self, *, max_tokens: int, count: Callable[[str], int]) -> None:
        self._measure = Measure(max_tokens=max_tokens, count=count)

    def passages(
        self, path: str, url: str, document: Document, *, version: str = "", locale: str = ""
    ) -> list[Passage]:
        """Return a page's passages in reading order; none spans two sections."""
        seen: Counter[tuple[str, ...]] = Counter()
        passages: list[Passage] = []
        for content in document.sections:
            section = content.section
            place = anchored(url, section.anchor)
            for pieces in self._group(content):
                text = join(pieces)
                identity = (path, section.anchor, *section.heading_path, INDEXED_TEXT, text)
                seen[identity] += 1
                passages.append(
                    Passage(
                        id=_passage_id(identity, seen[identity]),
                        path=path,
                        title=document.title,
                        heading_path=section.heading_path,
                        anchor=section.anchor,
                        url=place,
                        text=text,
                        position=len(passages),
                        start_line=pieces[0].start_line,
                        end_line=pieces[-1].end_line,
                        tokens=written_tokens(pieces, text),
                        version=version,
                        locale=locale,
                        code_languages=code_languages(text),
                        audience=document.audience,
                    )
                )
        return passages

    def _group(self, content: SectionContent) -> list[list[Piece]]:
        budget = Budget(content.section.heading_path, self._measure)
        whole = in_one_piece(content.blocks, budget)
        return [[whole]] if whole else pack(cut_blocks(content.blocks, budget), budget)


def _passage_id(identity: tuple[str, ...], occurrence: int) -> str:
    """Name a passage so that the same id means the same vector and the same words."""
    name = "\0".join([*identity, str(occurrence)])
    # As `uuid5` does, which takes three times as long.
    digest = sha1(_NAMESPACE + name.encode(), usedforsecurity=False).hexdigest()
    variant = _VARIANTS[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
