"""Join the widget's modules into the one script that a site embeds.

There is no build step: the modules are written so that joining them is enough. They import each
other by name alone, from `./file.js`, without renaming; they export declarations only; and no two
declare the same name at their top level.
"""

import json
import re
from importlib.resources import files
from importlib.resources.abc import Traversable

_ENTRY = "main.js"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_STYLE_IMPORT = re.compile(
    r'^import (\w+) from "\./([\w-]+\.css)" with \{ type: "css" \};\n', re.MULTILINE
)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|const|function)\b)", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


class BundleError(Exception):
    """A module that can't be joined, by its name and the line at fault."""

    def __init__(self, module: str, line: str) -> None:
        super().__init__(f"{module}: can't be bundled: {line}")
        self.module = module
        self.line = line


def widget_script(source: Traversable | None = None) -> str:
    """Return the script: each module once, after those that it imports, in a scope of its own.

    Raises `BundleError` for an import or export of a form that joining can't express.
    """
    folder = source or files("server.widget").joinpath("src")
    parts: dict[str, str] = {}
    _collect(folder, _ENTRY, parts)
    return '(() => {\n"use strict";\n\n' + "\n".join(parts.values()) + "})();\n"


def _collect(folder: Traversable, name: str, parts: dict[str, str]) -> None:
    if name in parts:
        return
    text = folder.joinpath(name).read_text("utf-8")
    parts[name] = ""
    for imported in _IMPORT.findall(text):
        _collect(folder, imported, parts)
    # Assigned again, so that the module comes after those it imports.
    del parts[name]
    text = _STYLE_IMPORT.sub(lambda found: _style_sheet(folder, found[1], found[2]), text)
    text = _EXPORT.sub("", _IMPORT.sub("", text))
    if left_over := _LEFT_OVER.search(text):
        raise BundleError(name, left_over[0])
    parts[name] = text


def _style_sheet(folder: Traversable, variable: str, name: str) -> str:
    """Declare what importing a style sheet gives: a sheet for `adoptedStyleSheets`."""
    css = json.dumps(folder.joinpath(name).read_text("utf-8"), ensure_ascii=False)
    return f"const {variable} = new CSSStyleSheet();\n{variable}.replaceSync({css});\n"
