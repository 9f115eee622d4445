"""Files that pages include."""

from pathlib import Path

import pytest

from ingest.included_files import IncludedFiles
from ingest.includes import Includes
from ingest.myst_includes import MystIncludes, may_include_myst
from ingest.rst_includes import RstIncludes, may_include_rst


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project whose docs are in `docs` and whose code is in `src`."""
    project = tmp_path / "project"
    (project / "docs" / "guide").mkdir(parents=True)
    (project / "src").mkdir()
    (project / "src" / "app.py").write_text("one\ntwo\nthree\nfour\n")
    (project / "src" / "parts.rs").write_text(
        "// ANCHOR: a\nfn a() {}\n// ANCHOR_END: a\n// #region b\nfn b() {}\n// #endregion b\n"
        "# --8<-- [start:c]\nc\n# --8<-- [end:c]\n"
    )
    (project / "docs" / "src").mkdir()
    (project / "docs" / "src" / "nested.py").write_text("nested\n")
    (project / "docs" / "whole.md").write_text(
        "---\ntitle: T\n---\n## One\n\n1\n\n## Two More\n\n2\n\n### Sub\n\n# End\n"
    )
    (project / "docs" / "region.md").write_text(
        "<!-- #region r -->\nInside.\n<!-- #endregion r -->\nOutside.\n"
    )
    (project / "docs" / "part.md").write_text("Included *text*.\n")
    (project / "secret.txt").write_text("inside\n")
    (tmp_path / "secret.txt").write_text("outside\n")
    return project


def expand(project: Path, text: str) -> tuple[str, list[str]]:
    includes = Includes(IncludedFiles(project / "docs", project))
    expanded = includes.expand("guide/page.md", text)
    assert expanded.text == text or includes.may_change("guide/page.md", text.encode())
    return expanded.text, [str(notice) for notice in expanded.notices]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a\n\n{* ../../src/app.py hl[2] *}\n\nb",
            "a\n\n```python\none\ntwo\nthree\nfour\n```\n\nb",
        ),
        ("{* ../src/app.py ln[1:2,4] hl[1] *}", "```python\none\ntwo\nfour\n```"),
        ("    {* ../src/app.py ln[1] *}", "    ```python\n    one\n    ```"),
        ("```py\n{!> ../src/app.py[ln:2-3]!}\n```", "```py\ntwo\nthree\n```"),
        ("```py\n{!../src/app.py!}\n```", "```py\none\ntwo\nthree\nfour\n```"),
        ("```py\n{* ../src/app.py *}\n```", "```py\n{* ../src/app.py *}\n```"),
        ('  --8<-- "src/app.py:2:3"', "  two\n  three"),
        ('--8<-- "src/parts.rs:c"', "c"),
        ("{{#include ../../src/app.py:2}}", "two"),
        ("x {{ #rustdoc_include ../../src/parts.rs:a }} y", "x fn a() {} y"),
        ("<<< @/../src/parts.rs#b{1}", "```rust\nfn b() {}\n```"),
        ("<!--@include: ../part.md-->", "Included *text*."),
        ("{{#playground ../../src/parts.rs:a editable}}", "```rust\nfn a() {}\n```"),
        ("```rust\n{{#playground ../../src/parts.rs:a}}\n```", "```rust\nfn a() {}\n```"),
        (
            "<<< @/../src/app.py{2 ts:line-numbers} [a name]",
            "```ts [a name]\none\ntwo\nthree\nfour\n```",
        ),
        ("<<< @/../src/parts.rs#b [b.rs]", "```rust [b.rs]\nfn b() {}\n```"),
        ("<!--@include: ../whole.md-->", "## One\n\n1\n\n## Two More\n\n2\n\n### Sub\n\n# End"),
        ("<!-- @include: ../whole.md{4,5} -->", "## One\n"),
        ("<!-- @include: ../whole.md{,2} -->", "---\ntitle: T"),
        ("<!-- @include: ../whole.md#two-more -->", "## Two More\n\n2\n\n### Sub\n"),
        ("<!-- @include: ../whole.md#two-more{1,1} -->", "## Two More"),
        ("<!-- @include: @/region.md#r -->", "Inside."),
        ("{* ../src/nested.py *}", "```python\nnested\n```"),
        ("\\{{#include ../../src/app.py}}", "\\{{#include ../../src/app.py}}"),
    ],
)
def test_each_form(project: Path, text: str, expected: str) -> None:
    assert expand(project, text) == (expected, [])


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../../../secret.txt", "leads out of project/; not included"),
        ("nowhere.txt", "is not there; not included"),
        ("https://example.com/a", "is not fetched"),
    ],
)
def test_what_is_not_included_stays_with_a_notice(project: Path, name: str, problem: str) -> None:
    text, notices = expand(project, f'a\n--8<-- "{name}"')
    assert text == f'a\n--8<-- "{name}"'
    assert len(notices) == 1
    assert notices[0].startswith("guide/page.md:2: ")
    assert notices[0].endswith(problem)


def test_a_link_that_leads_out_is_refused(project: Path) -> None:
    (project / "docs" / "link.txt").symlink_to(project.parent / "secret.txt")
    text, notices = expand(project, "{{#include ../link.txt}}")
    assert "outside" not in text
    assert "leads out of" in notices[0]


def test_included_pages_include_in_turn_but_not_forever(project: Path) -> None:
    (project / "docs" / "a.md").write_text("A\n{{#include b.md}}\n")
    (project / "docs" / "b.md").write_text("B\n{{#include a.md}}\n")
    text, notices = expand(project, "{{#include ../a.md}}")
    assert text.startswith("A\nB\nA")
    assert "include each other" in notices[-1]


def test_code_with_fences_gets_a_longer_fence(project: Path) -> None:
    (project / "docs" / "code.md").write_text("```sh\nmake\n```\n")
    assert expand(project, "{* ../code.md *}")[0] == "````md\n```sh\nmake\n```\n````"


_PYTHON = (
    "import a\n\n\nclass A:\n    x = 1\n\n    @b\n    def c(self):\n        return 2\n\n# end\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".. include:: ../part.rst\n\nb", "Included *text*.\n\nb"),
        (
            "   .. literalinclude:: ../../src/app.py\n      :lines: 1-2, 4\n\nb",
            "   .. code-block:: python\n\n      one\n      two\n      four\n\n\nb",
        ),
        (
            ".. literalinclude:: ../../src/a.py\n   :pyobject: A.c\n   :language: py",
            ".. code-block:: py\n\n   @b\n   def c(self):\n       return 2\n",
        ),
        (
            ".. literalinclude:: ../../src/app.py\n   :start-after: one\n   :end-at: three",
            ".. code-block:: python\n\n   two\n   three\n",
        ),
    ],
)
def test_rst(project: Path, text: str, expected: str) -> None:
    (project / "docs" / "part.rst").write_text("Included *text*.\n")
    (project / "src" / "a.py").write_text(_PYTHON)
    assert may_include_rst(text.encode())
    assert expand_rst(project, text) == (expected, [])


@pytest.mark.parametrize(
    "opening", ["For example::", ".. code-block:: rst\n   :caption: x", "- a::"]
)
def test_an_include_in_a_literal_block_is_an_example(project: Path, opening: str) -> None:
    literal = f"{opening}\n\n      .. include:: ../part.rst\n\n"
    (project / "docs" / "part.rst").write_text("Included *text*.\n")
    text, notices = expand_rst(project, f"{literal}.. include:: ../part.rst")
    assert (text, notices) == (f"{literal}Included *text*.", [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (".. include:: ../../../secret.txt", "leads out of project/; not included"),
        (".. include:: nowhere.rst", "is not there; not included"),
        (".. literalinclude:: ../../src/app.py\n   :pyobject: B", "there is no B; not included"),
        (".. literalinclude:: ../../src/app.py\n   :end-at: nine", "'nine'; not included"),
        (".. include:: page.rst", "files include each other, or too deeply"),
    ],
)
def test_rst_that_cannot_be_included(project: Path, text: str, problem: str) -> None:
    (project / "docs" / "guide" / "page.rst").write_text(text)
    expanded, notices = expand_rst(project, f"{text}\n\nb")
    assert "outside" not in expanded
    assert expanded.strip() == "b"
    assert len(notices) == 1
    assert notices[0].endswith(problem)


def expand_rst(project: Path, text: str) -> tuple[str, list[str]]:
    includes = RstIncludes(IncludedFiles(project / "docs", project))
    expanded = includes.expand("guide/page.rst", text)
    return expanded.text, [str(notice) for notice in expanded.notices]


@pytest.mark.parametrize(
    ("text", "expected", "problem"),
    [
        ("a\n```{include} ../part.md\n```\nb", "a\nIncluded *text*.\nb", ""),
        (
            "```{note}\nx\n```\n```{include} ../part.md\n```",
            "```{note}\nx\n```\nIncluded *text*.",
            "",
        ),
        (
            "````{note}\n```{include} ../part.md\n```\n````",
            "````{note}\nIncluded *text*.\n````",
            "",
        ),
        ("  :::{include} ../part.md\n  :::", "  Included *text*.", ""),
        (
            "```{literalinclude} ../../src/app.py\n:lines: 1-2\n:language: py\n```",
            "```py\none\ntwo\n```",
            "",
        ),
        (
            "```{literalinclude} ../../src/app.py\n:start-after: 'one'\n:end-at: \"two\"\n```",
            "```python\ntwo\n```",
            "",
        ),
        ("````md\n```{include} x\n```\n````", "````md\n```{include} x\n```\n````", ""),
        ("```{include} ../../../secret.txt\n```\nb", "b", "leads out of project/; not included"),
        ("```{include} nowhere.md\n```\nb", "b", "nowhere.md is not there; not included"),
    ],
)
def test_myst(project: Path, text: str, expected: str, problem: str) -> None:
    expanded = MystIncludes(IncludedFiles(project / "docs", project)).expand("guide/page.md", text)
    assert may_include_myst(text.encode())
    assert expanded.text == expected
    assert [notice.message[-len(problem) :] for notice in expanded.notices] == [problem] * bool(
        problem
    )


def test_a_page_whose_files_are_missing_is_as_it_is_until_one_comes(project: Path) -> None:
    text = b'{* ../src/app.py *}\n\n{* ../late.py *}\n\n--8<-- "late.py:2"\n'
    late = project / "docs" / "late.py"

    def may_change(content: bytes) -> bool:
        files = IncludedFiles(project / "docs", project)
        changes = Includes(files).may_change("guide/page.md", content)
        assert late in files.sought
        return changes

    assert may_change(text)
    assert not may_change(text.partition(b"\n")[2])
    late.write_text("late\n")
    assert may_change(text.partition(b"\n")[2])
