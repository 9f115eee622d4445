"""What a docs folder is told by."""

from pathlib import Path

import pytest

from ingest.detection import detect_generator, project_of
from ingest.generators import (
    BUILT_HTML,
    DOCUSAURUS,
    HUGO,
    MDBOOK,
    MKDOCS,
    PLAIN,
    SPHINX,
    VITEPRESS,
    Generator,
)
from ingest.site import Site


@pytest.mark.parametrize(
    ("config", "generator"),
    [
        ("mkdocs.yml", MKDOCS),
        ("docs/conf.py", SPHINX),
        ("docs/_toc.yml", SPHINX),
        ("docusaurus.config.ts", DOCUSAURUS),
        ("docs/.vitepress/config.mts", VITEPRESS),
        ("book.toml", MDBOOK),
        ("hugo.toml", HUGO),
        ("README.md", PLAIN),
    ],
)
def test_by_configuration(tmp_path: Path, config: str, generator: Generator) -> None:
    docs = tmp_path / "project" / "docs"
    docs.mkdir(parents=True)
    location = tmp_path / "project" / config
    location.parent.mkdir(parents=True, exist_ok=True)
    location.touch()
    assert detect_generator(docs, project_of(docs)) is generator


@pytest.mark.parametrize(
    ("page", "text", "generator"),
    [
        ("a.mdx", "# A\n", DOCUSAURUS),
        ("a.md", ":::tip Title\n\nText.\n\n:::\n", DOCUSAURUS),
        ("a.md", '# A\n\n!!! note "Title"\n    Text.\n', MKDOCS),
        ("a.md", "/// note\n\nText.\n\n///\n", MKDOCS),
        ("a.md", '=== "Tab"\n\n    Text.\n', MKDOCS),
        ("a.md", "# A\n\n===\n\nText\n", PLAIN),
        ("a.md", "# A\n\n```{note}\nText.\n```\n", SPHINX),
        ("a.md", "(label)=\n# A\n", SPHINX),
        ("a.md", "```{.python}\nx\n```\n\n```{r}\n```\n", PLAIN),
        ("a.rst", "A\n=\n", SPHINX),
        ("a.txt", "A\n=\n\n.. note:: Text.\n", SPHINX),
        ("a.txt", "some notes\n", PLAIN),
        ("a.html", "<h1>A</h1>", BUILT_HTML),
    ],
)
def test_by_pages(tmp_path: Path, page: str, text: str, generator: Generator) -> None:
    (tmp_path / page).write_text(text)
    assert detect_generator(tmp_path, tmp_path) is generator


def test_the_project_is_the_repository(tmp_path: Path) -> None:
    docs = tmp_path / "project" / "packages" / "docs"
    docs.mkdir(parents=True)
    (tmp_path / "project" / ".git").mkdir()
    assert project_of(docs) == tmp_path / "project"


@pytest.mark.parametrize("docs", ["project/docs", "project/docs/en/docs", "project"])
def test_without_a_repository_the_project_holds_the_docs(tmp_path: Path, docs: str) -> None:
    (tmp_path / docs).mkdir(parents=True)
    assert project_of(tmp_path / docs) == tmp_path / "project"


@pytest.mark.parametrize(
    ("generator", "path", "is_page"),
    [
        (PLAIN, "a/b.md", True),
        (PLAIN, "a/b.rst", True),
        (PLAIN, "a/b.txt", False),
        (PLAIN, "_a/_b.MD", True),
        (MKDOCS, "a/b.html", False),
        (DOCUSAURUS, "a/b.mdx", True),
        (DOCUSAURUS, "a/_b.mdx", False),
        (DOCUSAURUS, "_a/b.mdx", False),
        (MDBOOK, "SUMMARY.md", False),
        (SPHINX, "a.txt", True),
        (SPHINX, "requirements.txt", False),
        (SPHINX, "_templates/a.rst", False),
        (BUILT_HTML, "a.html", True),
        (BUILT_HTML, "genindex-A.html", False),
        (BUILT_HTML, "bookindex.html", False),
        (BUILT_HTML, "_sources/a.html", False),
    ],
)
def test_what_is_a_page(generator: Generator, path: str, is_page: bool) -> None:
    site = Site(Path("docs"), Path(), generator, "/docs/")
    assert site.is_page(path) is is_page


@pytest.mark.parametrize(
    ("config", "settings", "page", "address"),
    [
        ("mkdocs.yml", "site_name: x", "docs/a/b.md", "a/b/"),
        ("mkdocs.yml", "docs_dir: pages/en", "pages/en/a.md", "a/"),
        ("mkdocs.yml", "docs_dir: ../elsewhere", "a.md", "a/"),
        (".vitepress/config.js", "export default { srcDir: './src' }", "src/a.md", "a.html"),
        (".vitepress/config.js", "export default {}", "src/a.md", "src/a.html"),
        ("book.toml", "[book]\ntitle = 'x'", "src/a.md", "a.html"),
        ("book.toml", "[book]\nsrc = 'text'", "text/a.md", "a.html"),
        ("hugo.toml", "", "content/a/_index.md", "a/"),
        ("hugo.yaml", "contentDir: pages", "pages/a.md", "a/"),
        (
            "hugo.toml",
            "[languages.en]\ncontentDir = 'content/en'\n[languages.fr]\ncontentDir = 'content/fr'",
            "content/fr/a.md",
            "fr/a/",
        ),
        ("source/conf.py", "", "source/a.rst", "a.html"),
        ("conf.py", "", "source/a.rst", "source/a.html"),
    ],
)
def test_the_folder_of_the_configuration_leads_to_the_pages(
    tmp_path: Path, config: str, settings: str, page: str, address: str
) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in {config: settings, page: "", "README.md": "# Of the project\n"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    site = Site.of(tmp_path, base_url="/")
    path = (tmp_path / page).relative_to(site.docs).as_posix()
    assert site.url(path, site.read(path, "")) == f"/{address}"
    # Given itself, the folder of the pages is the same site.
    given = Site.of(site.docs, base_url="/")
    assert (given.docs, given.rules) == (site.docs, site.rules)
