"""Directives of Sphinx and its extensions: their text is kept, whatever they do with it."""

import re
from collections.abc import Callable
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives

from ingest.notices import MADE
from ingest.readers import directive_names as names

_DIRECTIVE = re.compile(
    r"^[ \t]*\.\.[ \t]+(?:\|[^|\n]+\|[ \t]+)?([a-zA-Z][\w:+.-]*)::", re.MULTILINE
)
_SEPARATOR = re.compile(r"\^{3,}\s*|\+{3,}\s*")
_STYLES = re.compile(r"[a-z][a-z0-9 -]*")


class _AnyOptions(dict[str, Callable[[str], Any]]):
    """Accepts every option as it stands."""

    def __missing__(self, name: str) -> Callable[[str], Any]:
        return directives.unchanged


class SphinxDirective(Directive):
    """Stands for a directive that docutils doesn't have."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Callable[[str], Any]] | None] = _AnyOptions(
        {"class": directives.unchanged}
    )

    def run(self) -> list[nodes.Node]:
        """Return nodes that carry the directive's text."""
        name = self.name.lower()
        argument = self.arguments[0] if self.arguments else ""
        if name == "highlight":
            return [nodes.comment("", "", highlight=argument.strip())]
        if name in names.SILENT:
            return []
        if name in names.PYTHON:
            text = "\n\n".join(filter(None, (argument, "\n".join(self.content))))
            return [nodes.literal_block(text, text, language="python")]
        if name in names.CODE:
            return [self._code(argument)]
        if names.GENERATED.match(name):
            # What is written below it is shown behind what is made.
            written = self._parsed()
            name_of_it = argument.partition("(")[0].strip()
            message = f"{f'{name}:: {name_of_it}'.strip()} is {MADE}"
            shown = self._described(name_of_it, written) if written else []
            return [self._notice(message), *shown]
        if name in {"literalinclude", "include"}:
            return [self._notice(f"{name}:: {argument} is not resolved; left out")]
        if name in names.VERSIONS:
            return self._version(names.VERSIONS[name], argument)
        if name == "code-tab":
            return [nodes.admonition("", self._code(argument), kind="tab")]
        if name in names.TITLED:
            title = nodes.title(argument, "", *self._parsed_line(argument))
            content = self._separated() if name in names.CARDS else self._parsed()
            return [nodes.admonition("", title, *content, kind=name)]
        if name in names.NOTES:
            return [nodes.admonition("", *self._parsed(), kind=name)]
        content = self._parsed()
        if name in names.TRANSPARENT or (name == "class" and self._is_style(argument)):
            return content
        if name == "math":
            text = "\n".join(filter(None, (argument, *self.content)))
            return [nodes.math_block(text, text)]
        if names.is_known(name):
            return self._described(argument, content)
        # Without content, a directive of the project's own is but a target for links, as
        # Sphinx' `add_crossref_type` makes them.
        shown = self._described(argument, content) if content else []
        return [self._notice(names.unknown_directive(name)), *shown]

    def _is_style(self, argument: str) -> bool:
        """Tell a class of CSS, which is docutils' meaning of it, from one of Python, Sphinx'."""
        return bool(_STYLES.fullmatch(argument)) and ("-" in argument or not self.content)

    def _separated(self) -> list[nodes.Node]:
        """Parse a card, whose header and footer are told by lines of signs, as titles are."""
        for number, line in enumerate(self.content):
            if _SEPARATOR.fullmatch(line):
                self.content[number] = ""
        return self._parsed()

    def _parsed(self) -> list[nodes.Node]:
        parent = nodes.Element()
        # As in Sphinx, titles in here are told by their own lines: those of the page may well
        # come later, and would be lost if they didn't suit.
        memo = self.state.memo
        styles, level = memo.title_styles, memo.section_level
        memo.title_styles, memo.section_level = [], 0
        try:
            self.state.nested_parse(self.content, self.content_offset, parent, match_titles=True)
        finally:
            memo.title_styles, memo.section_level = styles, level
        return list(parent.children)

    def _parsed_line(self, text: str) -> list[nodes.Node]:
        inline, _ = self.state.inline_text(text, self.lineno)
        return list(inline)

    def _code(self, argument: str) -> nodes.literal_block:
        text = "\n".join(self.content)
        languages = {"doctest": "pycon", "testcode": "python", "console": "console"}
        language = languages.get(self.name) or next(iter(argument.split()), "")
        filename = self.options.get("caption") or self.options.get("filename") or ""
        return nodes.literal_block(text, text, language=language, filename=filename)

    def _version(self, words: str, argument: str) -> list[nodes.Node]:
        """Return what the site shows: the words, and what is said about the version."""
        version, *rest = argument.split(maxsplit=1) or [""]
        if self.name.lower() == "deprecated-removed" and rest:
            removed, *rest = rest[0].split(maxsplit=1)
            version = f"{version}, removed in {removed}"
        content = self._parsed()
        said = f"{words} {version}".rstrip()
        strong = nodes.strong("", f"{said}:" if rest or content else f"{said}.")
        paragraph = nodes.paragraph(argument, "", strong)
        if rest:
            paragraph += [nodes.Text(" "), *self._parsed_line(rest[0])]
        return [paragraph, *content]

    def _described(self, argument: str, content: list[nodes.Node]) -> list[nodes.Node]:
        """Return signatures as a paragraph of code, in front of what is said of them."""
        joined = re.sub(r"\\\n\s*", "", argument).replace("\\", "")
        signatures = [line.strip() for line in joined.split("\n") if line.strip()]
        if not signatures:
            return content
        paragraph = nodes.paragraph(argument, "")
        for signature in signatures:
            if len(paragraph):
                paragraph += nodes.Text("\n")
            paragraph += nodes.strong("", "", nodes.literal(signature, signature))
        return [paragraph, *content]

    def _notice(self, message: str) -> nodes.comment:
        return nodes.comment("", "", notice=message, line=self.lineno)


class TextDirective(SphinxDirective):
    """Stands for one whose text begins beside `::`, or on the line below: it has no argument."""

    optional_arguments = 0


def register_directives(source: str) -> None:
    """Make docutils accept every directive that `source` uses."""
    for name in map(str.lower, _DIRECTIVE.findall(source)):
        if name not in names.DOCUTILS:
            takes_text = name in names.NOTES or name in names.WITHOUT_ARGUMENT
            directives.register_directive(name, TextDirective if takes_text else SphinxDirective)
