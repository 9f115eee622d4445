"""Names that a Sphinx project's conf.py gives to texts: `|name|` in RST, `{{ name }}` in MyST."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.readers.directive_names import CODE
from ingest.readers.front_matter import split_front_matter
from ingest.sphinx_settings import sphinx_settings

_SETTINGS = frozenset(
    {"rst_prolog", "rst_epilog", "myst_substitutions", "myst_enable_extensions"}
    | {"release", "version", "highlight_language", "extlinks"}
)
# A definition with the lines that are indented under it, and what it defines.
_DEFINITION = re.compile(
    r"^\.\. (?:\|(?P<text>[^|\n]+)\||_(?P<link>`[^`\n]+`|[^:`\n]+):)[^\n]*(?:\n[ \t]+\S[^\n]*)*",
    re.MULTILINE,
)
_FENCE = re.compile(r"[ \t]*(?P<mark>`{3,}|~{3,}|:{3,})(?:\{(?P<directive>[\w:.+-]+)\})?")
# In literals of RST, a role has a backtick in front of it or behind.
_ROLE = re.compile(r"(?<![`\w:])(?::(?P<rst>[\w-]+):|\{(?P<myst>[\w-]+)\})`(?P<text>[^`\n]+)`(?!`)")
_TITLED = re.compile(r"(?P<title>.+?)\s*<(?P<target>[^<>]*)>")
# Code comes first: in there, nothing is put for a name.
_NAMED = re.compile(
    r"(?P<code>(?P<mark>`+)(?!`).*?(?<!`)(?P=mark)(?!`))|\{\{\s*(?P<name>\w+)\s*\}\}"
)
# Beyond it, code that is opened and never closed would take its square to read.
_LONGEST_LINE = 5_000


@dataclass(frozen=True)
class Substitutions:
    """The texts of one project: definitions of RST by what they define, and those of MyST.

    `in_front_matter` says that MyST's pages may define some for themselves. `language` is that of
    code in RST which names none. `links` are the addresses and captions of roles of `extlinks`, in
    which %s stands for what is written.
    """

    rst: Mapping[str, str] = field(default_factory=dict)
    myst: Mapping[str, str] = field(default_factory=dict)
    in_front_matter: bool = False
    language: str = ""
    links: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, docs: Path) -> "Substitutions":
        """Read those that are written out in conf.py."""
        settings = sphinx_settings(docs, _SETTINGS)
        own = {
            f"|{name}|": f".. |{name}| replace:: {value}"
            for name in ("release", "version")
            if isinstance(value := settings.get(name), str) and value.strip()
        }
        given = (settings.get(name) for name in ("rst_prolog", "rst_epilog"))
        defined = dict(_definitions("\n\n".join(text for text in given if isinstance(text, str))))
        language = settings.get("highlight_language")
        extensions = settings.get("myst_enable_extensions")
        return cls(
            own | defined,
            _texts(settings.get("myst_substitutions")),
            isinstance(extensions, list | tuple | set) and "substitution" in extensions,
            language if isinstance(language, str) else "",
            dict(_links(settings.get("extlinks"))),
        )

    def resolve(self, path: str, text: str) -> str:
        """Put a page's texts in, or what docutils knows them by behind it."""
        is_rst = path.endswith((".rst", ".txt"))
        if self.links:
            text = self._linked(text, is_rst=is_rst)
        if is_rst:
            return self._defined(text)
        return self._put_in(text) if "{{" in text else text

    def _linked(self, text: str, *, is_rst: bool) -> str:
        """Write roles of `extlinks` as the links that Sphinx makes of them."""

        def link(role: re.Match[str]) -> str:
            found = self.links.get(role["rst"] or role["myst"])
            if found is None or (role["myst"] is None) is not is_rst:
                return role[0]
            titled = _TITLED.fullmatch(role["text"])
            target = titled["target"] if titled else role["text"]
            address, caption = (each.replace("%s", target).replace("%%", "%") for each in found)
            shown = titled["title"] if titled else caption or address
            return f"`{shown} <{address}>`__" if is_rst else f"[{shown}]({address})"

        return _ROLE.sub(link, text)

    def _defined(self, text: str) -> str:
        own = {name for name, _ in _definitions(text)} if ".. |" in text or ".. _" in text else ()
        used = dict.fromkeys(
            definition for name, definition in self.rst.items() if name in text and name not in own
        )
        highlight = [f".. highlight:: {self.language}"] if self.language and "::" in text else []
        added = [*used, *highlight]
        return "\n\n".join([text.rstrip("\n"), *added]) + "\n" if added else text

    def _put_in(self, text: str) -> str:
        texts = dict(self.myst)
        if self.in_front_matter:
            fields = split_front_matter(text).fields
            myst = fields.get("myst")
            texts |= _texts(fields.get("substitutions"))
            texts |= _texts(myst.get("substitutions")) if isinstance(myst, dict) else {}
        if not texts:
            return text

        def shown(found: re.Match[str]) -> str:
            return found[0] if found["code"] else texts.get(found["name"], found[0])

        lines = text.split("\n")
        for number in _outside_code(lines):
            if "{{" in lines[number] and len(lines[number]) <= _LONGEST_LINE:
                lines[number] = _NAMED.sub(shown, lines[number])
        return "\n".join(lines)


def _outside_code(lines: Sequence[str]) -> Iterator[int]:
    """Yield the numbers of lines that are in no block of code; directives hold text."""
    opened: list[str] = []
    is_code = False
    for number, line in enumerate(lines):
        if opened and line.strip() == opened[-1]:
            opened.pop()
            is_code = False
        elif is_code:
            continue
        elif fence := _FENCE.match(line):
            name = fence["directive"]
            is_code = name in CODE if name else fence["mark"][0] != ":"
            if name or is_code:
                opened.append(fence["mark"])
            yield number
        else:
            yield number


def _links(value: object) -> Iterator[tuple[str, tuple[str, str]]]:
    for name, link in value.items() if isinstance(value, dict) else ():
        match link:
            case (str() as address, str() | None as caption):
                yield str(name), (address, caption or "")


def _definitions(text: str) -> Iterator[tuple[str, str]]:
    """Yield definitions, each behind what a text that uses it has in it."""
    for definition in _DEFINITION.finditer(text):
        if definition["text"]:
            yield f"|{definition['text']}|", definition[0]
        elif (name := definition["link"].strip("`")) != "_":
            yield f"{name}_", definition[0]
            yield f"{name}`_", definition[0]


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(name): text for name, text in value.items() if isinstance(text, str)}
