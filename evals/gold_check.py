"""Gold that the index doesn't have: a page or heading that was renamed, or is misspelled."""

from collections.abc import Iterable, Sequence

from evals.questions import Question
from store.records import Page

_SHOWN = 3


def lost_gold(
    questions: Iterable[Question], pages: Sequence[Page], *, path_prefix: str = ""
) -> list[str]:
    """Return each place that is gold of a question and that no search can find, in their order."""
    anchors = {
        path_prefix + page.path: {section.anchor for section in page.sections} for page in pages
    }
    lost = {
        f"{gold.path}#{gold.anchor}" if gold.anchor else gold.path: None
        for question in questions
        for gold in question.gold
        if gold.path not in anchors or (gold.anchor and gold.anchor not in anchors[gold.path])
    }
    return list(lost)


def describe_lost_gold(lost: Sequence[str]) -> str:
    """Say in a line that gold is not in the index."""
    named = ", ".join(lost[:_SHOWN]) + (", …" if len(lost) > _SHOWN else "")
    return (
        f"warning: {len(lost)} of the places named as gold are not in the index, so they count as "
        f"not found: {named}"
    )
