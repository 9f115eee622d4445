"""The image that a Card shows of a cited section."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from store.records import Passage

_MARKDOWN = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class SectionImage:
    """An image by its address, and what it shows in words."""

    src: str
    alt: str


def section_image(passage: Passage, *, hosts: Collection[str]) -> SectionImage | None:
    """Return the first image of a passage that comes from its page's own site or one of `hosts`.

    An address relative to the page is left out: sites move such files when they are built.
    """
    if "![" not in passage.text:
        return None
    own = urlsplit(passage.url).netloc.lower()
    for token in _images(_MARKDOWN.parse(passage.text)):
        src = str(token.attrs.get("src", ""))
        if not src.startswith(("https://", "http://", "/")):
            continue
        parts = urlsplit(urljoin(passage.url, src))
        host = parts.netloc.lower()
        if parts.scheme in {"http", "https"} and host and host in {own, *hosts}:
            return SectionImage(parts.geturl(), token.content)
    return None


def _images(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "image":
            yield token
        yield from _images(token.children or ())
