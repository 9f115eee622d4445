"""Built pages have the anchors that they have: a heading without an id has none."""

from ingest.anchors import AS_SHOWN


class NoSlugger:
    """Makes up no anchor."""

    rules = AS_SHOWN

    def reserve(self, anchor: str) -> None:
        """Leave the id to its heading."""

    def anchor(self, text: str) -> str:
        """Return no anchor."""
        return ""
