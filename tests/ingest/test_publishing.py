"""Which files are pages of the site, by what generators make of them."""

from pathlib import Path

import pytest

from ingest.site import Site
from ingest.sources import scan


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def pages(docs: Path) -> list[str]:
    site = Site.of(docs, base_url="/")
    folder = scan(site.docs, is_page=site.is_page, included=site.included)
    return [file.path for file in folder.files]


def test_a_book_is_what_its_summary_names(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "book.toml": "",
            "src/SUMMARY.md": "# Summary\n\n[Intro](README.md)\n\n- [One](./guide/one.md#a)\n"
            "    - [Two words](<guide/two words.md>)\n- [Draft]()\n"
            "- [`#[test]`](guide/test.md)\n- [Other][o]\n\n[O]: ./guide/other.md\n",
            "src/README.md": "Text.\n\n## Part\n",
            "src/guide/one.md": "# Chapter one\n",
            "src/guide/two words.md": "# Two\n",
            "src/guide/test.md": "# Test\n",
            "src/guide/other.md": "# Other\n",
            "src/notes.md": "# Not in the book\n",
        },
    )
    assert pages(tmp_path / "src") == [
        "README.md",
        "guide/one.md",
        "guide/other.md",
        "guide/test.md",
        "guide/two words.md",
    ]
    site = Site.of(tmp_path / "src", base_url="/")
    document = site.read("README.md", "Text.\n\n## Part\n")
    assert document.title == "Intro"
    paths = [part.section.heading_path for part in document.sections]
    assert paths == [("Intro",), ("Intro", "Part")]
    assert site.read("guide/one.md", "# Chapter one\n").title == "Chapter one"
    sections = site.read("README.md", "## Intro\n\n### Part\n").sections
    assert [part.section.heading_path for part in sections] == [("Intro",), ("Intro", "Part")]
    (tmp_path / "src" / "SUMMARY.md").unlink()
    assert "notes.md" in pages(tmp_path / "src")


def test_rust_that_a_book_hides_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"book.toml": "", "src/a.md": ""})
    text = (
        "# A\n\n{{#title T}}\n\n```rust,no_run\n# use a;\n#\n#[test]\nfn b() {}\n```\n\n"
        "```sh\n# shown\n```\n\n\\{{#include x}}\n"
    )
    document = Site.of(tmp_path / "src", base_url="/").read("a.md", text)
    assert document.text == (
        "# A\n\n\n\n```rust,no_run\n\n\n#[test]\nfn b() {}\n```\n\n"
        "```sh\n# shown\n```\n\n{{#include x}}\n"
    )


@pytest.mark.parametrize(
    ("front_matter", "is_page"),
    [
        ("---\ntitle: A\ndate: 2020-01-01\n---\n", True),
        ("---\ndraft: true\n---\n", False),
        ("+++\ndraft = true\n+++\n", False),
        ('{\n  "draft": true\n}\n', False),
        ("---\ndraft: false\n---\ndraft: true\n", True),
        ("---\ndate: 2999-01-01\n---\n", False),
        ("---\ndate: 2999-01-01\npublishDate: 2020-01-01\n---\n", True),
        ("---\nexpiryDate: 2020-01-01\n---\n", False),
        ("---\nbuild:\n  render: never\n---\n", False),
        ("---\ndraft: true\n", True),
    ],
)
def test_hugo_withholds_drafts_and_other_days(
    tmp_path: Path, front_matter: str, is_page: bool
) -> None:
    write(tmp_path, {"hugo.toml": "", "content/_index.md": "# A\n"})
    write(tmp_path, {"content/page.md": f"{front_matter}# Page\n"})
    assert ("page.md" in pages(tmp_path / "content")) is is_page


def test_what_lies_in_a_bundle_of_hugo_is_no_page(tmp_path: Path) -> None:
    names = ["_index.md", "a/index.md", "a/part.md", "a/b/part.md", "a/b/index.md", "c/d.md"]
    write(tmp_path, {"hugo.toml": "", **{f"content/{name}": "# A\n" for name in names}})
    assert pages(tmp_path / "content") == ["_index.md", "a/index.md", "c/d.md"]


def test_drafts_of_docusaurus_are_no_pages(tmp_path: Path) -> None:
    draft = "---\ntitle: A\ndraft: true\n---\n# A\n"
    write(tmp_path, {"docusaurus.config.js": "", "docs/a.md": draft, "docs/b.mdx": "# B\n"})
    assert pages(tmp_path / "docs") == ["b.mdx"]


