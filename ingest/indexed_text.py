"""The text that is searched for a passage: its headings, then its words without markup."""

import re
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

# A fence's first or last line, in a quote or list item too.
_FENCE = re.compile(r"[\s>]*(?:(?:[-+*]|\d+[.)])\s+)?(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_FENCE_MARKS = ("```", "~~~")
_LANGUAGE = re.compile(r"[\s{.]*([A-Za-z][\w+#.-]*)(?![=\w])")
# Short names that are as common as the long ones.
_LANGUAGES = {
    "py": "python", "python3": "python", "ipython": "python", "ipython3": "python",
    "js": "javascript", "ts": "typescript", "rs": "rust", "rb": "ruby", "golang": "go",
    "c++": "cpp", "yml": "yaml", "md": "markdown", "sh": "bash", "shell": "bash", "zsh": "bash",
}  # fmt: skip
_QUOTE_OR_ITEM = re.compile(r"^[\s>]*(?:(?:[-+*]|\d{1,9}[.)])\s+)?(?:\[[ xX]\]\s+)?")
_RULE = re.compile(r"^[\s|:+=/-]+$")
# An admonition's or a tab's first line; `details` and the like say nothing, a title does.
_CONTAINER = re.compile(
    r"^(?::{3,}|/{3,}|!!!|\?\?\?\+?|===[!+]?)\s*(?P<kind>\{?[\w-]*\}?)(?:\s*\|)?\s*(?P<title>.*)"
)
_CODE_SPAN = re.compile(r"(``*)([^`]++(?:`++[^`]++)*?)\1(?!`)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# What a term is also called is what a reader may ask for.
_TITLED_TAG = re.compile(r"<(?:abbr|dfn)\b[^<>]*?\btitle=\"([^\"<>]*)\"[^<>]*>")
# Terminal output that is coloured by HTML, as some themes let it be.
_COLOURED = re.compile(r"</?(?:span|font|b|u|i)\b[^<>]*>")
_LINK = re.compile(
    r"(?:!\[|\[)(?P<text>[^\[\]]*+(?:\[[^\[\]]*+\][^\[\]]*+)*+)\]"
    r"(?:\([^()\n]*+(?:\([^()\n]*+\)[^()\n]*+)*+\)|\[[^\[\]\n]*+\])"
)
_LINK_TEXT = itemgetter("text")
_ATTRIBUTES = re.compile(r"\{:?\s*[#.][^{}\n]*\}")
# What stands in front of a mark is looked at behind its first character: text is searched faster
# for characters than for places.
_EMPHASIS = re.compile(
    r"\*(?<![\w*\\]\*)\*{0,2}(?=\S)|_(?<![\w*\\]_)_{0,2}(?=\S)|~(?<![\w*\\]~)~(?=\S)"
    r"|\*(?<=[^\s\\]\*)\*{0,2}(?!\w)|_(?<=[^\s\\]_)_{0,2}(?!\w)|~(?<=[^\s\\]~)~(?!\w)"
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
# Brackets, quotes and operators would be half of the tokens that the embedder reads of code, and
# say nothing: names, numbers and words do.
_LONE_SIGNS = re.compile(r"[-#%](?<!\w[-#%])[-#%]*(?!\w)")
_CODE_PUNCTUATION = re.compile(rf"[^\w@#$%-]+|{_LONE_SIGNS.pattern}")
# The same for what most code is written in.
_ASCII_PUNCTUATION = {code: " " for code in range(128) if re.match(r"[^\w@#$%-]", chr(code))}
# What a line begins with that isn't all words: a quote, an item, a container, a rule.
_MARKS = frozenset("->+*[:/!?=|0123456789")
_MARKED_LINE = re.compile(rf"\s*[{re.escape(''.join(sorted(_MARKS)))}]")
_MARKED_LATER = re.compile(rf"\n{_MARKED_LINE.pattern}")
_CONTAINER_MARKS = frozenset(":/!?=")
# Goes into the ids of passages: raise it with any change to the texts that are made here.
INDEXED_TEXT = "2"
# A longer path would leave too little of a small embedder's window to the text itself.
_HEADING_CHARACTERS = 120


class IndexedTexts(NamedTuple):
    """What a passage is searched by: what the embedder reads, and what BM25 does.

    For BM25 code keeps its punctuation, which its tokenizer knows to split.
    """

    embedded: str
    lexical: str


def indexed_texts(headings: Sequence[str], text: str) -> IndexedTexts:
    """Return what a passage under these headings is searched by."""
    embedded: list[str] = []
    lexical: list[str] = []
    for part, language in _split_fences(text):
        words = _prose(part) if language is None else _names(part)
        embedded.append(words)
        lexical.append(words if language is None else _uncoloured(part))
    line = heading_line(headings)
    return IndexedTexts(*(f"{line}\n{_lines(parts)}" for parts in (embedded, lexical)))


def embedded_words(text: str) -> list[str]:
    """Return the words that the embedder reads of the passage's own text."""
    if "```" not in text and "~~~" not in text:
        return _prose_words(text)
    words: list[str] = []
    for part, language in _split_fences(text):
        words += _prose_words(part) if language is None else _name_words(part)
    return words


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(filter(None, parts))


def heading_line(headings: Sequence[str]) -> str:
    """Join a heading path into one line; of a long one the outer and the last headings stay."""
    names = [heading for heading in headings if heading]
    while len(names) > 2 and len(" > ".join(names)) > _HEADING_CHARACTERS:
        del names[1]
    room = _HEADING_CHARACTERS // max(1, len(names))
    if len(" > ".join(names)) > _HEADING_CHARACTERS:
        names = [name[:room] for name in names]
    return " > ".join(names)


def code_languages(text: str) -> tuple[str, ...]:
    """Return the languages that the code blocks of a passage name, each once, in lower case."""
    if "```" not in text and "~~~" not in text:
        return ()
    named = (language for _, language in _split_fences(text) if language)
    return tuple(dict.fromkeys(named))


def _split_fences(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the stretches between fence lines, each with its language; None where it is no code."""
    if "```" not in text and "~~~" not in text:
        yield text, None
        return
    start = 0
    fence = ""
    language: str | None = None
    for begin, end in _lines_of_marks(text):
        found = _FENCE.match(text, begin, end)
        if found is None:
            continue
        mark = found["mark"]
        if fence and not (mark.startswith(fence) and text[begin:end].rstrip().endswith(mark)):
            continue
        yield text[start : max(start, begin - 1)], language
        start = end + 1
        language = None if fence else _language(found["info"])
        fence = "" if fence else mark
    yield text[start:], language


def _lines_of_marks(text: str) -> Iterable[tuple[int, int]]:
    """Return where each line with the mark of a fence in it begins and ends."""
    lines: list[tuple[int, int]] = []
    for mark in _FENCE_MARKS:
        found = text.find(mark)
        while found >= 0:
            end = text.find("\n", found)
            if end < 0:
                end = len(text)
            lines.append((text.rfind("\n", 0, found) + 1, end))
            found = text.find(mark, end)
    return sorted(set(lines))


def _language(info: str) -> str:
    """Return the language of an info string: of `py title="a.py"`, `{.sh #id}`, `rust,no_run`."""
    found = _LANGUAGE.match(info)
    name = found[1].lower() if found else ""
    return _LANGUAGES.get(name, name)


def _prose(text: str) -> str:
    return " ".join(_prose_words(text))


def _prose_words(text: str) -> list[str]:
    if _MARKED_LINE.match(text) or _MARKED_LATER.search(text):
        text = "\n".join(_unmarked_lines(text.split("\n")))
    if "](" in text or "][" in text:
        text = _LINK.sub(_LINK_TEXT, text)
        if "](" in text or "][" in text:
            # An image that is a link.
            text = _LINK.sub(_LINK_TEXT, text)
    if "`" not in text:
        return _unmarked(text).split()
    # What is between code spans, and in them, in turn.
    parts = _CODE_SPAN.split(text)
    del parts[1::3]
    parts[::2] = map(_unmarked, parts[::2])
    return "".join(parts).split()


def _unmarked_lines(lines: Iterable[str]) -> Iterator[str]:
    """Take off what lines begin with that isn't words, and leave out rules."""
    for written in lines:
        line = written.strip()
        if line[:1] in _MARKS:
            if begins := _QUOTE_OR_ITEM.match(line):
                line = line[begins.end() :]
            if line[:1] in _CONTAINER_MARKS and (container := _CONTAINER.match(line)):
                line = f"{container['kind']} {container['title']}"
            if _RULE.match(line):
                continue
        yield line


def _unmarked(text: str) -> str:
    if "<" in text:
        text = _TITLED_TAG.sub(r"(\1) ", text)
        text = _TAG.sub("", _AUTOLINK.sub(r"\1", _COMMENT.sub("", text)))
    if "{" in text:
        text = _ATTRIBUTES.sub("", text)
    text = text.replace("|", " ")
    if "*" in text or "_" in text or "~~" in text:
        text = _EMPHASIS.sub("", text)
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


def _uncoloured(code: str) -> str:
    if "</span>" in code or "</font>" in code:
        code = _COLOURED.sub("", code)
    return code.strip()


def _names(code: str) -> str:
    return " ".join(_name_words(code))


def _name_words(code: str) -> list[str]:
    code = _uncoloured(code)
    if not code.isascii():
        return _CODE_PUNCTUATION.sub(" ", code).split()
    code = code.translate(_ASCII_PUNCTUATION)
    if "-" in code or "#" in code or "%" in code:
        code = _LONE_SIGNS.sub(" ", code)
    return code.split()
