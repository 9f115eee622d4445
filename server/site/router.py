"""The site's routes: pages of the index as HTML, the style sheet and the widget's script."""

from hashlib import sha256
from importlib.resources import files
from typing import Any

import anyio
from fastapi import APIRouter, Request, Response
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from server.site.rendering import has_title, render_page
from server.site.sitemap import Entry, SiteMap
from server.widget.bundle import widget_script
from store.ports import PassageIndex
from store.records import Page

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

_ASSET_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Other sites load the widget's script from here.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300, stale-while-revalidate=86400",
}
_TOC_LEVELS = (2, 3)
_READ = ["GET", "HEAD"]


class _Site:
    """Renders pages, and keeps the map of the generation that it saw last."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("server.site"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._map: tuple[int, SiteMap] | None = None

    async def map(self, index: PassageIndex) -> SiteMap:
        generation = index.manifest.generation
        if self._map is None or self._map[0] != generation:
            self._map = (generation, SiteMap(await index.pages()))
        return self._map[1]

    async def page(self, request: Request, sitemap: SiteMap, entry: Entry) -> Response:
        page = await _index(request).page(entry.path)
        if page is None:
            return self.missing(request, sitemap)
        html = await anyio.to_thread.run_sync(self._page_html, page, sitemap)
        return _respond(request, html, "text/html", PAGE_HEADERS)

    def listing(self, request: Request, sitemap: SiteMap) -> Response:
        return _respond(
            request, self._render("listing.html", sitemap=sitemap), "text/html", PAGE_HEADERS
        )

    def missing(self, request: Request, sitemap: SiteMap) -> Response:
        html = self._render("missing.html", sitemap=sitemap)
        return Response(html, status_code=404, headers=PAGE_HEADERS, media_type="text/html")

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


def site_router() -> APIRouter:
    """Build the routes `/`, `/docs/…`, `/site.css`, `/icon.svg` and `/widget.js`.

    Pages are read from `request.app.state.resources.index` at each request, so that a newly
    published generation shows without a restart.
    """
    router = APIRouter(include_in_schema=False)
    site = _Site()
    static = files("server.site").joinpath("static")
    stylesheet = static.joinpath("site.css").read_text("utf-8")
    icon = static.joinpath("icon.svg").read_text("utf-8")
    script = widget_script()

    @router.api_route("/", methods=_READ)
    async def start(request: Request) -> Response:
        sitemap = await site.map(_index(request))
        if sitemap.start is None:
            return site.listing(request, sitemap)
        return await site.page(request, sitemap, sitemap.start)

    @router.api_route("/docs", methods=_READ)
    @router.api_route("/docs/{path:path}", methods=_READ)
    async def docs(request: Request, path: str = "") -> Response:
        sitemap = await site.map(_index(request))
        entry = sitemap.requested(path)
        if entry is not None:
            return await site.page(request, sitemap, entry)
        if not path:
            return site.listing(request, sitemap)
        return site.missing(request, sitemap)

    @router.api_route("/site.css", methods=_READ)
    async def site_css(request: Request) -> Response:
        return _respond(request, stylesheet, "text/css", _ASSET_HEADERS)

    @router.api_route("/icon.svg", methods=_READ)
    async def icon_svg(request: Request) -> Response:
        return _respond(request, icon, "image/svg+xml", _ASSET_HEADERS)

    @router.api_route("/widget.js", methods=_READ)
    async def widget_js(request: Request) -> Response:
        return _respond(request, script, "text/javascript", _ASSET_HEADERS)

    return router


def _index(request: Request) -> PassageIndex:
    index: PassageIndex = request.app.state.resources.index
    return index


def _respond(request: Request, text: str, media_type: str, headers: dict[str, str]) -> Response:
    """Answer with the text, or with 304 when the browser has it already."""
    body = text.encode()
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {**headers, "ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
