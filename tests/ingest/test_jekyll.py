"""Jekyll: pages, addresses and anchors as Jekyll 4.3 builds them."""

from pathlib import Path

import pytest

from ingest.anchors.kramdown import KramdownSlugger
from ingest.generators import JEKYLL, SPHINX
from ingest.readers.jekyll import read_jekyll
from ingest.site import Site
from ingest.sources import scan
from tests.ingest.golden import golden_cases, outline

_CONFIG = """\
collections:
  guides: {output: true}
  hidden: {output: false}
exclude: [docs/no.md, drafts/]
include: [_pages]
"""
_PAGES = {
    "index.md": "",
    "README.md": "",
    "docs/index.md": "docs/",
    "docs/My Page.md": "docs/My%20Page.html",
    "docs/sub/README.md": "docs/sub/",
    "_posts/2024-01-02-hello-world.md": "2024/01/02/hello-world.html",
    "_guides/deep/two.md": "guides/deep/two.html",
    "_pages/about.md": "_pages/about.html",
    "_hidden/h.md": "",
    "_drafts/d.md": "",
    "docs/no.md": "",
    "drafts/a.md": "",
    "node_modules/a.md": "",
    "docs/old.md": "",
}
_PUBLISHED = [path for path, address in _PAGES.items() if address or path == "index.md"]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "_config.yml").write_text(_CONFIG)
    for path in _PAGES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("Text.\n")
    (tmp_path / "docs/old.md").write_text("---\npublished: false\n---\nText.\n")
    return tmp_path


def addresses(docs: Path) -> dict[str, str]:
    site = Site.of(docs, base_url="/")
    files = scan(site.docs, is_page=site.is_page, included=site.included).files
    return {file.path: site.url(file.path, site.read(file.path, ""))[1:] for file in files}


@pytest.mark.parametrize(("text", "expected"), golden_cases("jekyll.md"))
def test_pages(text: str, expected: str) -> None:
    document = read_jekyll("a.md", text, KramdownSlugger())
    assert document.text.count("\n") == text.count("\n")
    assert outline(document) == expected


def test_addresses(docs: Path) -> None:
    assert addresses(docs) == {path: _PAGES[path] for path in _PUBLISHED}


@pytest.mark.parametrize(
    ("permalink", "page", "post", "guide"),
    [
        ("pretty", "docs/a/", "2024/01/02/hello-world/", "guides/deep/two/"),
        ("none", "docs/a.html", "hello-world.html", "guides/deep/two.html"),
        ("/:title/", "docs/a/", "hello-world/", "guides/deep/two/"),
        ("/blog/:year/:title", "docs/a", "blog/2024/hello-world", "guides/deep/two.html"),
    ],
)
def test_permalinks(docs: Path, permalink: str, page: str, post: str, guide: str) -> None:
    (docs / "_config.yml").write_text(f"{_CONFIG}permalink: {permalink}\n")
    (docs / "docs/a.md").write_text("Text.\n")
    found = addresses(docs)
    assert found["docs/a.md"] == page
    assert found["_posts/2024-01-02-hello-world.md"] == post
    assert found["_guides/deep/two.md"] == guide


@pytest.mark.parametrize(
    ("path", "front_matter", "address"),
    [
        ("docs/a.md", "permalink: /other/place", "other/place"),
        ("docs/a.md", "permalink: /other/", "other/"),
        ("_posts/2024-1-3-cats.md", "categories: A b", "a/b/2024/01/03/cats.html"),
        ("docs/README.md", "title: R", "docs/README.html"),
    ],
)
def test_front_matter(docs: Path, path: str, front_matter: str, address: str) -> None:
    site = Site.of(docs, base_url="/")
    assert site.url(path, site.read(path, f"---\n{front_matter}\n---\n")) == f"/{address}"


def test_without_github_pages_need_front_matter(docs: Path) -> None:
    (docs / "docs/a.md").write_text("---\n---\nText.\n")
    (docs / "Gemfile").write_text("gem 'jekyll'\n")
    assert list(addresses(docs)) == ["docs/a.md"]
    (docs / "Gemfile").write_text("gem 'github-pages'\n")
    assert len(addresses(docs)) == len(_PUBLISHED) + 1


def test_anchors(docs: Path) -> None:
    headings = ["Same", "Same", "Same-1", 'A -- b... c\'s "d"', "`code` & *z*", "1. Step", "a_b  2"]
    text = "".join(f"## {heading}\n" for heading in headings)
    sections = Site.of(docs, base_url="/").read("index.md", text).sections
    assert [part.section.anchor for part in sections] == [
        "same", "same-1", "same-1", "a--b-cs-d", "code--z", "1-step", "a_b--2"
    ]  # fmt: skip


def test_books_of_jupyter_have_such_a_configuration_too(docs: Path) -> None:
    assert Site.of(docs, base_url="/").generator is JEKYLL
    (docs / "_toc.yml").touch()
    assert Site.of(docs, base_url="/").generator is SPHINX
