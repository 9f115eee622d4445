"""Frozen records that pass between the folders: what a page, section and passage are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read a page: readers with any of the roles who are of any of the tenants.

    Where none are named, none are asked for; so the empty audience is everyone.
    """

    roles: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()


EVERYONE = Audience()
NOBODY = Audience(roles=("",))


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a page and where it leads.

    `level` is 1 to 6, or 0 for the text in front of the first heading, whose `anchor` is "".
    `line` is the heading's 1-based line in the page's text. `heading_path` runs from the page's
    title to this heading.
    """

    heading: str
    level: int
    anchor: str
    line: int
    heading_path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A document of the docs folder, as ingested.

    `path` is relative to the folder, with forward slashes. `url` has no fragment. `content_hash`
    is the SHA-256 hex digest of the file's bytes and of what the page includes from other files.
    `text` is Markdown as written, its front matter replaced by blank lines so that line numbers
    agree with the file; of reStructuredText, HTML and notebooks it is the Markdown that they were
    converted to, whose lines are its own. `version` and
    `locale` are as the docs name them, "" where the docs have but one or the page is of all.
    `audience` is who may read it.
    """

    path: str
    title: str
    url: str
    content_hash: str
    sections: tuple[Section, ...]
    text: str
    version: str = ""
    locale: str = ""
    audience: Audience = EVERYONE


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is searched and cited: a part of one section.

    `id` is a UUID made from the path and the content, so it is the same in every run.
    `heading_path` runs from the page's title to the section's heading. `url` carries the anchor.
    `text` is as written, without the section's own heading. `position` counts a page's passages
    from 0; lines are 1-based and inclusive; `tokens` counts cl100k_base tokens of `text`;
    `version`, `locale` and `audience` are the page's. `code_languages` are those that its code
    blocks name, each once.
    """

    id: str
    path: str
    title: str
    heading_path: tuple[str, ...]
    anchor: str
    url: str
    text: str
    position: int
    start_line: int
    end_line: int
    tokens: int
    version: str = ""
    locale: str = ""
    code_languages: tuple[str, ...] = ()
    audience: Audience = EVERYONE

    @property
    def heading(self) -> str:
        """The heading of the section that the passage is from."""
        return self.heading_path[-1]


@dataclass(frozen=True, slots=True)
class TermWeights:
    """A text's BM25 terms: `values[i]` is the weight of the term whose hash is `indices[i]`."""

    indices: list[int]
    values: list[float]


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage on its way into an index.

    `vector` has the embedder's dimension, or is empty in a generation that is searched by its
    `terms` alone.
    """

    passage: Passage
    vector: list[float]
    terms: TermWeights


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the docs that a question is about; "" leaves a part open.

    `version` and `locale` are filters, which pages of all versions or locales pass; a locale such
    as `de-CH` takes in pages in `de`. Pages in the `source_locale`, which the others are translated
    from, pass as well. `page` is the path or the address of the page that the reader
    is on: it is preferred, and the others stay. `roles` and `tenant` are the reader's: pages of
    another audience are none of it, so that the empty scope holds what everyone may read.
    """

    version: str = ""
    locale: str = ""
    page: str = ""
    roles: frozenset[str] = frozenset()
    tenant: str = ""
    source_locale: str = ""

    @property
    def locales(self) -> frozenset[str]:
        """The locales that may be found, the most general one "" included."""
        return frozenset({self.locale, self.locale.partition("-")[0], self.source_locale, ""})

    def admits(self, audience: Audience) -> bool:
        """Tell whether the reader is one of an audience."""
        roles, tenants = audience.roles, audience.tenants
        return (not roles or any(role and role in self.roles for role in roles)) and (
            not tenants or (self.tenant != "" and self.tenant in tenants)
        )


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A search result; `score` is the fused score, comparable within one search only.

    `similarity` is the cosine of the question's vector and the passage's, comparable between
    questions to the same embedder; None when the search was by words alone.
    """

    passage: Passage
    score: float
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made with; checked whenever the index is opened.

    `embedder` names engine, model and revision; `created_at` is ISO 8601 in UTC. `lexical` is the
    version of BM25's terms, "" before they had one; `restricted` counts the pages that not everyone
    may read. These two and `generation` are set by the writer.
    `dense` tells whether the passages have vectors: without them the search is by words alone.
    `answer_threshold` is how good a search's evidence must be for an answer, where it was
    calibrated; `server.search.abstention` defines the scale.
    """

    generation: int
    embedder: str
    dimension: int
    chunker: str
    docs: str
    base_url: str
    pages: int
    passages: int
    created_at: str
    answer_threshold: float | None = None
    lexical: str = ""
    restricted: int = 0
    dense: bool = True


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a published index was made from: the content hash of each page, by its path."""

    manifest: Manifest
    hashes: dict[str, str]
