"""Walk through streamed Markdown line by line, and tell what is in a fenced code block."""

import re

from server.answer.markers import (
    MORE,
    NO,
    Fence,
    More,
    match_fence_closing,
    match_fence_opening,
)

_LINE = re.compile(r"[^\n]+")


class FenceWalker:
    """Knows where lines begin and which of them are code.

    A filter asks `step` at each position, before it looks for anything of its own. The text has
    been through `CodeBlocks`, so fences are where they seem to be.
    """

    def __init__(self) -> None:
        self.line_begins = True
        self._fence: Fence | None = None

    @property
    def inside(self) -> bool:
        """Whether the last step ended in a code block."""
        return self._fence is not None

    @property
    def within_prose(self) -> bool:
        """Whether the next character, unless it ends the line, is prose for certain."""
        return self._fence is None and not self.line_begins

    def step(self, text: str, start: int, *, final: bool) -> int | More | None:
        """Return the end of what is a line's end or code at `start`; None when it is prose.

        `MORE` says that it depends on text which has not arrived. In prose, `line_begins` is the
        filter's own to clear: some tokens leave a line at its beginning.
        """
        if text[start] == "\n":
            self.line_begins = True
            return start + 1
        if self._fence is None:
            return self._step_into(text, start, final) if self.line_begins else None
        return self._step_within(self._fence, text, start, final)

    def _step_into(self, text: str, start: int, final: bool) -> int | More | None:
        fence = match_fence_opening(text, start, final=final)
        if fence is MORE:
            return MORE
        if not isinstance(fence, Fence):
            return None
        self._fence = fence
        self.line_begins = False
        return fence.end

    def _step_within(self, fence: Fence, text: str, start: int, final: bool) -> int | More:
        if self.line_begins:
            end = match_fence_closing(text, start, fence, final=final)
            if end is MORE:
                return MORE
            self.line_begins = False
            if end is not NO:
                self._fence = None
                return end
        line = _LINE.match(text, start)
        return line.end() if line else start + 1
