"""The addresses that an answer may link to: those of the index, and of some hosts."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from server.errors import RetrievalUnavailable
from server.search.retrieval import Retriever
from store.records import Page


@dataclass(frozen=True, slots=True)
class AllowedLinks:
    """Where a link of the model's may lead: to the index's pages and headings, and some hosts."""

    pages: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hosts: Collection[str] = ()

    @classmethod
    def of_pages(cls, pages: Sequence[Page], hosts: Collection[str] = ()) -> "AllowedLinks":
        """Allow the pages of an index with their anchors, and the hosts."""
        known = {page.url: frozenset(part.anchor for part in page.sections) for page in pages}
        return cls(known, hosts)

    def allows(self, url: str) -> bool:
        """Tell whether an address is known exactly, or its host is."""
        # Browsers read a backslash as a slash, and leave out tabs and line feeds.
        if "\\" in url or re.search(r"[\x00-\x20]", url):
            return False
        address, _, fragment = url.partition("#")
        anchors = self.pages.get(address)
        if anchors is not None:
            return not fragment or fragment in anchors
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return (
            parts.scheme in {"http", "https"} and "@" not in parts.netloc
        ) and parts.netloc.lower() in self.hosts


class SiteLinks:
    """Knows the addresses of the generation that is published."""

    def __init__(self, retriever: Retriever, hosts: Collection[str]) -> None:
        self._retriever = retriever
        self._hosts = frozenset(hosts)
        self._generation: int | None = None
        self.known = AllowedLinks(hosts=self._hosts)

    async def current(self) -> AllowedLinks:
        """Return what may be linked now; what was known before when the engine fails."""
        generation = self._retriever.manifest.generation
        if generation != self._generation:
            try:
                self.known = AllowedLinks.of_pages(await self._retriever.pages(), self._hosts)
            except RetrievalUnavailable:
                return self.known
            self._generation = generation
        return self.known
