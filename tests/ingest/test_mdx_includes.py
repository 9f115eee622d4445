"""Partial pages of MDX, as Docusaurus 3.9 builds them."""

from pathlib import Path

import pytest

from ingest.site import Site

_PART = "---\ntitle: Not shown\n---\nPartial *text*.\n\n## Part\n\n## Part\n\n## Own {#mine}\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a site with a partial page, and one that imports it in turn."""
    (tmp_path / "docusaurus.config.js").touch()
    (tmp_path / "docs" / "guide").mkdir(parents=True)
    (tmp_path / "docs" / "_part.mdx").write_text(_PART)
    (tmp_path / "docs" / "_outer.md").write_text(
        "import Inner from './_part.mdx'\n\nOuter.\n\n<Inner/>\n"
    )
    (tmp_path / "docs" / "_loop.md").write_text("import Loop from './_loop.md'\n\n<Loop />\n")
    return Site.of(tmp_path / "docs", base_url="/")


def test_a_part_has_anchors_of_its_own(site: Site) -> None:
    text = (
        "import Part from '../_part.mdx'\nimport Tabs from '@theme/Tabs';\n\n# Page\n\n## Part\n\n"
        '<Part name="x" />\n\n## Part\n'
    )
    document = site.read("guide/a.mdx", text)
    assert [part.section.anchor for part in document.sections] == [
        "", "part", "part", "part-1", "mine", "part-1"
    ]  # fmt: skip
    assert [block.text for block in document.sections[1].blocks] == ["Partial *text*."]
    assert document.notices == ()
    # A change of the part is a change of the page.
    included = site.included("guide/a.mdx", text.encode())
    assert included is not None
    assert b"Partial *text*." in included


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("import Part, {x} from '@site/docs/_part.mdx';", ["Partial *text*."]),
        ("import Part from '../_outer.md'", ["Outer.", "Partial *text*."]),
        ("```js\nimport Part from '../_part.mdx'\n```", []),
        ("import Part from '../part.jsx'", []),
    ],
)
def test_what_is_imported(site: Site, line: str, shown: list[str]) -> None:
    document = site.read("guide/a.mdx", f"{line}\n\n<Part></Part>\n")
    texts = [block.text for block in document.sections[0].blocks] if document.sections else []
    assert [text for text in texts if not text.startswith("```")] == shown
    assert document.notices == ()


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("../_none.mdx", "../_none.mdx is not there; not included"),
        ("../_loop.md", "files include each other, or too deeply"),
    ],
)
def test_what_cannot_be_imported_is_told(site: Site, file: str, problem: str) -> None:
    document = site.read("guide/a.mdx", f"import A from '{file}'\n\n<A />\n\nText.\n")
    assert [(notice.message) for notice in document.notices] == [problem]
    assert document.sections[0].blocks[-1].text == "Text."
