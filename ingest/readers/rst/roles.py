"""Roles of Sphinx and its extensions: their text is kept, whatever they link to."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from docutils import nodes
from docutils.parsers.rst import roles
from docutils.parsers.rst.states import Inliner

from ingest.labels import SHOWN_AS

_ROLE = re.compile(r":([a-zA-Z][\w.+:-]*):`|`:([a-zA-Z][\w.+:-]*):")
_TITLED = re.compile(r"(?P<title>.+?)\s*(?<!\\)<(?P<target>[^<>]*)>", re.DOTALL)
# Roles whose text is prose. All others name a thing of the code and are shown as code.
_PROSE = frozenset(
    {
        *("ref", "doc", "term", "abbr", "any", "numref", "download", "index", "eq", "title"),
        *("pep", "rfc", "cve", "ticket", "issue", "pr", "user", "commit", "source", "pypi", "bpo"),
        *("guilabel", "menuselection", "dfn", "mimetype"),
    }
)
_PREFIXES = {"pep": "PEP ", "rfc": "RFC ", "ticket": "#", "cve": "CVE-", "issue": "#", "pr": "#"}
# Roles of docutils that keep their meaning.
_OWN = frozenset(
    {
        *("code", "literal", "math", "raw", "emphasis", "strong"),
        *("sub", "sup", "subscript", "superscript", "title-reference"),
    }
)


def register_roles(source: str) -> None:
    """Make docutils accept every role that `source` uses."""
    for names in _ROLE.findall(source):
        name = (names[0] or names[1]).lower()
        if name not in _OWN:
            roles.register_local_role(name, _keep_text)


def _keep_text(
    role: str,
    rawtext: str,
    text: str,
    _line: int,
    _inliner: Inliner,
    _options: Mapping[str, Any] = MappingProxyType({}),
    _content: Sequence[str] = (),
) -> tuple[Sequence[Any], Sequence[Any]]:
    name = role.rpartition(":")[2].lower()
    shown = written = nodes.unescape(text)
    if titled := _TITLED.fullmatch(shown):
        shown = titled["title"]
        if name == SHOWN_AS:
            return [nodes.inline(rawtext, titled["target"], shown=shown)], []
    elif name not in _PROSE:
        # `~package.Class` shows its last part.
        shown = shown.rpartition(".")[2] if shown.startswith("~") else shown.lstrip("!.")
        if name in {"func", "meth"} and not shown.endswith(")"):
            shown += "()"
    else:
        shown = _PREFIXES.get(name, "") + shown
        if name == "doc":
            shown = shown.strip("/").rpartition("/")[2].replace("-", " ")
        if name == "ref":
            shown = shown.replace("-", " ").replace("_", " ")
        if shown != written and name in {"doc", "ref"}:
            return [nodes.inline(rawtext, written, shown=shown)], []
    node = nodes.inline if name in _PROSE else nodes.literal
    return [node(rawtext, shown)], []
