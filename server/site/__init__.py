"""The docs as a site: pages rendered from the index, with the assistant beside them."""

from server.site.router import site_router

__all__ = ["site_router"]
