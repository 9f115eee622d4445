"""Find the page and the section that a model names, however it names them."""

from collections.abc import Sequence

from store.records import Page, Section


def find_page(pages: Sequence[Page], named: str) -> Page | None:
    """Return the page with this path, address (a fragment is ignored) or title."""
    wanted = named.strip().partition("#")[0].rstrip("/").casefold()
    if not wanted:
        return None
    for page in pages:
        if wanted in {page.path.casefold(), page.url.rstrip("/").casefold()}:
            return page
    titled = [page for page in pages if page.title.casefold() == wanted]
    return titled[0] if len(titled) == 1 else None


def find_section(page: Page, named: str) -> Section | None:
    """Return the section with this heading or anchor."""
    wanted = named.strip().lstrip("#").strip().casefold()
    for section in page.sections:
        if wanted and wanted in {section.heading.casefold(), section.anchor.casefold()}:
            return section
    return None
