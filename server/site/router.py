"""The site's routes: pages of the index as HTML, the style sheet and the widget's script."""

import logging
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.resources import files
from typing import Any

import anyio
from fastapi import APIRouter, Request, Response
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from server.search.visible_index import VisibleIndex
from server.site.assets import Asset, etag_of, is_known
from server.site.rendering import has_title, render_page
from server.site.sitemap import SiteMap
from server.widget.bundle import widget_script
from store.errors import IndexUnavailableError
from store.ports import PassageIndex
from store.records import Page, Scope

logger = logging.getLogger(__name__)

PAGE_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' http: https:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "no-cache",
}
"""Headers of every HTML page: nothing inline runs, nothing frames it."""

ScopeOf = Callable[[Request], Awaitable[Scope]]
"""Tells which part of the docs the sender of a request may read."""

_EVERYONE = Scope()
_TOC_LEVELS = (2, 3)
_READ = ["GET", "HEAD"]


class _Site:
    """Renders pages, and keeps the map of the generation that it saw last."""

    def __init__(self, scope_of: ScopeOf) -> None:
        self._scope_of = scope_of
        self._templates = Environment(
            loader=PackageLoader("server.site"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._map: tuple[int, SiteMap] | None = None

    async def answer(self, request: Request, *, path: str) -> Response:
        """Answer a request for `/docs/{path}`; the empty path is the start page's."""
        whole: PassageIndex = request.app.state.resources.index
        reader = _EVERYONE if not whole.manifest.restricted else await self._scope_of(request)
        index = VisibleIndex(whole, reader)
        try:
            sitemap = await self._current_map(index, reader)
            entry = sitemap.requested(path) or (sitemap.start if not path else None)
            page = await index.page(entry.path) if entry else None
        except IndexUnavailableError:
            logger.exception("The docs can't be shown.")
            return self._failed("unavailable.html", SiteMap([]), status=503)
        if page is not None:
            html = await anyio.to_thread.run_sync(self._page_html, page, sitemap)
            return _respond(request, html, reader)
        if path or entry:
            return self._failed("missing.html", sitemap, status=404)
        return _respond(request, self._render("listing.html", sitemap=sitemap), reader)

    async def _current_map(self, index: PassageIndex, reader: Scope) -> SiteMap:
        if reader != _EVERYONE:
            return SiteMap(await index.pages())
        generation = index.manifest.generation
        if self._map is None or self._map[0] != generation:
            self._map = (generation, SiteMap(await index.pages()))
        return self._map[1]

    def _failed(self, template: str, sitemap: SiteMap, *, status: int) -> Response:
        html = self._render(template, sitemap=sitemap)
        return Response(html, status_code=status, headers=PAGE_HEADERS, media_type="text/html")

    def _page_html(self, page: Page, sitemap: SiteMap) -> str:
        def resolve(path: str) -> str | None:
            entry = sitemap.linked(path, source=page.path)
            return entry.address if entry else None

        previous, following = sitemap.neighbours(page.path)
        return self._render(
            "page.html",
            sitemap=sitemap,
            page=page,
            entry=sitemap.entry(page.path),
            content=Markup(render_page(page, resolve)),  # noqa: S704 - made from escaped parts
            needs_title=not has_title(page),
            contents=[section for section in page.sections if section.level in _TOC_LEVELS],
            previous=previous,
            following=following,
        )

    def _render(self, template: str, *, sitemap: SiteMap, **values: Any) -> str:
        name = sitemap.start.title if sitemap.start else "Documentation"
        return self._templates.get_template(template).render(
            site_name=name, sitemap=sitemap, **values
        )


async def _everyone(_request: Request) -> Scope:
    return _EVERYONE


def site_router(scope_of: ScopeOf = _everyone) -> APIRouter:
    """Build the routes `/`, `/docs/…`, `/site.css`, `/icon.svg` and `/widget.js`.

    Pages are read from `request.app.state.resources.index` at each request, so that a newly
    published generation shows without a restart. `scope_of` tells what the sender of a request may
    read; it is asked when there are pages that not everyone may.
    """
    router = APIRouter(include_in_schema=False)
    site = _Site(scope_of)

    @router.api_route("/", methods=_READ)
    async def start(request: Request) -> Response:
        return await site.answer(request, path="")

    @router.api_route("/docs", methods=_READ)
    @router.api_route("/docs/{path:path}", methods=_READ)
    async def docs(request: Request, path: str = "") -> Response:
        return await site.answer(request, path=path)

    for path, asset in _assets().items():
        router.add_api_route(path, asset.respond, methods=_READ)
    return router


@cache
def _assets() -> dict[str, Asset]:
    static = files("server.site").joinpath("static")
    return {
        "/site.css": Asset.of(static.joinpath("site.css").read_text("utf-8"), "text/css"),
        "/icon.svg": Asset.of(static.joinpath("icon.svg").read_text("utf-8"), "image/svg+xml"),
        "/widget.js": Asset.of(widget_script(), "text/javascript"),
    }


def _respond(request: Request, html: str, reader: Scope) -> Response:
    """Answer with the page, or with 304 when the browser has it already."""
    body = html.encode()
    headers = {**PAGE_HEADERS, "ETag": etag_of(body)}
    if reader != _EVERYONE:
        # What one reader is shown is nothing for a cache that others share.
        headers["Cache-Control"] = "private, no-cache"
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="text/html")
