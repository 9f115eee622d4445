"""Anchors as nbsphinx gives them to the sections of notebooks: as Jupyter does, not as Sphinx."""

from ingest.anchors.docutils import DocutilsSlugger


class NbsphinxSlugger(DocutilsSlugger):
    """Keeps a title, with hyphens for spaces; a second one of that name has docutils' id."""

    def __init__(self) -> None:
        super().__init__()
        self._linked: set[str] = set()

    def anchor(self, text: str) -> str:
        """Return the anchor of a title's plain text."""
        counted = super().anchor(text)
        link = text.replace(" ", "-").replace('"', "%22")
        if link in self._linked:
            return counted
        self._linked.add(link)
        return link
