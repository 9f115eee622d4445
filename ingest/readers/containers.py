"""Markdown block rules of the site generators: admonitions, tabs and other containers.

`:::note` … `:::` (Docusaurus, VitePress, MyST), `/// note` … `///` (pymdownx blocks), and
`!!! note`, `??? note`, `=== "Tab"` over indented lines (Python-Markdown, Material).
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

_FENCED = re.compile(r"(?P<mark>:{3,}|/{3,})[ \t]*(?P<info>[^\s:/].*)")
_FENCED_END = re.compile(r"(?P<mark>:{3,}|/{3,})[ \t]*")
_INDENTED = re.compile(r"(?:!!!|\?\?\?\+?)[ \t]+\S.*|===[!+]?[ \t]+([\"']).*\1[ \t]*")
_CODE_FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
# mkdocstrings: `::: package.module` and indented options; its text is made when the site is built.
_AUTODOC = re.compile(r"::: ?[A-Za-z_][\w.]*[ \t]*")

_MAY_INTERRUPT: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def containers_plugin(parser: MarkdownIt) -> None:
    """Teach the parser containers; their tokens are `container_open` with the lines as `map`.

    `meta["indented"]` tells the two forms apart. `autodoc` tokens stand for mkdocstrings.
    """
    ruler = parser.block.ruler
    ruler.before("fence", "fenced_container", _fenced_container, _MAY_INTERRUPT)
    ruler.before("fence", "indented_container", _indented_container, _MAY_INTERRUPT)
    ruler.before("fence", "autodoc", _autodoc, _MAY_INTERRUPT)


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _is_marker_line(state: StateBlock, number: int, characters: str) -> bool:
    start = state.bMarks[number] + state.tShift[number]
    return state.src[start : start + 1] in characters and not state.is_code_block(number)


def _fenced_container(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if not _is_marker_line(state, start, ":/"):
        return False
    opening = _FENCED.fullmatch(_line(state, start))
    if opening is None:
        return False
    closing = _closing_line(state, start, end, opening["mark"])
    if closing is None:
        return False
    if not silent:
        _push_container(state, start, closing, closing + 1, indented=False)
    return True


def _closing_line(state: StateBlock, start: int, end: int, mark: str) -> int | None:
    """Find the line that closes the container: not in a code block, nor a nested one's."""
    known = state.env.setdefault("containers", {}).setdefault((mark, end, state.blkIndent), {})
    if start not in known:
        known.update(_closing_lines(state, start, end, mark))
    closing: int | None = known[start]
    return closing


def _closing_lines(
    state: StateBlock, start: int, end: int, mark: str
) -> Iterator[tuple[int, int | None]]:
    """Yield the container and those within it, each with the line that closes it, or None.

    All at once: to look for the end of each that is never closed would take their number's square.
    """
    opened = [start]
    code_fence = ""
    for number in range(start + 1, end):
        line = _line(state, number).rstrip()
        if line and state.sCount[number] < state.blkIndent:
            break
        if code_fence:
            if line.startswith(code_fence) and not line.strip(code_fence[0]):
                code_fence = ""
        elif found := _CODE_FENCE.match(line):
            code_fence = found[0]
        elif (found := _FENCED_END.fullmatch(line)) and found["mark"] == mark:
            yield opened.pop(), number
            if not opened:
                return
        elif (found := _FENCED.fullmatch(line)) and found["mark"] == mark:
            opened.append(number)
    for line_number in opened:
        yield line_number, None


def _indented_container(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if not _is_marker_line(state, start, "!?="):
        return False
    if _INDENTED.fullmatch(_line(state, start)) is None:
        return False
    if not silent:
        after = _end_of_indented(state, start, end)
        state.blkIndent += 4
        _push_container(state, start, after, after, indented=True)
        state.blkIndent -= 4
    return True


def _end_of_indented(state: StateBlock, start: int, end: int) -> int:
    """Return the line behind the lines that are indented under `start`, blank ones aside."""
    after = start + 1
    for number in range(start + 1, end):
        if state.isEmpty(number):
            continue
        if state.sCount[number] < state.blkIndent + 4:
            break
        after = number + 1
    return after


def _push_container(
    state: StateBlock, start: int, inner_end: int, end: int, *, indented: bool
) -> None:
    old_parent, old_line_max = state.parentType, state.lineMax
    state.parentType = "container"
    # No lazy continuation reaches over the container's end.
    state.lineMax = inner_end
    token = state.push("container_open", "", 1)
    token.map = [start, end]
    token.block = True
    token.meta = {"indented": indented}
    state.md.block.tokenize(state, start + 1, inner_end)
    state.push("container_close", "", -1)
    state.parentType, state.lineMax = old_parent, old_line_max
    state.line = end


def _autodoc(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if not _is_marker_line(state, start, ":") or not _AUTODOC.fullmatch(_line(state, start)):
        return False
    if not silent:
        after = _end_of_indented(state, start, end)
        token = state.push("autodoc", "", 0)
        token.map = [start, after]
        token.content = _line(state, start).lstrip(": ").strip()
        state.line = after
    return True
