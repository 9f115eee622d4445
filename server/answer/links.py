"""Links and images in the model's text: only what the index knows, or an allowlist, is let through.

A page may talk the model into linking elsewhere, or into an image whose address carries what the
reader said. So an address that is not known loses its effect: a link keeps its text, an image its
description, a bare address is shown as code, an HTML tag as text. Code is left as it is.
"""

import re

from server.answer.fences import FenceWalker
from server.answer.markers import (
    MORE,
    NO,
    More,
    Undecided,
    count_run,
    match_code_span,
)
from server.answer.site_links import AllowedLinks

# What is no whole link within so many characters is made one that can't work.
_LONGEST = 2_000

_PLAIN = re.compile(r"[^\w`\\!\[<\n]+")
_WORD = re.compile(r"[A-Za-z0-9_.+%:/@-][^\s`<>\[\]\\()（）「」，。；：！？、]*|\w")
_BARE = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|www\.|(?:mailto|javascript|data|tel):(?=\S))\S+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_BARE_END = ".,;:!?'\"*_~"
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>@]+)>")
_AUTOLINK_BEGINNING = re.compile(r"<[^\s<>]*\Z")
_TAG_BEGINS = re.compile(r"<[A-Za-z/!?]")
_HARMLESS_TAG = re.compile(r"<(?:br ?/?|/?(?:kbd|sub|sup))>")
_HARMLESS_TAG_BEGINNING = re.compile(r"<(?:b|br ?/?|/?(?:k|kb|kbd|s|su|sub|sup)?)\Z")
_DESTINATION = re.compile(
    r"\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\((?:[^\s()]|\([^\s()]*\))*\))*))"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
)
_DEFINITION = re.compile(r":[ \t]*\n?[ \t]*\S+[^\n]*(?:\n|\Z)")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_NUMBERS = re.compile(r"[\d\s,;–-]+")


