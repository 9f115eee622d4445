"""Passages that list what is to be read elsewhere: articles, talks, packages, other sites.

They name every subject of the docs in a line, and explain none of them.
"""

import re
from functools import lru_cache

_LINK = re.compile(r"\]\(https?://[^)]*\)")
_WORD = re.compile(r"\w+")
_MOST = 0.15


# A search asks this of eighty passages, many of which were found before.
@lru_cache(maxsize=4_096)
def link_share(text: str) -> float:
    """Return how many links to other sites there are for each word, 0.15 at most."""
    if "](http" not in text:
        return 0.0
    words, links = _LINK.subn("]", text)
    return min(_MOST, links / max(1, len(_WORD.findall(words)))) if links else 0.0
