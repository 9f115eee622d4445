"""Notices of a page that say the same of many things are told as one."""

from collections.abc import Iterable
from dataclasses import replace

from ingest.document import Notice

# What ends the notice of a reference that is made of the code.
MADE = "made when the site is built; left out"
_ONE = f" is {MADE}"


def gathered(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Return the notices; of references that are made of the code, the first speaks for all."""
    kept: list[Notice] = []
    first = -1
    count = 0
    for notice in notices:
        if notice.message.endswith(_ONE):
            count += 1
            if first >= 0:
                continue
            first = len(kept)
        kept.append(notice)
    if count > 1:
        subject = kept[first].message.removesuffix(_ONE)
        kept[first] = replace(kept[first], message=f"{subject} and {count - 1} more are {MADE}")
    return tuple(kept)
