"""HTML of built sites: the main content becomes Markdown, headings keep the ids they have."""

import re
from dataclasses import replace
from itertools import accumulate
from types import MappingProxyType

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.anchors import Slugger
from ingest.audience import audience_of
from ingest.document import Document, Notice
from ingest.readers import markdown_writer as markdown
from ingest.readers.html_writer import HtmlWriter
from ingest.readers.markdown import read_markdown
from store.records import EVERYONE, NOBODY

# Where generators put a page's own content, the surest first.
_MAIN = (
    "article .theme-doc-markdown",
    "article.md-content__inner",
    "[itemprop=articleBody]",
    "main article",
    "div.body[role=main]",
    "[role=main]",
    "div.body",
    "main",
    "article",
    # AsciiDoc: the title, and what a manual page is called, stand in front of the content.
    "body:has(> #header + #content)",
    "#main-content",
    "#content",
    "body",
)
_TOO_DEEP = "nested too deeply; read as plain text"
# A browser's own limit is 512; beyond some thousands, to look for an element takes minutes.
_DEEPEST = 1_000
# What is opened and closed, but for elements whose end may be left out.
_TAGS = re.compile(
    r"<(/?)(?!(?:area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|source|td|th|tr"
    r"|track|wbr)\b)[a-zA-Z]",
    re.IGNORECASE,
)
_STEP = MappingProxyType({"": 1, "/": -1})
_AUDIENCE = re.compile(r"<meta\b[^<>]*\bname=[\"']?(?:audience|roles|tenants?)\b", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_CONTENTS = ", ".join((".toc", "#toc", ".contents.topic", ".toctree-wrapper"))
# All tabs but the first are hidden until they are chosen.
_HIDDEN = "[hidden]:not([role=tabpanel])"
_NOT_CONTENT = ", ".join(
    (
        *("script", "style", "template", "noscript", "svg", "button", "form", "nav", "footer"),
        *("[role=navigation]", "[aria-hidden=true]", _HIDDEN, ".sr-only", ".visually-hidden"),
        # Links to the heading that they stand in.
        *(".headerlink", ".hash-link", ".header-anchor", ".sl-anchor-link", ".anchorjs-link"),
        *("a.anchor", ".permalink"),
        *(_CONTENTS, ".sphinxsidebar", ".related", ".pagination-nav", ".breadcrumbs"),
        *(".md-content__button", ".navheader", ".navfooter", ".theme-doc-footer"),
        *(".theme-doc-toc-mobile", ".wy-breadcrumbs", ".rst-footer-buttons", ".edit-this-page"),
        *(".copybtn", ".linenos", ".linenodiv", ".lineno", ".gutter"),
        *("[class^=language-] > .lang", ".viewcode-link", ".toc-backref .section-number"),
        # Rust that mdBook hides until it is asked for is there to make an example run.
        *("#header .details", ".boring"),
        # Doxygen's, of which what lies around the content is no element of its own.
        *("#titlearea", "#main-nav", "#nav-path", ".navpath", ".header .summary", ".ttc"),
        *("address.footer", "#footer", "#footer-text"),
    )
)


def read_html(path: str, source: str, slugger: Slugger) -> Document:
    """Read a page of a built site.

    Its text, and with it the line numbers, are those of the Markdown that it becomes. The ids are
    the page's; `slugger` is for headings that have none.
    """
    if max(accumulate(map(_STEP.__getitem__, _TAGS.findall(source))), default=0) > _DEEPEST:
        text = markdown.paragraph(markdown.escaped(_ANY_TAG.sub(" ", source)))
        return replace(
            read_markdown(path, f"{text}\n", slugger),
            notices=(Notice(path, 1, _TOO_DEEP),),
            # Whom it names isn't read, so nobody is shown it.
            audience=NOBODY if _AUDIENCE.search(source) else EVERYONE,
        )
    tree = LexborHTMLParser(source)
    main = next((found for css in _MAIN if (found := tree.css_first(css)) is not None), None)
    if main is None:
        return read_markdown(path, "", slugger)
    lists_pages = main.css_first(_CONTENTS) is not None
    _label_tabs(main)
    _label_material_tabs(main)
    _keep_ids(main)
    for node in main.css(_NOT_CONTENT):
        node.decompose()
    notices: tuple[Notice, ...] = ()
    try:
        text = HtmlWriter().write(main)
    except RecursionError:
        text = markdown.paragraph(markdown.escaped(main.text()))
        notices = (Notice(path, 1, _TOO_DEEP),)
    document = read_markdown(path, f"{text}\n", slugger, title=_title(tree, main))
    return replace(
        document,
        notices=(*notices, *document.notices),
        audience=audience_of(_metadata(tree)),
        lists_pages=lists_pages,
    )


def _label_tabs(main: LexborNode) -> None:
    """Write on each tab what its button is called, which is left out with all buttons."""
    labels = {tab.id: tab.text() for tab in main.css("[role=tab]")}
    for panel in main.css("[role=tabpanel][aria-labelledby]"):
        if label := labels.get(panel.attributes["aria-labelledby"]):
            panel.attrs["aria-label"] = label


def _label_material_tabs(main: LexborNode) -> None:
    """Put what the tabs of Material are called, which stands in front of all, on each."""
    for tabs in main.css(".tabbed-set"):
        parts = {child.attributes.get("class") or "": child for child in tabs.iter()}
        labels, content = parts.get("tabbed-labels"), parts.get("tabbed-content")
        if labels is None or content is None:
            continue
        for label, panel in zip(labels.iter(), content.iter(), strict=False):
            panel.attrs["role"] = "tabpanel"
            panel.attrs["aria-label"] = " ".join(label.text().split())
        labels.decompose()


def _keep_ids(main: LexborNode) -> None:
    """Give headings the ids of the links within, as GitHub and Doxygen write them."""
    for link in main.css("h1 a.anchor, h2 a.anchor, h3 a.anchor, h4 a.anchor, h5 a.anchor"):
        heading = link.parent
        if link.id and heading is not None and not heading.id:
            heading.attrs["id"] = link.id


def _title(tree: LexborHTMLParser, main: LexborNode) -> str:
    """Return the page's own title: generators put the site's name behind it, or in front."""
    head = tree.css_first("title")
    whole = " ".join(head.text().split()) if head is not None else ""
    heading = main.css_first("h1, h2")
    first = " ".join(heading.text().split()) if heading is not None else ""
    if first and first in whole:
        return first
    return whole.partition(" — ")[0].partition(" | ")[0].strip()


def _metadata(tree: LexborHTMLParser) -> dict[str, object]:
    return {
        (meta.attributes.get("name") or "").lower(): meta.attributes.get("content") or ""
        for meta in tree.css("meta[name]")
    }
