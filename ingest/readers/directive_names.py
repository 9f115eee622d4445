"""The directives of docutils, Sphinx and their usual extensions: what each does with its text."""

import re

# What docutils itself makes the best of.
DOCUTILS = frozenset(
    {
        *("table", "list-table", "csv-table", "image", "figure", "rubric", "parsed-literal"),
        *("replace", "unicode", "date", "meta"),
    }
)
CODE = frozenset(
    {
        *("code", "code-block", "sourcecode", "console", "doctest", "testcode", "testoutput"),
        *("snippet", "prompt", "productionlist", "ipython", "code-cell", "ipython3"),
    }
)
# Code of Python that may follow at once: there is no argument.
PYTHON = frozenset({"click:example", "click:run"})
# What holds no text of the page.
SILENT = frozenset(
    {
        *("toctree", "index", "highlight", "module", "currentmodule", "py:module", "contents"),
        *(
            "py:currentmodule",
            "sectionauthor",
            "moduleauthor",
            "codeauthor",
            "tabularcolumns",
            "sectnum",
        ),
        *("testsetup", "testcleanup", "graphviz", "inheritance-diagram", "program", "role"),
        *("default-domain", "default-role", "raw", "title", "target-notes", "header", "footer"),
        *("tableofcontents", "bibliography", "mermaid", "uml", "plantuml", "jupyter-execute"),
        *("nbgallery", "nblinkgallery", "footbibliography"),
        *("youtube", "vimeo", "video"),
    }
)
GENERATED = re.compile(
    r"auto(?:module|class|function|method|data|exception|attribute|summary|api\w*)"
    r"|click|argparse|openapi|doxygen\w+|towncrier[\w-]*"
)
VERSIONS = {
    "versionadded": "New in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
    "versionremoved": "Removed in version",
    # With both versions.
    "deprecated-removed": "Deprecated since version",
}
# What stands beside `::` is their title …
TITLED = frozenset(
    {
        *("admonition", "details", "dropdown", "collapse", "tab", "tab-item", "group-tab"),
        *("card", "grid-item-card", "topic", "sidebar"),
    }
)
CARDS = frozenset({"card", "grid-item-card"})
# … or the beginning of their text.
NOTES = frozenset(
    {
        *(
            "availability",
            "impl-detail",
            "seealso",
            "tip",
            "note",
            "warning",
            "danger",
            "caution",
            "error",
            "hint",
        ),
        *("important", "attention", "todo"),
    }
)
# What is all text, as the notes are.
WITHOUT_ARGUMENT = frozenset(
    {
        *("glossary", "highlights", "pull-quote", "epigraph", "compound", "tabs", "tab-set"),
        *("hlist", "acks", "line-block"),
    }
)
# What stands beside `::` are classes, columns or conditions.
SELECTING = frozenset(
    {"only", "ifconfig", "container", "grid", "grid-item", "cssclass", "rst-class", "div"}
)
TRANSPARENT = (
    WITHOUT_ARGUMENT | SELECTING | frozenset({"centered", "margin", "nbinfo", "nbwarning"})
)
# Things of the code that are described by their signature, whatever their domain.
OBJECTS = frozenset(
    {
        *("function", "class", "method", "classmethod", "staticmethod", "attribute", "property"),
        *("data", "exception", "decorator", "decoratormethod", "type", "var", "macro", "member"),
        *("struct", "union", "enum", "enumerator", "option", "envvar", "confval", "describe"),
        *("object", "directive", "get", "post", "put", "patch", "delete", "cmdoption", "command"),
    }
)
_OTHERS = frozenset(
    {
        *("math", "include", "literalinclude", "code-tab", "eval-rst", "figure-md"),
        *("button-link", "button-ref", "card-carousel"),
    }
)
_KNOWN = frozenset().union(
    DOCUTILS, CODE, PYTHON, SILENT, VERSIONS, TITLED, NOTES, TRANSPARENT, _OTHERS
)  # fmt: skip


def is_known(name: str) -> bool:
    """Tell whether it is known what a directive does with its text."""
    return name in _KNOWN or name.rpartition(":")[2] in OBJECTS or bool(GENERATED.match(name))


def unknown_directive(name: str) -> str:
    """Return what is noticed about a directive that isn't known."""
    return f"the directive {name} is not known; its text is kept"
