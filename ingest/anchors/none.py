"""Built pages have the anchors that they have: a heading without an id has none."""


class NoSlugger:
    """Makes up no anchor."""

    smart = False
    image_text = False
    bare_titles = False

    def reserve(self, anchor: str) -> None:
        """Leave the id to its heading."""

    def anchor(self, text: str) -> str:
        """Return no anchor."""
        return ""
