"""Token counts of texts that are put together, in cl100k_base."""

import re
from functools import lru_cache

from store.embedders.cl100k import count_cl100k_tokens

# A text's last run of punctuation with the space in front of it, which the encoding takes together
# with the ends of lines that follow.
_LAST_RUN = re.compile(r" ?[!-/:-@\[-`{-~]+\Z")


def tokens_with_break(text: str, tokens: int, line_break: str) -> int | None:
    """Return the tokens of a text of `tokens` and a line break behind it, without another count.

    What is put behind these has the tokens that it has alone. None when it isn't that simple: a
    text that ends in white space, or in other punctuation than ASCII's.
    """
    last = text[-1:]
    if not last.isascii() or last.isspace():
        return None
    if last.isalnum():
        return tokens + 1
    found = _LAST_RUN.search(text, max(0, len(text) - _LONGEST_RUN))
    if found is None or found.start() == len(text) - _LONGEST_RUN:
        return None
    before = text[found.start() - 1 : found.start()]
    if before and not before.isascii():
        return None
    run = found[0]
    return tokens - _count_run(run) + _count_run(run + line_break)


# Longer runs, such as rules, are few.
_LONGEST_RUN = 20


@lru_cache(10_000)
def _count_run(run: str) -> int:
    return count_cl100k_tokens(run)
