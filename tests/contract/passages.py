"""Passages for tests that need some and not a whole index."""

from collections.abc import Sequence

from store.records import Passage


def make_passage(
    text: str = "Run it.", *, name: str = "a", headings: Sequence[str] = ("Page",), anchor: str = ""
) -> Passage:
    """Make a passage of the page `name`.md, under the heading path given, its title first."""
    url = f"/{name}#{anchor}" if anchor else f"/{name}"
    return Passage(
        id=f"{name}#{anchor}:{text}",
        path=f"{name}.md",
        title=headings[0],
        heading_path=tuple(headings),
        anchor=anchor,
        url=url,
        text=text,
        position=0,
        start_line=1,
        end_line=1,
        tokens=max(1, len(text) // 4),
    )
