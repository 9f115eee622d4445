"""Anchors as Docusaurus makes them: GitHub's rule, to which explicit ids are no duplicates."""

from ingest.anchors import HeadingRules
from ingest.anchors.counting import CountingSlugger
from ingest.anchors.github import github_slug


def docusaurus_slugger() -> CountingSlugger:
    """Return the rule of Docusaurus."""
    return CountingSlugger(github_slug, rules=HeadingRules(image_text=True, bare_titles=True))
