"""Markdown cut into what can be quoted whole: sentences, list items, code blocks, tables.

What is quoted is as the docs say it, word for word; only what would lead nowhere on another page is
left out: link targets, images, footnote marks, HTML tags and directives of the site's generator.
"""

import re
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

Kind = Literal["sentence", "code", "table"]

_MARKDOWN = MarkdownIt("commonmark").enable("table")

# Lines that belong to MkDocs, Docusaurus, MDX or MyST and not to the text.
_DIRECTIVE = re.compile(
    r"\s*(?:(?::{3,}|/{3,}).*|(?:!!!|\?\?\?\+?|===) .*|\{[*%].*[*%]\}|(?:import|export) .*[;'\"]"
    r"|</?[A-Za-z][^<>]*/?>|\{\s*/?\*.*\*/?\s*\}|--8<--.*|\[TOC\])\s*",
    re.IGNORECASE,
)
_ADMONITION = re.compile(r"( *)(?:!!!|\?\?\?\+?|===) ")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")

_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])")
_FOOTNOTE = re.compile(r"\[\^[^\]]*\]")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
# How MkDocs pages colour what a terminal prints.
_COLOUR = re.compile(r"</?(?:span|font|b|u)\b[^<>]*>")
_ATTRIBUTES = re.compile(r"\s*\{:?\s*[#.][^{}]*\}")
_CITATION_LIKE = re.compile(r"(?<!\\)[\[【［](?=[\s\d,;–-]+[\]】］])")

# Without any of these there is nothing to leave out.
_MARKUP = re.compile(r"[\[【［<{`\0]")

_ENDING = re.compile(
    r"(?<=[.!?…])(?P<close>[\"'”’)\]*_]*)\s+(?=[\"'“‘(\[*_`]*[^\W_a-zß-öø-ÿ])"
    r"|(?<=[。！？])(?P<close_cjk>[」』”’）】]*)\s*"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|incl|Mr|Mrs|Ms|Dr|Prof|St|Fig|No|Nr|Vol|Sec|Ch|pp?"
    r"|z\. ?B|d\. ?h|u\. ?a|bzw|usw|ca|evtl|ggf|vgl)|(?<![\w`])[^\W\d_]|^\d{1,3})\.$"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest part of a passage that is quoted whole.

    `block` counts the blocks of the passage, so that sentences of one paragraph are known;
    `text` is valid Markdown by itself.
    """

    kind: Kind
    text: str
    block: int


def split_units(markdown: str) -> list[Unit]:
    """Split a passage's Markdown into quotable units, in order; headings are left out."""
    source = _without_directives(markdown)
    lines = source.split("\n")
    units: list[Unit] = []
    in_heading = False
    table_ends = -1
    for block, token in enumerate(_MARKDOWN.parse(source)):
        match token.type:
            case "heading_open":
                in_heading = True
            case "heading_close":
                in_heading = False
            case "fence" | "code_block":
                units.append(Unit("code", _code(token), block))
            case "table_open" if token.map:
                first, table_ends = token.map
                units.append(Unit("table", _table(lines[first:table_ends]), block))
            case "inline" if not in_heading and _begins(token) >= table_ends:
                units += [Unit("sentence", text, block) for text in split_sentences(token.content)]
    return [unit for unit in units if unit.text]


def split_sentences(paragraph: str) -> list[str]:
    """Split inline Markdown into sentences; code spans, links and emphasis are never torn."""
    text = clean_inline(paragraph)
    masked = _CODE_SPAN.sub(lambda match: "`" + "X" * (len(match[0]) - 2) + "`", text)
    sentences: list[str] = []
    start = 0
    for match in _ENDING.finditer(masked):
        end = match.end("close") if match["close"] is not None else match.end("close_cjk")
        candidate = masked[start:end]
        abbreviated = candidate.endswith(".") and _ABBREVIATION.search(candidate)
        if not abbreviated and _is_balanced(candidate):
            sentences.append(text[start:end].strip())
            start = match.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]


def clean_inline(text: str) -> str:
    """Leave out of inline Markdown what would lead nowhere, and put it on one line."""
    if not _MARKUP.search(text):
        return " ".join(text.split())
    spans: list[str] = []

    def keep(match: re.Match[str]) -> str:
        spans.append(match[0])
        return f"\0{len(spans) - 1}\0"

    text = _CODE_SPAN.sub(keep, text.replace("\0", ""))
    text = _IMAGE.sub("", text)
    text = _LINK.sub(r"\1", text)
    for pattern in (_FOOTNOTE, _TAG, _ATTRIBUTES):
        text = pattern.sub("", text)
    # A number in brackets would be taken for a citation.
    text = _CITATION_LIKE.sub(r"\\[", text)
    text = re.sub(r"\0(\d+)\0", lambda match: spans[int(match[1])], text)
    return " ".join(text.split())


def _is_balanced(text: str) -> bool:
    return (
        text.count("[") == text.count("]")
        and text.count("(") <= text.count(")")
        and text.count("**") % 2 == 0
        and text.count("“") == text.count("”")
    )


def _without_directives(markdown: str) -> str:
    """Drop the lines of directives, and the indentation that an admonition gives its content."""
    kept: list[str] = []
    fence: str | None = None
    indent = 0
    for line in markdown.split("\n"):
        if indent and line.strip() and not line.startswith(" " * indent):
            indent = 0
        dedented = line[indent:] if line.strip() else line
        opening = _FENCE.match(dedented)
        if fence is not None:
            if opening and opening[1].startswith(fence):
                fence = None
        elif opening:
            fence = opening[1]
        elif admonition := _ADMONITION.match(line):
            indent = len(admonition[1]) + 4
            continue
        elif _DIRECTIVE.fullmatch(dedented):
            kept.append("")
            continue
        kept.append(dedented)
    return "\n".join(kept)


def _code(token: Token) -> str:
    code = token.content.rstrip("\n")
    if not code.strip():
        return ""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    language = (token.info.split() or [""])[0].strip("{}")
    if language == "console":
        code = _COLOUR.sub("", code)
    return f"{fence}{language}\n{code}\n{fence}"


def _table(lines: list[str]) -> str:
    return "\n".join(_CITATION_LIKE.sub(r"\\[", line.strip()) for line in lines if line.strip())


def _begins(token: Token) -> int:
    return token.map[0] if token.map else 0
