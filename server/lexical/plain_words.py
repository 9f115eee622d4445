"""The words of a text as they are written, for counting and comparing many passages at once."""

import string

# Bytes are translated ten times as fast as characters, and regular expressions are slower still. No
# byte of another character in UTF-8 is one of these.
_PUNCTUATION = string.punctuation.replace("_", "").encode()
_BETWEEN_WORDS = bytes.maketrans(_PUNCTUATION, b" " * len(_PUNCTUATION))


def plain_words(text: str) -> list[str]:
    """Return what stands between spaces and ASCII punctuation, in order and with repeats."""
    return text.encode().translate(_BETWEEN_WORDS).decode().split()
