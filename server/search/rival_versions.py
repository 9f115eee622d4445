"""Several versions of the docs that answer a question equally well, and versions that texts name.

A version may as well be a product or an edition: whatever the docs are kept in side by side.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from server.search.near_duplicates import release_order
from store.records import ScoredPassage

# In versions of one page that differ, the same section scores .92 to .97 of the best one; where
# one version alone answers, the next one's best stays below .6.
_EQUALLY_GOOD = 0.9
_MOST = 6


def rival_versions(found: Sequence[ScoredPassage]) -> tuple[str, ...]:
    """Return the versions that a search's best results are spread over, the newest first.

    There are none when one version answers best, or a page that is of all versions does. What is
    the same in all of them is no matter either: a search hands over one copy of it.
    """
    if not found or not found[0].passage.version:
        return ()
    enough = found[0].score * _EQUALLY_GOOD
    rivals = {scored.passage.version for scored in found if scored.score >= enough} - {""}
    if len(rivals) < 2:
        return ()
    return tuple(sorted(rivals, key=release_order, reverse=True)[:_MOST])


def named_versions(text: str, versions: Iterable[str]) -> frozenset[str]:
    """Return those of the versions that a text names: `2.x` by “2.x”, “2.4”, “v2”, “version 2”."""
    lowered = text.lower()
    return frozenset(version for version in versions if _naming(version).search(lowered))


@lru_cache(maxsize=1_000)
def _naming(version: str) -> re.Pattern[str]:
    label = version.lower().removeprefix("v")
    if not label[:1].isdigit():
        return re.compile(rf"(?<!\w){re.escape(version.lower())}(?!\w)")
    parts = label.split(".")
    whole = r"\.".join(r"(?:x|\d+)" if part == "x" else re.escape(part) for part in parts)
    marked = rf"(?:v|version\s+|release\s+)(?:{whole}|{re.escape(parts[0])})"
    # A whole number alone may count anything.
    either = rf"{marked}|{whole}" if len(parts) > 1 else marked
    return re.compile(rf"(?<![\w.])(?:{either})(?!\w|\.\w)")
