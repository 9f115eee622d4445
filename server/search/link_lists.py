"""Passages that list what is to be read elsewhere: articles, talks, packages, other sites.

They name every subject of the docs in a line, and explain none of them.
"""

import re

_LINK = re.compile(r"\]\(https?://[^)]*\)")
_WORD = re.compile(r"\w+")
_MOST = 0.15


def link_share(text: str) -> float:
    """Return how many links to other sites there are for each word, 0.15 at most."""
    # Most passages have none, and a search asks this of eighty.
    if "](http" not in text:
        return 0.0
    words, links = _LINK.subn("]", text)
    return min(_MOST, links / max(1, len(_WORD.findall(words)))) if links else 0.0
