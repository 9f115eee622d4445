"""The widget's script: one file of modules that were joined, and nothing in it that parses HTML."""

import re
from collections import Counter
from pathlib import Path

import pytest

from server.widget.bundle import BundleError, widget_script

SOURCE = Path("server/widget/src")
TOP_LEVEL = re.compile(
    r"^(?:export )?(?:async )?(?:class|const|let|function\*?) (\w+)", re.MULTILINE
)


def test_every_module_is_in_the_script_once() -> None:
    script = widget_script()
    for module in SOURCE.glob("*.js"):
        first_comment = module.read_text("utf-8").splitlines()[0]
        assert script.count(first_comment) == 1, module.name


def test_a_module_comes_after_those_that_it_imports() -> None:
    script = widget_script()
    declared_in_order = TOP_LEVEL.findall(script)
    for user, used in [
        ("Conversation", "reduce"),
        ("Panel", "ThreadView"),
        ("DocsAssistant", "Panel"),
        ("renderBlock", "h"),
    ]:
        assert declared_in_order.index(used) < declared_in_order.index(user)


def test_no_two_modules_declare_one_name() -> None:
    names = Counter(
        name for module in SOURCE.glob("*.js") for name in TOP_LEVEL.findall(module.read_text())
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_the_script_is_a_classic_one_in_a_scope_of_its_own() -> None:
    script = widget_script()
    assert script.startswith('(() => {\n"use strict";')
    assert script.endswith("})();\n")
    assert not re.search(r"^(?:import|export)\b", script, re.MULTILINE)


@pytest.mark.parametrize(
    "name",
    [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "setHTMLUnsafe",
        "createContextualFragment",
        "DOMParser",
        "document.write",
        "srcdoc",
        "eval(",
        "new Function",
        "importScripts",
    ],
)
def test_nothing_hands_a_string_to_a_parser_of_html_or_code(name: str) -> None:
    assert name not in widget_script()


def test_the_script_loads_nothing_from_elsewhere() -> None:
    addresses = set(re.findall(r"https?://[\w.-]+", widget_script()))
    assert addresses == {"http://www.w3.org"}


def test_an_import_that_cannot_be_joined_is_told(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text('import * as all from "./other.js";\n')
    with pytest.raises(BundleError) as raised:
        widget_script(tmp_path)
    assert raised.value.module == "main.js"
    assert raised.value.line == 'import * as all from "./other.js";'
