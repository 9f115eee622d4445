"""MDX in Markdown: imports, exports, components and expressions hold no text of the page."""

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

_ESM = re.compile(r"(?:import|export)\b(?=[\s{*\"'])")
_ESM_KIND = re.compile(
    r"import\s*(?:[\"']|[\w*{][^;]*?\bfrom\b)|export\s+(?:default|const|let|var|function|class|async|\{|\*)"
)
_STRING = r"\"[^\"]*\"|'[^']*'|`[^`]*`"
_BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
# An expression, with strings that may hold a brace, or else with braces in pairs.
_ATTRIBUTE = rf"(?>\{{(?:[^{{}}\"'`]|{_STRING}|\{{(?:[^{{}}\"'`]|{_STRING})*+\}})*+\}}|{_BRACES})"
# A component's tag: its name begins with a capital letter, or an attribute is an expression.
_TAG = re.compile(
    r"<(?:/\s*)?(?:[A-Z][\w.]*|(?=>)|[a-z][\w-]*(?=\s[^<>]*=\{))"
    rf"(?:[^<>{{}}\"'`]|{_STRING}|{_ATTRIBUTE}|=>)*>"
)
_EXPRESSION = re.compile(r"\{/\*.*?\*/\}", re.DOTALL)
_MAY_INTERRUPT: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def jsx_plugin(parser: MarkdownIt) -> None:
    """Teach the parser to take MDX's own lines out, as `jsx` tokens."""
    ruler = parser.block.ruler
    ruler.before("fence", "esm", _esm)
    ruler.before("html_block", "jsx_tags", _jsx_tags, _MAY_INTERRUPT)


def _esm(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.sCount[start] or state.level:
        return False
    first = state.bMarks[start]
    if not _ESM.match(state.src, first):
        return False
    after = start
    while after < end and not state.isEmpty(after):
        after += 1
    if not _ESM_KIND.match(state.src, first, state.eMarks[after - 1]):
        return False
    if not silent:
        _push(state, start, after)
    return True


def _jsx_tags(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take lines that consist of components' tags, comments and nothing else."""
    position = state.bMarks[start] + state.tShift[start]
    if state.src[position : position + 1] not in {"<", "{"}:
        return False
    limit = state.eMarks[end - 1]
    found = None
    while match := (
        _TAG.match(state.src, position, limit) or _EXPRESSION.match(state.src, position, limit)
    ):
        found, position = match, match.end()
        while state.src[position : position + 1] in {" ", "\t"}:
            position += 1
    if found is None or (position < limit and state.src[position] != "\n"):
        return False
    if not silent:
        after = next(n for n in range(start, end) if state.eMarks[n] >= position) + 1
        _push(state, start, after)
    return True


def _push(state: StateBlock, start: int, after: int) -> None:
    token = state.push("jsx", "", 0)
    token.map = [start, after]
    state.line = after
