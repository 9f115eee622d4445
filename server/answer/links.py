"""Links and images in the model's text: only what the index knows, or an allowlist, is let through.

A page may talk the model into linking elsewhere, or into an image whose address carries what the
reader said. So an address that is not known loses its effect: a link keeps its text, an image its
description, a bare address is shown as code, an HTML tag as text. Code is left as it is.
"""

import re

from server.answer.bare_addresses import (
    BARE,
    BARE_END,
    ESCAPED,
    as_code,
    as_read,
    makes_address,
    run_at_end,
)
from server.answer.code_blocks import CodeBlocks
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

_PLAIN = re.compile(r"[^\w`~\\!\[\]<&\n.+%:/@-]+")
# An escaped colon or dot, or one that is written as an entity, still makes an address. Scripts that
# don't part words are taken at once, but for the last letter, behind which an address may begin.
_WORD = re.compile(
    r"(?:[A-Za-z0-9_.+%:/@&-]|\\[:/.@])(?:\\[:/.@]|[^\s`<>\[\]\\()（）「」，。；：！？、])*"
    r"|[^\W\x00-\x7f]+(?=[^\W\x00-\x7f])|\w|&"
)
# Words that can be no part of an address, with what is between them: most of any answer.
_PROSE = re.compile(r"(?:[^\W_]+(?:['’-][^\W_]+)*[.,;:?]? +)+")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
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
# What is escaped is none; a blank line ends a paragraph.
_BRACKET = re.compile(r"\\.|\[|\]|\n[ \t]*(?=\n)", re.DOTALL)
_BLOCK_TEXT = re.compile(r"[^\s>*+\-.)0-9]")
_NUMBERS = re.compile(r"[\d\s,;–-]+")


