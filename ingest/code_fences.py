"""Where code blocks between fences begin and end, for what goes through Markdown by lines."""

import re

_FENCE = re.compile(r"\s*(?P<mark>`{3,}(?!.*`)|~{3,})(?P<info>.*)")


def open_fence(text: str, fence: str = "") -> str:
    """Return the fence that is open behind a text; "" for none, before it as well.

    By CommonMark's rule: one with words behind it ends no block.
    """
    if "```" not in text and "~~~" not in text:
        return fence
    for line in text.split("\n"):
        found = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if found and not fence:
            fence = found["mark"]
        elif found and found["mark"].startswith(fence) and not found["info"].strip():
            fence = ""
    return fence