def test_vitepress_leaves_out_what_its_configuration_excludes(tmp_path: Path) -> None:
    configuration = (
        "export default {\n  // srcExclude: ['**'],\n  title: 'a', /* b */\n"
        "  srcExclude: ['drafts/**', \"**/README.md\",\n"
        "    'notes/*.{tmp,bak}.md', '[ab]?.md'],\n}\n"
    )
    names = ["a.md", "ab.md", "drafts/a/b.md", "README.md", "guide/README.md", "guide/ab.md"]
    names += ["notes/a.tmp.md", "notes/a.b.md"]
    write(tmp_path, {".vitepress/config.mts": configuration, **dict.fromkeys(names, "# A\n")})
    assert pages(tmp_path) == ["a.md", "guide/ab.md", "notes/a.b.md"]


def test_mkdocs_leaves_out_what_its_configuration_excludes(tmp_path: Path) -> None:
    configuration = (
        "site_name: !ENV [A, B]\nexclude_docs: |\n  # comment\n  drafts/\n  *.tmp.md\n  /api/*\n"
        "  !/api/keep.md\ndraft_docs: todo.md\n"
    )
    names = ["README.md", "index.md", "guide/README.md", "a/drafts/b.md", "a/c.tmp.md", "todo.md"]
    names += ["api/x.md", "api/keep.md", "a/api/y.md", "templates/t.md", "a/drafts.md"]
    names += ["a/todo.md"]
    write(tmp_path, {"mkdocs.yml": configuration})
    write(tmp_path / "docs", dict.fromkeys(names, "# A\n"))
    kept = ["a/api/y.md", "a/drafts.md", "api/keep.md", "guide/README.md", "index.md"]
    assert pages(tmp_path / "docs") == kept
    (tmp_path / "mkdocs.yml").write_text("exclude_docs: [\n")
    assert "api/x.md" in pages(tmp_path / "docs")


def test_sphinx_reads_what_its_configuration_says(tmp_path: Path) -> None:
    configuration = (
        "import os\nsource_suffix = {'.txt': 'restructuredtext'}\n"
        "exclude_patterns = ['drafts', 'old/*.txt']\nhtml_theme = os.environ.get('T')\n"
    )
    names = ["README.rst", "index.txt", "drafts/a.txt", "old/b.txt", "old/c.md"]
    write(tmp_path, {"conf.py": configuration, **dict.fromkeys(names, "A\n=\n")})
    assert pages(tmp_path) == ["index.txt", "old/c.md"]
    (tmp_path / "conf.py").write_text("project = 'x'\n")
    assert pages(tmp_path) == ["README.rst", "old/c.md"]
    (tmp_path / "conf.py").write_text(
        "source_suffix: str = '.rst'\nexclude_patterns = ['drafts']\n"
        "exclude_patterns += ['old/b.*']\n"
        "if 'man' not in tags:\n    exclude_patterns.append('old/c.*')\n"
        "if 'man' in tags:\n    exclude_patterns.append('README.*')\n"
        "exclude_patterns.extend(unknown())\n"
    )
    assert pages(tmp_path) == ["README.rst"]
    (tmp_path / "conf.py").write_text("source_suffix = [")
    assert {"README.rst", "index.txt"} < set(pages(tmp_path))


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        ("['sphinx.ext.autodoc']", ["a.rst"]),
        ("['myst_parser']", ["a.rst", "b.md"]),
        ("['nbsphinx']", ["a.rst", "b.md", "c.ipynb"]),
        ("shared.extensions", ["a.rst", "b.md", "c.ipynb"]),
        ("['x']\nif full:\n    extensions.append('myst_nb')", ["a.rst", "b.md", "c.ipynb"]),
    ],
)
def test_sphinx_reads_what_its_extensions_do(
    tmp_path: Path, extensions: str, expected: list[str]
) -> None:
    write(tmp_path, {"conf.py": f"extensions = {extensions}\n", "a.rst": "A\n=\n"})
    write(tmp_path, {"b.md": "# B\n", "c.ipynb": "{}"})
    assert pages(tmp_path) == expected


def test_built_pages_that_ask_not_to_be_indexed_are_left_out(tmp_path: Path) -> None:
    kept = '<meta name="robots" content="index"><h1>Print</h1>'
    left_out = '<html><meta name="robots" content="noindex" /><h1>All pages</h1>'
    write(tmp_path, {"a.html": kept, "print.html": left_out})
    assert pages(tmp_path) == ["a.html"]
