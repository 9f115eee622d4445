"""Anchors as Docusaurus makes them: GitHub's rule, to which explicit ids are no duplicates."""

from ingest.anchors.counting import CountingSlugger
from ingest.anchors.github import github_slug


class DocusaurusSlugger(CountingSlugger):
    """Numbers duplicates among the headings without an id of their own alone."""

    def __init__(self) -> None:
        super().__init__(github_slug)

    def reserve(self, anchor: str) -> None:
        """Leave an explicit id to its heading: Docusaurus doesn't look at those it is given."""
