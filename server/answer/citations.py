"""Citation markers in the model's text become checked citations, while it streams.

The model writes `[n]` for the passage that it was handed as number n. Markers are taken out of
the text that is shown; what remains of them is a `Citation` with the position it belongs to.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from server.answer.evidence import Evidence
from server.answer.fences import FenceWalker
from server.answer.markers import (
    BRACKETS,
    MORE,
    NO,
    PARENTHESES,
    Marker,
    More,
    Undecided,
    count_run,
    match_code_span,
    match_marker,
)
from store.records import Passage

_PLAIN = re.compile(r"[^\s\[【［(（\]`\\,;，、]+|[^\S \t\u00a0\u202f\n]")
# Words that no marker follows: most of any answer.
_PROSE = re.compile(r"(?:[^\s\[【［(（\]`\\]+ +(?=[^\s\[【［(（]))+")
_SPACES = re.compile(r"[ \t\u00a0\u202f]+")
_SEPARATOR = re.compile(r"[,;，、][ \t]*")
_DESTINATION = re.compile(r"[^\s)]+")
_JOINING = frozenset(":/@_%&#~-`")
_OPENING = frozenset("\\<!")


@dataclass(frozen=True, slots=True)
class Citation:
    """An accepted citation at `index`, in code points of the text that is shown.

    Markers count from 1 by first use. Passages of one section share a marker, because a reader is
    led to the section; one index has a marker at most once.
    """

    marker: int
    passage: Passage
    index: int


Piece = str | Citation


class CitationFilter:
    """Splits streamed text into what is shown and what is cited.

    What comes out does not depend on how the text was cut into deltas. Held back are only a
    possible marker's beginning, spaces in front of it, a colon behind it, and a code span until it
    is closed.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.dropped = 0
        self.missing = False
        self._evidence = evidence
        self._citations: list[Citation] = []
        self._markers: dict[str, int] = {}
        self._shown = 0
        self._last_shown = ""
        self._held = ""
        self._pieces: list[Piece] = []

        self._fences = FenceWalker()
        self._only_indented = True
        self._in_destination = False
        self._after_marker = False
        self._previous = ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation so far, ordered by index."""
        return tuple(self._citations)

    def feed(self, delta: str) -> list[Piece]:
        """Take the next part of the model's text and return what is now decided."""
        self._held += delta
        return self._drain(final=False)

    def finish(self) -> list[Piece]:
        """Return what was held back; nothing can be fed afterwards."""
        return self._drain(final=True)

    def _drain(self, *, final: bool) -> list[Piece]:
        position = 0
        while position < len(self._held):
            end = self._step_over_prose(self._held, position) or self._step(
                self._held, position, final
            )
            if end is MORE:
                break
            self._previous = self._held[end - 1]
            position = end
        self._held = self._held[position:]
        pieces, self._pieces = self._pieces, []
        return pieces

    def _step_over_prose(self, text: str, start: int) -> int | None:
        """Take at once what `_step` would show as it is, a token at a time."""
        if (
            self._only_indented
            or self._in_destination
            or self._after_marker
            or not self._fences.within_prose
        ):
            return None
        prose = _PROSE.match(text, start)
        return self._show(text, start, prose.end()) if prose else None

    def _step(self, text: str, start: int, final: bool) -> int | More:
        """Consume one token at `start` and return its end."""
        end = self._fences.step(text, start, final=final)
        if end is MORE:
            return MORE
        if end is not None:
            if text[start] == "\n":
                self._only_indented = True
                self._in_destination = self._after_marker = False
            elif not self._fences.inside:
                self._only_indented = False
            return self._show(text, start, end)
        self._fences.line_begins = False
        if self._in_destination and (match := _DESTINATION.match(text, start)):
            return self._show(text, start, match.end())
        self._in_destination = False
        return self._step_in_prose(text, start, final)

    def _step_in_prose(self, text: str, start: int, final: bool) -> int | More:
        character = text[start]
        if spaces := _SPACES.match(text, start):
            return self._step_over_spaces(text, start, spaces.end(), final)
        if character in BRACKETS or character in PARENTHESES:
            marker = self._look_for_marker(text, start, final, self._previous)
            if marker is MORE:
                return MORE
            if isinstance(marker, Marker):
                return self._accept(marker)
        elif self._after_marker and (separator := _SEPARATOR.match(text, start)):
            # The comma of "[1], [2]" goes with its markers.
            marker = self._look_ahead(text, separator.end(), final)
            if marker is MORE:
                return MORE
            if isinstance(marker, Marker):
                return separator.end()

        if self._after_marker:
            if character == ":" and start + 1 == len(text) and not final:
                return MORE
            if self._glues(text, start):
                # What a marker was between must not become one word, or an address.
                self._show(" ", 0, 1)
        self._only_indented = self._after_marker = False
        if character == "`":
            end = match_code_span(text, start, final=final)
            if end is MORE:
                return MORE
            return self._show(text, start, start + count_run(text, start) if end is NO else end)
        if character == "\\":
            if start + 1 == len(text) and not final:
                return MORE
            escaped = text[start + 1 : start + 2]
            return self._show(text, start, start + (1 if escaped in ("", "\n") else 2))
        if character == "]":
            if start + 1 == len(text) and not final:
                return MORE
            self._in_destination = text.startswith("(", start + 1)
            return self._show(text, start, start + (2 if self._in_destination else 1))
        plain = _PLAIN.match(text, start)
        return self._show(text, start, plain.end() if plain else start + 1)

    def _step_over_spaces(self, text: str, start: int, end: int, final: bool) -> int | More:
        if self._only_indented:
            # Indentation stays; spaces behind a marker that begins a line go with it.
            return end if self._after_marker else self._show(text, start, end)
        marker = self._look_ahead(text, end, final)
        if marker is MORE:
            return MORE
        return end if isinstance(marker, Marker) else self._show(text, start, end)

    def _look_ahead(self, text: str, start: int, final: bool) -> Marker | Undecided:
        """Look for a marker behind spaces or a separator."""
        if start == len(text):
            return NO if final else MORE
        if text[start] not in BRACKETS and text[start] not in PARENTHESES:
            return NO
        return self._look_for_marker(text, start, final, text[start - 1])

    def _look_for_marker(
        self, text: str, start: int, final: bool, previous: str
    ) -> Marker | Undecided:
        return match_marker(
            text,
            start,
            final=final,
            previous=previous,
            line_start=self._only_indented and not self._after_marker,
        )

    def _glues(self, text: str, start: int) -> bool:
        before, character = self._last_shown, text[start]
        if not before or before.isspace():
            return False
        if character == ":" and before != "]" and (text[start + 1 : start + 2] or " ").isspace():
            return False  # It ends a phrase: neither an address nor a link's definition.
        return character.isalnum() or character in _JOINING or before in _OPENING

    def _accept(self, marker: Marker) -> int:
        self._after_marker = True
        for number in marker.numbers:
            passage = self._evidence.get(number)
            if number == 0:
                self.missing = True
            elif passage is None:
                self.dropped += 1
            else:
                self._cite(passage)
        return marker.end

    def _cite(self, passage: Passage) -> None:
        marker = self._markers.setdefault(passage.url, len(self._markers) + 1)
        citation = Citation(marker, passage, self._shown)
        here = (other.marker for other in self._citations if other.index == self._shown)
        if marker not in here:
            self._citations.append(citation)
            self._pieces.append(citation)

    def _show(self, text: str, start: int, end: int) -> int:
        shown = text[start:end]
        self._shown += len(shown)
        self._last_shown = shown[-1]
        if self._pieces and isinstance(last := self._pieces[-1], str):
            self._pieces[-1] = last + shown
        else:
            self._pieces.append(shown)
        return end


def marked_text(pieces: Iterable[Piece]) -> str:
    """Join pieces into one text with each citation's `[marker]` put back."""
    return "".join(piece if isinstance(piece, str) else f"[{piece.marker}]" for piece in pieces)
