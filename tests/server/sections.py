"""Passages of a small page, one a section."""

from store.records import Passage
from tests.contract.passages import make_passage


def section(heading: str) -> Passage:
    """Return the passage of the section that has this heading."""
    return make_passage(
        f"How to {heading.lower()}.",
        name="guide",
        headings=("Guide", heading),
        anchor=heading.lower(),
    )
