"""The addresses that an answer may link to: those of the index, and of some hosts."""

import re
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from server.errors import RetrievalUnavailable
from server.search.retrieval import Retriever
from store.records import Page, Scope

_Readers = tuple[frozenset[str], str]
"""Roles and tenant: readers who have both in common read the same pages."""

_MOST_KNOWN = 100


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
    """Knows the addresses of the generation that is published, as far as each reader may."""

    def __init__(self, retriever: Retriever, hosts: Collection[str]) -> None:
        self._retriever = retriever
        self._hosts = frozenset(hosts)
        self._known: OrderedDict[_Readers, tuple[int, AllowedLinks]] = OrderedDict()

    def known(self, reader: Scope) -> AllowedLinks:
        """Return what was known to be linked when it was last asked for."""
        _, links = self._known.get(self._readers(reader), (0, AllowedLinks(hosts=self._hosts)))
        return links

    async def current(self, reader: Scope) -> AllowedLinks:
        """Return what may be linked now; what was known before when the engine fails."""
        readers = self._readers(reader)
        generation = self._retriever.manifest.generation
        if readers not in self._known or self._known[readers][0] != generation:
            try:
                pages = await self._retriever.visible_to(reader).pages()
            except RetrievalUnavailable:
                return self.known(reader)
            self._known[readers] = (generation, AllowedLinks.of_pages(pages, self._hosts))
        self._known.move_to_end(readers)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return self._known[readers][1]

    def _readers(self, reader: Scope) -> _Readers:
        # Where everyone may read everything, all readers are alike.
        restricted = self._retriever.manifest.restricted
        return (reader.roles, reader.tenant) if restricted else (frozenset(), "")