class LinkFilter:
    """Takes foreign links out of streamed Markdown; what comes out does not depend on the deltas.

    `removed` counts them. Held back are a word's end and what may become a link. Where readers of
    Markdown might differ on what is code, the text is rewritten so that they can't.
    """

    def __init__(self, allowed: AllowedLinks, *, within_line: bool = False) -> None:
        """Filter whole text or, `within_line`, a part of a line."""
        self.removed = 0
        self._allowed = allowed
        self._held = ""
        self._closing: dict[int, int | Undecided] | None = None
        self._out: list[str] = []
        self._shown: list[str] = []
        self._last = ""
        self._run = ""
        self._blocks = CodeBlocks(line_begins=not within_line)
        self._line_begins = not within_line

    def feed(self, delta: str) -> str:
        """Take the next part of the text and return what is now decided."""
        self._held += delta
        return self._drain(final=False)

    def finish(self) -> str:
        """Return what was held back."""
        return self._drain(final=True)

    def _drain(self, *, final: bool) -> str:
        position = 0
        self._closing = None
        while position < len(self._held):
            end = self._step_over_prose(self._held, position) or self._step(
                self._held, position, final
            )
            if end is MORE:
                break
            position = end
        self._held = self._held[position:]
        out, self._out = "".join(self._out), []
        return out

    def _step_over_prose(self, text: str, start: int) -> int | None:
        """Take at once what `_step` would show as it is, a word at a time."""
        if self._run or self._line_begins or not self._blocks.within_prose:
            return None
        prose = _PROSE.match(text, start)
        return self._emit_block(prose[0], prose.end()) if prose else None

    def _step(self, text: str, start: int, final: bool) -> int | More:
        block = self._blocks.step(text, start, final=final, shown=lambda: "".join(self._shown))
        if block is MORE:
            return MORE
        if block is not None:
            end, shown = block
            self._line_begins = shown.endswith("\n")
            return self._emit_block(shown, end)
        line_begins, self._line_begins = self._line_begins, False
        taken = self._step_in_prose(text, start, final, line_begins)
        if taken is MORE or (line_begins and not text[start:taken].strip()):
            self._line_begins = line_begins
        return taken

    def _step_in_prose(self, text: str, start: int, final: bool, line_begins: bool) -> int | More:
        undecided = start + 1 == len(text) and not final
        match text[start]:
            case "`":
                return self._step_over_code(text, start, final)
            case "~":
                run = count_run(text, start)
                if start + run == len(text) and not final:
                    return MORE
                return self._emit("\\~" * run if run > 2 else "~" * run, start + run)
            case "\\" if undecided:
                return MORE
            case "\\" if not ESCAPED.match(text, start):
                following = text[start + 1 : start + 2]
                if following in _PUNCTUATION:
                    return self._emit(text[start : start + 2], start + 2)
                return self._emit("\\", start + 1)
            case "!" if undecided:
                return MORE
            case "!" if text[start + 1 : start + 2] == "[":
                return self._step_over_link(text, start + 1, final, image=True)
            case "!":
                return self._emit("!", start + 1)
            case "[":
                return self._step_over_link(text, start, final, definition=line_begins)
            case "]" if undecided:
                return MORE
            case "]":
                # Links are taken as a whole: what is left of one must not become another.
                ends_text = text[start + 1 : start + 2] == "("
                return self._emit("\\]" if ends_text else "]", start + 1)
            case "<":
                return self._step_over_tag(text, start, final)
        if word := _WORD.match(text, start):
            open_ended = text[word.end() :] in ("", "\\")
            if open_ended and not final and word.end() - start < _LONGEST:
                return MORE
            return self._emit(self._without_bare(word[0]), word.end())
        plain = _PLAIN.match(text, start)
        end = plain.end() if plain else start + 1
        return self._emit(text[start:end], end)

    def _step_over_code(self, text: str, start: int, final: bool) -> int | More:
        """Take a code span, if it is one in every reader's eyes; else show its backticks."""
        end = match_code_span(text, start, final=final)
        if end is MORE:
            return MORE
        run = count_run(text, start)
        if end is NO or "\n" in text[start:end]:
            return self._emit("\\`" * run, start + run)
        inside = text[start + run : end - run]
        if "|" in inside and (filtered := self._filtered(inside)) != inside:
            # In a table this would be two cells, and no code.
            return self._emit(filtered, end)
        return self._emit(text[start:end], end)

    def _step_over_link(
        self, text: str, start: int, final: bool, *, image: bool = False, definition: bool = False
    ) -> int | More:
        mark = "!" if image else ""
        decided = final or len(text) - start > _LONGEST
        if self._closing is None:
            self._closing = _closing_brackets(text, start)
        close = self._closing.get(start, MORE)
        if close is NO or (close is MORE and decided):
            return self._emit(f"{mark}[", start + 1)
        if isinstance(close, Undecided):
            return MORE
        is_marker = not mark and _NUMBERS.fullmatch(text, start + 1, close) is not None
        match text[close + 1 : close + 2]:
            case "" if not final:
                return MORE
            case ":" if definition:
                # Nothing that the model wrote needs one, and what refers to it is shown already.
                end = _DEFINITION.match(text, close + 1)
                if end is None or (end.end() == len(text) and not decided):
                    return self._emit("\\[", start + 1) if decided else MORE
                self.removed += 1
                return self._leave_out_line(text, end.end())
            case ":" if not is_marker:
                return self._emit(f"{mark}\\[", start + 1)
            case "(":
                pass
            case _ if is_marker:
                return self._emit(text[start : close + 1], close + 1)
            case _:
                return self._emit(f"{mark}[", start + 1)
        destination = _DESTINATION.match(text, close + 1)
        if destination is not None and not _BLANK_LINE.search(destination[0]):
            return self._replace_link(text[start + 1 : close], destination, mark)
        if decided or _BLANK_LINE.search(text, close + 1):
            return self._emit(f"{mark}\\[", start + 1)
        return MORE

    def _replace_link(self, inside: str, destination: re.Match[str], mark: str) -> int:
        url = destination[1] if destination[1] is not None else destination[2]
        inside = " ".join(inside.split("\n"))
        if self._allowed.allows(url):
            target = f"<{url}>" if destination[1] is not None else url
            return self._emit(f"{mark}[{self._filtered(inside)}]({target})", destination.end())
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
            return self._emit(as_code(autolink[1]), autolink.end())
        if not final and len(text) - start < _LONGEST and _AUTOLINK_BEGINNING.match(text, start):
            return MORE
        if tag := _HARMLESS_TAG.match(text, start):
            if tag.end() == len(text) and not final:
                return MORE
            # Alone in its line it would begin a block of HTML, in which a fence is none.
            if text[tag.end() : tag.end() + 1].strip() or _BLOCK_TEXT.search(self._line()):
                return self._emit(tag[0], tag.end())
        elif not final and _HARMLESS_TAG_BEGINNING.match(text, start):
            return MORE
        return self._emit("\\<" if _TAG_BEGINS.match(text, start) else "<", start + 1)

    def _leave_out_line(self, text: str, end: int) -> int:
        if text[end - 1] == "\n":
            if self._line():
                return self._emit("\n", end)
            self._line_begins = True
            self._blocks.begin_line()
        return end

    def _line(self) -> str:
        return "".join(self._shown).rpartition("\n")[2]

    def _filtered(self, inside: str) -> str:
        nested = LinkFilter(self._allowed, within_line=True)
        shown = nested.feed(inside) + nested.finish()
        self.removed += nested.removed
        return shown

    def _without_bare(self, word: str) -> str:
        read = as_read(word)
        if read != word and BARE.search(read):
            self.removed += 1
            return as_code(read)
        match = BARE.search(word)
        if match is None:
            return word
        url = match[0].rstrip(BARE_END)
        if self._allowed.allows(url):
            return word
        self.removed += 1
        end = match.start() + len(url)
        return f"{word[: match.start()]}{as_code(url)}{self._without_bare(word[end:])}"

    def _emit(self, shown: str, end: int) -> int:
        if self._last == "\\" and shown[:1] in _PUNCTUATION:
            # A backslash that is shown must not escape what is written behind it.
            shown = f"\\{shown}"
        elif (self._last, shown[:1]) == ("`", "`") or makes_address(self._run, shown):
            shown = f" {shown}"
        return self._emit_block(shown, end)

    def _emit_block(self, shown: str, end: int) -> int:
        if shown:
            backslashes = len(shown) - len(shown.rstrip("\\"))
            self._last = "" if backslashes and backslashes % 2 == 0 else shown[-1]
            self._run = run_at_end(self._run + shown)
            self._out.append(shown)
            self._shown.append(shown)
        return end


def _closing_brackets(text: str, start: int) -> dict[int, int | Undecided]:
    """Find from `start` on where each opening bracket is closed; `NO` where its paragraph ends.

    All at once: who looks for each by itself takes minutes for thousands that are never closed.
    """
    found: dict[int, int | Undecided] = {}
    opened: list[int] = []
    for mark in _BRACKET.finditer(text, start):
        match mark[0][0]:
            case "[":
                opened.append(mark.start())
            case "]" if opened:
                found[opened.pop()] = mark.start()
            case "\n":
                found.update(dict.fromkeys(opened, NO))
                opened.clear()
            case _:
                pass
    return found
