"""Count what is wrong with passages, whoever made them.

The counter knows a page's source and a passage's text, and none of the splitters. It reads fences
by its own few lines, because a Markdown parser doesn't see those in an indented admonition.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt

from evals.bench.passages import CutPassage

_FENCE = re.compile(r"^(?:[ \t>]|(?:[-+*]|\d{1,9}[.)])[ \t])*(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_HTML_HEADING = re.compile(r"<h[1-6][^>]*>(.*?)</h[1-6]>", re.DOTALL | re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]*>|\{[^{}]*\}\s*$|\]\([^()]*\)|\]\[[^\[\]]*\]")
_SEPARATORS = re.compile(r"[\W_]+")
# A shorter line, such as a bracket or `else:`, may well stand in prose too.
_TELLING_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Defects:
    """How many of a splitter's passages are wrong, by kind."""

    passages: int
    cut_fences: int
    false_headings: int
    over_budget: int

    @property
    def by_kind(self) -> dict[str, int]:
        """Return each count by the name of what is counted, the passages first."""
        return {
            "passages": self.passages,
            "cut fences": self.cut_fences,
            "false headings": self.false_headings,
            "over budget": self.over_budget,
        }

    @property
    def total(self) -> int:
        """Defects of every kind."""
        return self.cut_fences + self.false_headings + self.over_budget


class Source:
    """A page's source, and what of it is code and what a heading."""

    def __init__(self, text: str) -> None:
        lines = text.split("\n")
        inside = [(line.strip(), is_code) for line, is_code, _ in _walk(lines)]
        prose = {line for line, is_code in inside if not is_code}
        code = {line for line, is_code in inside if is_code}
        self._code = {line for line in code - prose if len(line) >= _TELLING_CHARACTERS}
        # What looks like a heading in code, and isn't one elsewhere on the page.
        self._code_headings = {_plain(line.lstrip("#")) for line in code if line.startswith("#")}
        self._code_headings -= {_plain(heading) for heading in _headings(text)}

    def is_cut(self, passage: str) -> bool:
        """Tell whether a passage begins or ends within a fence, or shows code without one."""
        walked = list(_walk(passage.split("\n")))
        if any(not is_code and line.strip() in self._code for line, is_code, _ in walked):
            return True
        _, _, is_open = walked[-1]
        return is_open

    def has_false(self, headings: Iterable[str]) -> bool:
        """Tell whether one of the headings is only a line of code."""
        return any(_plain(heading) in self._code_headings for heading in headings)


def count_defects(
    passages: Sequence[CutPassage],
    sources: dict[str, Source],
    *,
    budget: int,
    count_tokens: Callable[[str], int],
) -> Defects:
    """Count passages with each defect; `budget` is what their splitter was told to keep to."""
    return Defects(
        passages=len(passages),
        cut_fences=sum(sources[each.path].is_cut(each.text) for each in passages),
        false_headings=sum(sources[each.path].has_false(each.headings) for each in passages),
        over_budget=sum(count_tokens(each.text) > budget for each in passages),
    )


def _walk(lines: Iterable[str]) -> Iterator[tuple[str, bool, bool]]:
    """Yield each line, whether it is code in a fence, and whether a fence is open behind it."""
    mark = ""
    for line in lines:
        found = _FENCE.match(line)
        if not found:
            yield line, bool(mark), bool(mark)
            continue
        opens = not mark and "`" not in found["info"]
        closes = found["mark"].startswith(mark) and not found["info"].strip()
        if opens:
            mark = found["mark"]
        elif closes:
            mark = ""
        yield line, bool(mark) and not opens, bool(mark)


def _headings(text: str) -> Iterator[str]:
    tokens = MarkdownIt().parse(text)
    for heading, content in pairwise(tokens):
        if heading.type == "heading_open":
            yield content.content
    yield from _HTML_HEADING.findall(text)


def _plain(heading: str) -> str:
    """Reduce a heading to its letters and digits, so that markup makes no difference."""
    bare = _MARKUP.sub(" ", html.unescape(heading.strip()))
    return _SEPARATORS.sub(" ", bare).strip().lower()
