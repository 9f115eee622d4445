"""Citations become widgets. Built as plain data and checked against the SDK's widget types."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatkit.widgets import WidgetRoot
from pydantic import TypeAdapter

from server.snippets import snippet
from store.records import Passage

OPEN_SOURCE = "open_source"

_WIDGET: TypeAdapter[WidgetRoot] = TypeAdapter(WidgetRoot)


@dataclass(frozen=True, slots=True)
class Source:
    """A row of the Card: a passage, and its number in the text once the answer cites it."""

    passage: Passage
    marker: int | None = None


def sources_card(sources: Sequence[Source]) -> WidgetRoot:
    """Build the Card that lists where an answer comes from, one row a section."""
    return _WIDGET.validate_python(
        {
            "type": "Card",
            "size": "md",
            "padding": 3,
            "children": [
                {"type": "Caption", "value": "Sources", "weight": "semibold"},
                *(_row(source) for source in sources),
            ],
        }
    )


def sources_text(sources: Sequence[Source]) -> str:
    """List the sources as text, for the client's copy button."""
    return "\n".join(f"{source_title(source.passage)}: {source.passage.url}" for source in sources)


def source_title(passage: Passage) -> str:
    """Name the section as a reader would: its heading and, if that is another, its page."""
    if passage.heading == passage.title:
        return passage.title
    return f"{passage.heading} · {passage.title}"


def _row(source: Source) -> dict[str, object]:
    passage = source.passage
    badge = (
        []
        if source.marker is None
        else [{"type": "Badge", "label": str(source.marker), "size": "sm", "pill": True}]
    )
    return {
        "type": "Box",
        "key": passage.url,
        "direction": "col",
        "gap": 1,
        "children": [
            {
                "type": "Row",
                "gap": 2,
                "align": "center",
                "children": [
                    *badge,
                    {
                        "type": "Button",
                        "label": passage.heading,
                        "variant": "ghost",
                        "size": "sm",
                        "onClickAction": {
                            "type": OPEN_SOURCE,
                            "payload": {"url": passage.url},
                            "handler": "client",
                        },
                    },
                ],
            },
            {"type": "Caption", "value": " › ".join(passage.heading_path)},
            {
                "type": "Text",
                "value": snippet(passage.text),
                "size": "sm",
                "color": "secondary",
                "maxLines": 2,
            },
        ],
    }
