"""Fenced code in streamed Markdown, rewritten so that every reader of it agrees where code is.

What is code for the link filter and prose for the reader's browser would be a way around the
filter. So a fence is let through only where it surely begins one; a line that leaves the list or
quote that a fence is in gets the end of the fence in front of it; and whatever else looks like a
fence is escaped.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from markdown_it import MarkdownIt

from server.answer.markers import (
    BRACKETS,
    MAX_INFO_STRING,
    MORE,
    Fence,
    Marker,
    More,
    match_fence_opening,
    match_marker,
)

_PREFIX = re.compile(r"[ \t>*+\-.)0-9]*")
_LEAD = re.compile(r"[ \t>]*")
_REST = re.compile(r"[^\n]+")
_MARKERS = re.compile(r"[ \t]*[\[【［]\d[^\]】］\n]*[\]】］]")
_PARSER = MarkdownIt("commonmark")

Step = tuple[int, str]
"""Where a token ends, and what is shown for it."""


@dataclass(frozen=True, slots=True)
class _Open:
    """A fence that is open: its run, what is before it, and what each line in it begins with."""

    run: str
    prefix: str
    inside: re.Pattern[str]

    @property
    def end(self) -> str:
        """The line that ends it."""
        return f"{self.prefix}{self.run}"


class CodeBlocks:
    """Knows whether a position is in a fence."""

    def __init__(self, *, line_begins: bool = True) -> None:
        self._open: _Open | None = None
        self._line_begins = line_begins

    @property
    def within_prose(self) -> bool:
        """Whether the next character, unless it ends the line, is prose for certain."""
        return self._open is None and not self._line_begins

    def begin_line(self) -> None:
        """Go on as at the beginning of a line: the one before was left out."""
        self._line_begins = True

    def step(
        self, text: str, start: int, *, final: bool, shown: Callable[[], str]
    ) -> Step | More | None:
        """Take what is a line's end, or code, at `start`; None when it is prose.

        `shown` returns the text so far.
        """
        if text[start] == "\n":
            if self._line_begins and self._open is not None and ">" in self._open.prefix:
                # An empty line ends a quote, and with it the fence.
                closed, self._open = self._open.end, None
                return start, f"{closed}\n"
            self._line_begins = True
            return start + 1, "\n"
        if self._line_begins:
            step = (
                self._begin(text, start, final, shown)
                if self._open is None
                else self._step_at_line(self._open, text, start, final)
            )
            if step is not MORE and (step is None or step[0] > start):
                self._line_begins = step is not None and step[1].endswith("\n")
            return step
        return None if self._open is None else self._take_line(text, start)

    def _begin(
        self, text: str, start: int, final: bool, shown: Callable[[], str]
    ) -> Step | More | None:
        fence = match_fence_opening(text, start, final=final)
        if fence is MORE:
            return MORE
        if not isinstance(fence, Fence):
            return None
        written = text[start : fence.end]
        prefix = (_PREFIX.match(written) or [""])[0]
        run = fence.character * fence.length
        info = written[len(prefix) + len(run) :]
        # Some parsers see the head of a table sooner than a fence.
        sure = len(info) < MAX_INFO_STRING and "\t" not in prefix and "|" not in info
        if not sure or (prefix and not _begins_fence(shown(), written, prefix)):
            escaped = "".join(f"\\{character}" for character in run)
            return start + len(prefix) + len(run), f"{prefix}{escaped}"
        self._open = _Open(run, re.sub(r"[^> ]", " ", prefix), _inside(prefix))
        return fence.end, written

    def _step_at_line(self, fence: _Open, text: str, start: int, final: bool) -> Step | More:
        lead = (_LEAD.match(text, start) or [""])[0]
        if start + len(lead) == len(text) and not final:
            return MORE
        inside = fence.inside.match(text, start)
        at = start + len(lead) if inside is None else inside.end()
        closing = self._match_closing(fence, text, at, final)
        if closing is MORE:
            return MORE
        if closing is not None:
            self._open = None
            return closing
        blank = text[start + len(lead) : start + len(lead) + 1] in ("", "\n")
        if inside is None and not (blank and ">" not in fence.prefix):
            self._open = None
            return start, f"{fence.end}\n"
        return self._take_line(text, start)

    def _match_closing(
        self, fence: _Open, text: str, start: int, final: bool
    ) -> Step | More | None:
        character = re.escape(fence.run[0])
        match = re.compile(rf" {{0,3}}{character}{{{len(fence.run)},}}[ \t]*").match(text, start)
        if match is None:
            open_ended = re.compile(rf" {{0,3}}{character}*\Z").match(text, start)
            return MORE if open_ended and not final else None
        if match.end() == len(text):
            return (match.end(), fence.end) if final else MORE
        after = text[match.end()]
        if after == "\n":
            return match.end(), fence.end
        if after not in BRACKETS:
            return None
        # A citation behind the fence is taken out later: the fence is what the model meant.
        marker = match_marker(text, match.end(), final=final)
        if marker is MORE:
            return MORE
        return (match.end(), f"{fence.end}\n") if isinstance(marker, Marker) else None

    def _take_line(self, text: str, start: int) -> Step:
        line = _REST.match(text, start)
        end = line.end() if line else start + 1
        return end, text[start:end]


def _inside(prefix: str) -> re.Pattern[str]:
    """Return what a line begins with that is in the list or quote of a fence."""
    quotes = prefix.count(">")
    if not quotes:
        return re.compile(" " * len(prefix))
    indentation = max(len(prefix) - prefix.rfind(">") - 2, 0)
    return re.compile(r" {0,3}> ?" * quotes + " " * indentation)


def _begins_fence(before: str, line: str, prefix: str) -> bool:
    """Ask a parser whether a line begins a fence where it stands."""
    probe = re.sub(r"[^> ]", " ", prefix) + "x"
    # Citations are taken out later, and an item that held nothing else is then empty.
    tokens = _PARSER.parse(_MARKERS.sub("", f"{before}{line}") + f"\n{probe}")
    fences = [token for token in tokens if token.type == "fence"]
    return bool(fences) and fences[-1].content.strip() == "x"
