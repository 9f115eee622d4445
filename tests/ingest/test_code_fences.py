"""Fences of code blocks, as CommonMark opens and closes them."""

import pytest

from ingest.code_fences import open_fence


@pytest.mark.parametrize(
    ("text", "before", "behind"),
    [
        ("text", "", ""),
        ("text", "```", "```"),
        ("```python", "", "```"),
        ("  ~~~~", "", "~~~~"),
        ("```\ncode\n```", "", ""),
        ("```\n```python\ncode", "", "```"),
        ("````\n```\ncode", "", "````"),
        ("```\n~~~\ncode", "", "```"),
        ("`````", "```", ""),
        ("``` `code` ```", "", ""),
        ("``", "", ""),
    ],
)
def test_the_fence_behind_a_text(text: str, before: str, behind: str) -> None:
    assert open_fence(text, before) == behind
