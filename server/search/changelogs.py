"""Pages that tell what each release changed, and questions that are about that.

A changelog mentions every feature in a line, so it matches every question a little, and explains
nothing.
"""

import re
from functools import lru_cache

_CHANGELOG = re.compile(
    r"change[-_ ]?logs?|changes|releases?|release[-_ ]notes?|what[’']?s[-_ ]?new", re.IGNORECASE
)
_ABOUT_CHANGES = re.compile(
    r"\b(?:chang(?:e|es|ed|elog)|new|news|releas(?:e|es|ed)|versions?|deprecat\w+|since|remov(?:al|ed)"
    r"|upgrad\w+|migrat\w+|\d+\.\d+)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)
def is_changelog(path: str, title: str) -> bool:
    """Tell whether a page is a changelog by the names of its folders, its file or its title."""
    names = [part.partition(".")[0] for part in path.split("/")]
    return any(_CHANGELOG.fullmatch(name.strip()) for name in (*names, title))


def is_about_changes(question: str) -> bool:
    """Tell whether a question may be answered by a changelog."""
    return _ABOUT_CHANGES.search(question) is not None
