"""Citations become widgets. Built as plain data and checked against the SDK's widget types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatkit.widgets import WidgetRoot
from pydantic import TypeAdapter

from server.answer.hidden_text import without_invisible_characters
from server.answer.images import SectionImage
from server.answer.snippets import snippet
from store.records import Passage

OPEN_SOURCE = "open_source"
MORE_SOURCES = "more_sources"
REPHRASE = "rephrase"

ACTIONS = "actions"
_LABELS = {MORE_SOURCES: "Show more sources", REPHRASE: "Not what I meant"}

_WIDGET: TypeAdapter[WidgetRoot] = TypeAdapter(WidgetRoot)


@dataclass(frozen=True, slots=True)
class Source:
    """A row of the Card: a passage, and its number in the text once the answer cites it.

    `about` is what was searched for; the row shows the part of the passage that is nearest to it,
    and `image` if there is one.
    """

    passage: Passage
    marker: int | None = None
    about: str = ""
    image: SectionImage | None = None


def sources_card(sources: Sequence[Source], *, actions: bool = False) -> WidgetRoot:
    """Build the Card that lists where an answer comes from, one row a section.

    With `actions`, the reader can ask for more sources, or say that something else was meant.
    """
    return widget_root(
        {
            "type": "Card",
            "size": "md",
            "padding": 3,
            "children": [
                {"type": "Caption", "value": "Sources", "weight": "semibold"},
                *(source_row(source) for source in sources),
                *([action_row(MORE_SOURCES, REPHRASE)] if actions else []),
            ],
        }
    )


def nearest_list(sources: Sequence[Source], *, support_url: str) -> WidgetRoot:
    """Build the list of an answer that the docs don't have: the nearest pages, and where to ask."""
    ask: dict[str, object] = {
        "type": "Button",
        "label": "Get help",
        "variant": "outline",
        "size": "sm",
        "onClickAction": {
            "type": OPEN_SOURCE,
            "payload": {"url": support_url},
            "handler": "client",
        },
    }
    return widget_root(
        {
            "type": "ListView",
            "status": {"text": "The nearest pages", "icon": "search"},
            "children": [
                *(_list_item(source.passage.url, source_row(source)) for source in sources),
                *([_list_item("support", ask)] if support_url else []),
            ],
        }
    )


def widget_root(written: Mapping[str, object]) -> WidgetRoot:
    """Read a widget from its plain data. Raises `pydantic.ValidationError`."""
    return _WIDGET.validate_python(written)


def sources_text(sources: Sequence[Source]) -> str:
    """List the sources as text, for the client's copy button."""
    return "\n".join(f"{source_title(source.passage)}: {source.passage.url}" for source in sources)


def source_title(passage: Passage) -> str:
    """Name the section as a reader would: its heading and, if that is another, its page."""
    if passage.heading == passage.title:
        return without_invisible_characters(passage.title)
    return without_invisible_characters(f"{passage.heading} · {passage.title}")


def source_path(passage: Passage) -> str:
    """Write out where the section is, from the page's title on."""
    return without_invisible_characters(" › ".join(passage.heading_path))


def action_row(*types: str) -> dict[str, object]:
    """Build the row of a Card's own actions, which the server changes the Card by."""
    return {
        "type": "Row",
        "key": ACTIONS,
        "gap": 2,
        "children": [
            {
                "type": "Button",
                "label": _LABELS[type_],
                "variant": "outline",
                "size": "sm",
                "onClickAction": {"type": type_, "loadingBehavior": "self", "streaming": False},
            }
            for type_ in types
        ],
    }


def source_row(source: Source) -> dict[str, object]:
    """Build the row of one source, keyed by its address."""
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
                        "label": without_invisible_characters(passage.heading),
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
            {"type": "Caption", "value": _place(passage)},
            {
                "type": "Text",
                "value": snippet(passage.text, about=source.about),
                "size": "sm",
                "color": "secondary",
                "maxLines": 2,
            },
            *([] if source.image is None else [_image(source.image)]),
        ],
    }


def _list_item(key: str, content: dict[str, object]) -> dict[str, object]:
    return {"type": "ListViewItem", "key": key, "children": [content]}


def _image(image: SectionImage) -> dict[str, object]:
    return {
        "type": "Image",
        "src": image.src,
        "alt": image.alt,
        "fit": "contain",
        "maxHeight": 160,
        "frame": True,
    }


def _place(passage: Passage) -> str:
    path = source_path(passage)
    return f"{path} ({passage.version})" if passage.version else path