class LinkFilter:
    """Takes foreign links out of streamed Markdown; what comes out does not depend on the deltas.

    `removed` counts them. Held back are a word's end and what may become a link.
    """

    def __init__(self, allowed: AllowedLinks) -> None:
        self.removed = 0
        self._allowed = allowed
        self._held = ""
        self._out: list[str] = []
        self._fences = FenceWalker()

    def feed(self, delta: str) -> str:
        """Take the next part of the text and return what is now decided."""
        self._held += delta
        return self._drain(final=False)

    def finish(self) -> str:
        """Return what was held back."""
        return self._drain(final=True)

    def _drain(self, *, final: bool) -> str:
        position = 0
        while position < len(self._held):
            end = self._step(self._held, position, final)
            if end is MORE:
                break
            position = end
        self._held = self._held[position:]
        out, self._out = "".join(self._out), []
        return out

    def _step(self, text: str, start: int, final: bool) -> int | More:
        end = self._fences.step(text, start, final=final)
        if end is MORE:
            return MORE
        if end is not None:
            return self._emit(text[start:end], end)
        line_begins, self._fences.line_begins = self._fences.line_begins, False
        end = self._step_in_prose(text, start, final, line_begins)
        if end is MORE or (line_begins and not text[start:end].strip()):
            self._fences.line_begins = line_begins
        return end

    def _step_in_prose(self, text: str, start: int, final: bool, line_begins: bool) -> int | More:
        match text[start]:
            case "`":
                end = match_code_span(text, start, final=final)
                if end is MORE:
                    return MORE
                end = start + count_run(text, start) if end is NO else end
                return self._emit(text[start:end], end)
            case "\\":
                if start + 1 == len(text) and not final:
                    return MORE
                end = start + (1 if text[start + 1 : start + 2] in ("", "\n") else 2)
                return self._emit(text[start:end], end)
            case "!":
                if start + 1 == len(text) and not final:
                    return MORE
                if text[start + 1 : start + 2] == "[":
                    return self._step_over_link(text, start + 1, final, image=True)
                return self._emit("!", start + 1)
            case "[":
                return self._step_over_link(text, start, final, definition=line_begins)
            case "<":
                return self._step_over_tag(text, start, final)
        if word := _WORD.match(text, start):
            if word.end() == len(text) and not final and word.end() - start < _LONGEST:
                return MORE
            return self._emit(self._without_bare(word[0]), word.end())
        plain = _PLAIN.match(text, start)
        end = plain.end() if plain else start + 1
        return self._emit(text[start:end], end)

    def _step_over_link(
        self, text: str, start: int, final: bool, *, image: bool = False, definition: bool = False
    ) -> int | More:
        mark = "!" if image else ""
        decided = final or len(text) - start > _LONGEST
        close = _closing_bracket(text, start)
        if close is NO or (close is MORE and decided):
            return self._emit(f"{mark}[", start + 1)
        if isinstance(close, Undecided):
            return MORE
        match text[close + 1 : close + 2]:
            case "" if not final:
                return MORE
            case ":" if definition:
                # Nothing that the model wrote needs one, and what refers to it is shown already.
                end = _DEFINITION.match(text, close + 1)
                if end is None or (end.end() == len(text) and not decided):
                    return self._emit("\\[", start + 1) if decided else MORE
                self.removed += 1
                self._fences.line_begins = text[end.end() - 1] == "\n"
                return end.end()
            case "(":
                pass
            case _:
                return self._emit(f"{mark}[", start + 1)
        destination = _DESTINATION.match(text, close + 1)
        if destination is not None:
            return self._replace_link(text[start + 1 : close], destination, mark)
        if decided or _BLANK_LINE.search(text, close + 1):
            return self._emit(f"{mark}\\[", start + 1)
        return MORE

    def _replace_link(self, inside: str, destination: re.Match[str], mark: str) -> int:
        url = destination[1] if destination[1] is not None else destination[2]
        if self._allowed.allows(url):
            kept = f"{mark}[{self._filtered(inside)}]{destination[0]}"
            return self._emit(kept, destination.end())
        self.removed += 1
        # A citation that was written as a link is still one.
        is_marker = not mark and _NUMBERS.fullmatch(inside)
        return self._emit(f"[{inside}]" if is_marker else self._filtered(inside), destination.end())

    def _step_over_tag(self, text: str, start: int, final: bool) -> int | More:
        if start + 1 == len(text) and not final:
            return MORE
        if autolink := _AUTOLINK.match(text, start):
            if self._allowed.allows(autolink[1]):
                return self._emit(autolink[0], autolink.end())
            self.removed += 1
            return self._emit(f"`{autolink[1]}`", autolink.end())
        if not final and len(text) - start < _LONGEST and _AUTOLINK_BEGINNING.match(text, start):
            return MORE
        if tag := _HARMLESS_TAG.match(text, start):
            return self._emit(tag[0], tag.end())
        if not final and _HARMLESS_TAG_BEGINNING.match(text, start):
            return MORE
        return self._emit("\\<" if _TAG_BEGINS.match(text, start) else "<", start + 1)

    def _filtered(self, inside: str) -> str:
        nested = LinkFilter(self._allowed)
        nested._fences.line_begins = False
        shown = nested.feed(inside) + nested.finish()
        self.removed += nested.removed
        return shown

    def _without_bare(self, word: str) -> str:
        match = _BARE.search(word)
        if match is None:
            return word
        url = match[0].rstrip(_BARE_END)
        if self._allowed.allows(url):
            return word
        self.removed += 1
        end = match.start() + len(url)
        return f"{word[: match.start()]}`{url}`{word[end:]}"

    def _emit(self, shown: str, end: int) -> int:
        self._out.append(shown)
        return end


def _closing_bracket(text: str, start: int) -> int | Undecided:
    """Find the bracket that closes the one at `start`; `NO` when its paragraph has none."""
    depth = 0
    position = start
    while position < len(text):
        match text[position]:
            case "\\":
                position += 1
            case "[":
                depth += 1
            case "]":
                depth -= 1
                if depth == 0:
                    return position
            case "\n" if _BLANK_LINE.match(text, position):
                return NO
            case _:
                pass
        position += 1
    return MORE
