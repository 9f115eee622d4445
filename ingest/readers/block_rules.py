"""Markdown's block rules, asked only about lines that they could take: most begin as prose does.

The parser asks each rule about each line, and of a paragraph each rule about each further line.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock, RuleFuncBlockType
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock, hr, lheading, table
from markdown_it.token import Token
from markdown_it.utils import EnvType

# What a line that isn't indented as code begins with for a rule to take it; a rule that isn't
# named is asked about every line.
_FIRST_CHARACTERS: Final[Mapping[str, str]] = {
    "code": "",
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*+-0123456789",
    "reference": "[",
    "html_block": "<",
    "heading": "#",
    "fenced_container": ":/",
    "indented_container": "!?=",
    "autodoc": ":",
    "esm": "ie",
    "jsx_tags": "<{",
}
_TABLE_RULES: Final = frozenset("|-:")
_BLANKS: Final = frozenset(" \t")
_RULE_ENDS: Final = frozenset("*-_ \t")
_UNDERLINES: Final = frozenset("=-")


def quicken(parser: MarkdownIt) -> None:
    """Make a parser ask fewer rules, and leave out what is in paragraphs.

    It is for a parser that has all its rules already. A paragraph becomes one token `paragraph`.
    """
    ruler = parser.block.ruler
    ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    ruler.at("hr", _hr, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    ruler.at("lheading", _lheading)
    ruler.at("paragraph", _paragraph)
    parser.block = _BlockParser(_ChoosingRuler(ruler))


class _BlockParser(ParserBlock):
    """The library's, whose state looks at each space of a line's indentation by itself."""

    def __init__(self, ruler: Ruler[RuleFuncBlockType]) -> None:
        super().__init__()
        self.ruler = ruler

    def parse(
        self,
        src: str,
        md: MarkdownIt,
        env: EnvType,
        outTokens: list[Token],  # noqa: N803
    ) -> list[Token] | None:
        """Put the tokens of a text into `outTokens`."""
        if not src:
            return None
        state = _State("", md, env, outTokens)
        state.src = src
        _mark_lines(state)
        self.tokenize(state, state.line, state.lineMax)
        return state.tokens


class _State(StateBlock):
    """The library's, whose tokens take half of their time to get what few of them need."""

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        """Put a token behind the others."""
        token = _Token(ttype, tag, nesting)
        if nesting < 0:
            self.level -= 1
        token.level = self.level
        if nesting > 0:
            self.level += 1
        self.tokens.append(token)
        return token


class _Token(Token):
    """A token of a block, made without looking at attributes, which it doesn't have yet."""

    __slots__ = ()

    def __init__(self, type: str, tag: str, nesting: Literal[-1, 0, 1]) -> None:  # noqa: A002
        self.type = type
        self.tag = tag
        self.nesting = nesting
        self.attrs = {}
        self.map = None
        self.level = 0
        self.children = None
        self.content = self.markup = self.info = ""
        self.meta = {}
        self.block = True
        self.hidden = False


def _mark_lines(state: StateBlock) -> None:
    """Note where lines begin and end, and how far they are indented."""
    starts, ends, spaces, columns = [], [], [], []
    start = 0
    lines = state.src.split("\n")
    if not lines[-1].strip(" \t"):
        lines.pop()
    for line in lines:
        starts.append(start)
        start += len(line) + 1
        ends.append(start - 1)
        if line[:1] in _BLANKS:
            indentation = line[: len(line) - len(line.lstrip(" \t"))]
            spaces.append(len(indentation))
            columns.append(len(indentation.expandtabs(4)))
        else:
            spaces.append(0)
            columns.append(0)
    # The library's own entry stays, for what lies behind the last line.
    state.bMarks[:] = [*starts, len(state.src)]
    state.eMarks[:] = [*ends, len(state.src)]
    state.tShift[:0] = spaces
    state.sCount[:0] = columns
    state.bsCount[:0] = [0] * len(lines)
    state.lineMax = len(lines)


class _ChoosingRuler(Ruler[RuleFuncBlockType]):
    """The rules of another one, those of a chain as a single rule that chooses among them."""

    def __init__(self, ruler: Ruler[RuleFuncBlockType]) -> None:
        super().__init__()
        self._names: dict[RuleFuncBlockType, str] = {}
        for rule in ruler.__rules__:
            if rule.enabled:
                self.push(rule.name, rule.fn, {"alt": rule.alt})
                self._names[rule.fn] = rule.name
        self._chosen: dict[str, list[RuleFuncBlockType]] = {}

    def getRules(self, chainName: str = "") -> list[RuleFuncBlockType]:  # noqa: N802, N803
        """Return one rule that stands for those of the chain."""
        chosen = self._chosen.get(chainName)
        if chosen is None:
            chosen = self._chosen[chainName] = [self._choosing(super().getRules(chainName))]
        return chosen

    def _choosing(self, rules: Sequence[RuleFuncBlockType]) -> RuleFuncBlockType:
        begins = {rule: _FIRST_CHARACTERS.get(self._names[rule]) for rule in rules}
        always = [rule for rule in rules if begins[rule] is None]
        by_character = {
            character: [
                rule for rule in rules if (which := begins[rule]) is None or character in which
            ]
            for character in "".join(filter(None, begins.values()))
        }

        def choose(state: StateBlock, start: int, end: int, silent: bool) -> bool:
            first = state.bMarks[start] + state.tShift[start]
            if state.sCount[start] - state.blkIndent >= 4:
                asked = rules
            else:
                asked = by_character.get(state.src[first : first + 1], always)
            for rule in asked:  # noqa: SIM110  a generator for each line takes longer
                if rule(state, start, end, silent):
                    return True
            return False

        return choose


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Look for a table only in front of what could be the line under its header."""
    below = start + 1
    if below >= end:
        return False
    first = state.bMarks[below] + state.tShift[below]
    return state.src[first : first + 1] in _TABLE_RULES and table(state, start, end, silent)


def _hr(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Look for a rule only where the last character isn't a word's: most such lines are items."""
    last = state.src[state.eMarks[start] - 1]
    return last in _RULE_ENDS and hr(state, start, end, silent)


def _lheading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Look for an underlined heading only where a line could underline it."""
    for line in range(start + 1, end):
        first = state.bMarks[line] + state.tShift[line]
        if first >= state.eMarks[line]:
            return False
        if state.src[first] in _UNDERLINES:
            return lheading(state, start, end, silent)
    return False


def _paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take lines up to an empty one, or one that another rule takes."""
    (interrupts,) = state.md.block.ruler.getRules("paragraph")
    around, state.parentType = state.parentType, "paragraph"
    line = start + 1
    while line < state.lineMax and not state.isEmpty(line):
        indentation = state.sCount[line]
        # Neither code nor a line that a quote takes lazily interrupts a paragraph.
        is_continued = indentation - state.blkIndent > 3 or indentation < 0
        if not is_continued and interrupts(state, line, state.lineMax, True):
            break
        line += 1
    state.line = line
    state.push("paragraph", "p", 0).map = [start, line]
    state.parentType = around
    return True
