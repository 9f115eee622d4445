"""The form that pages and passages have inside a vector engine, the same in each of them.

A generation holds points of two kinds. A passage has both vectors, a page has none: so no vector
search can find a page, and the pages double as the ledger of what was ingested.
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from store.records import Audience, Page, Passage, Scope, Section

DENSE: Final = "dense"
"""Name of the embedder's vector; its length is 1, so the dot product is the cosine."""

LEXICAL: Final = "bm25"
"""Name of the sparse vector with BM25's term weights, to be used with the engine's IDF."""

PAGE: Final = "page"
PASSAGE: Final = "passage"

AUDIENCE_FIELDS: Final = ("roles", "tenants")
"""Payload fields that tell who may read a page or passage; empty for everyone."""

LEDGER_FIELDS: Final = ("path", "content_hash")
"""Payload fields of a page that tell whether its file has changed."""

INDEXED_FIELDS: Final = ("kind", "path", "anchor", "version", "locale", *AUDIENCE_FIELDS)
"""Payload fields that are filtered by, each a keyword."""

Payload = dict[str, Any]


def hashes_of(pages: Iterable[Payload]) -> dict[str, str]:
    """Return the content hash of each page by its path, in the order of paths."""
    return dict(sorted((page["path"], page["content_hash"]) for page in pages))


def page_point_id(path: str) -> str:
    """Return the id of a page's point, the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"page:{path}"))


def page_payload(page: Page) -> Payload:
    """Return the whole page as a payload."""
    return {
        "kind": PAGE,
        "path": page.path,
        "title": page.title,
        "url": page.url,
        "content_hash": page.content_hash,
        "version": page.version,
        "locale": page.locale,
        **_audience_fields(page.audience),
        "sections": [
            {
                "heading": section.heading,
                "level": section.level,
                "anchor": section.anchor,
                "line": section.line,
                "heading_path": list(section.heading_path),
            }
            for section in page.sections
        ],
        "text": page.text,
    }


def page_of(payload: Payload) -> Page:
    """Return the page of a payload, with an empty text when the text was not asked for."""
    return Page(
        path=payload["path"],
        title=payload["title"],
        url=payload["url"],
        content_hash=payload["content_hash"],
        sections=tuple(
            Section(
                heading=section["heading"],
                level=section["level"],
                anchor=section["anchor"],
                line=section["line"],
                heading_path=tuple(section["heading_path"]),
            )
            for section in payload["sections"]
        ),
        text=payload.get("text", ""),
        version=payload.get("version", ""),
        locale=payload.get("locale", ""),
        audience=_audience_of(payload),
    )


def passage_payload(passage: Passage) -> Payload:
    """Return the whole passage as a payload; its id is the point's."""
    return {
        "kind": PASSAGE,
        "path": passage.path,
        "title": passage.title,
        "heading_path": list(passage.heading_path),
        "anchor": passage.anchor,
        "url": passage.url,
        "text": passage.text,
        "position": passage.position,
        "start_line": passage.start_line,
        "end_line": passage.end_line,
        "tokens": passage.tokens,
        "version": passage.version,
        "locale": passage.locale,
        **_audience_fields(passage.audience),
        "code_languages": list(passage.code_languages),
    }


def passage_of(point_id: str, payload: Payload) -> Passage:
    """Return the passage of a point."""
    return Passage(
        id=point_id,
        path=payload["path"],
        title=payload["title"],
        heading_path=tuple(payload["heading_path"]),
        anchor=payload["anchor"],
        url=payload["url"],
        text=payload["text"],
        position=payload["position"],
        start_line=payload["start_line"],
        end_line=payload["end_line"],
        tokens=payload["tokens"],
        version=payload.get("version", ""),
        locale=payload.get("locale", ""),
        code_languages=tuple(payload.get("code_languages", ())),
        audience=_audience_of(payload),
    )


def audience_values(scope: Scope | None) -> dict[str, list[str]]:
    """Return the values of which a passage's field must have one, unless it has none at all.

    Without a scope, the reader is taken for someone without any role.
    """
    roles = scope.roles - {""} if scope else ()
    return {"roles": sorted(roles), "tenants": [scope.tenant] if scope and scope.tenant else []}


def scope_fields(scope: Scope | None) -> dict[str, list[str]]:
    """Return the values that a passage's fields may have; one of every version fits any."""
    if scope is None:
        return {}
    fields = {}
    if scope.version:
        fields["version"] = [scope.version, ""]
    if scope.locale:
        fields["locale"] = sorted(scope.locales)
    return fields


def _audience_fields(audience: Audience) -> Payload:
    return {"roles": list(audience.roles), "tenants": list(audience.tenants)}


def _audience_of(payload: Payload) -> Audience:
    return Audience(tuple(payload.get("roles", ())), tuple(payload.get("tenants", ())))
