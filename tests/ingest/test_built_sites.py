"""Real generators build the golden corpora: every link of the index is right on their sites."""

import subprocess
import sys
from pathlib import Path

from ingest.site import Site
from ingest.sources import read_source, scan
from ingest.verify import count_links, wrong_links
from store.records import Page

_BASE_URL = "https://example.com/manual/"

_MARKDOWN = {
    "index.md": "---\ntitle: Welcome\n---\n# Home\n\nText.\n\n## Same\n\n## Same\n\n## Same_1\n",
    "guide/README.md": "# Guide\n\n## What's *new* in `app.get()`?\n\n## Ünïcödé & more\n",
    "guide/install.md": (
        "# Install { #setup }\n\n## Install\n\n## 安装\n\n## 设置\n\n## setup\n\n"
        "Setext\n------\n\n## A [link](../index.md) & <b>tag</b>\n\n### 1. Step\n\n## -- dash --\n"
    ),
    "guide/blocks.md": (
        "# Blocks\n\n```bash\n# no heading\n```\n\n!!! note\n\n    Text.\n\n"
        "<!-- # no heading -->\n\n## After\n"
    ),
}
_RST = {
    "index.rst": (
        "Home\n====\n\n.. toctree::\n\n   guide/index\n   guide/install\n   guide/myst\n\n"
        "Same\n----\n\nSame\n----\n\n安装\n----\n"
    ),
    "guide/index.rst": (
        "Guide\n=====\n\n.. _label:\n\n"
        "What's *new* in ``app.get()``?\n------------------------------\n\n"
        "Text [1]_ and :ref:`label`.\n\n.. [1] Note.\n\n"
        "What's new in app.get()?\n"
        "-----------------------\n\n.. _same-label:\n\nSame label\n----------\n\n"
        "2.0 Ünïcödé ß\n-------------\n"
    ),
    "guide/install.rst": (
        "Install\n=======\n\nA\n-\n\nB\n~\n\nInstall\n-------\n\n"
        ".. function:: run(a)\n\n   Runs.\n\n"
        ".. note:: Text.\n\n``code_block``\n--------------\n"
    ),
}


def pages_of(site: Site) -> list[Page]:
    """Return the pages of a docs folder as they would be indexed."""
    pages = []
    for file in scan(site.docs, is_page=site.is_page, included=site.included).files:
        document = site.read(file.path, read_source(file).text)
        sections = tuple(content.section for content in document.sections)
        url = site.url(file.path, document)
        pages.append(Page(file.path, document.title, url, "", sections, ""))
    return pages


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def build(*command: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_mkdocs(tmp_path: Path) -> None:
    write(tmp_path / "docs", _MARKDOWN)
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: x\nplugins: []\nmarkdown_extensions: [attr_list, admonition]\n"
    )
    build("mkdocs", "build", "--quiet", "--site-dir", "built", cwd=tmp_path)
    site = Site.of(tmp_path / "docs", base_url=_BASE_URL)
    pages = pages_of(site)
    assert count_links(pages) == 22
    assert list(wrong_links(pages, _BASE_URL, tmp_path / "built")) == []


def test_sphinx(tmp_path: Path) -> None:
    write(tmp_path / "docs", _RST)
    (tmp_path / "docs" / "conf.py").write_text("project = 'x'\n")
    build("sphinx", "-q", "-b", "html", ".", "../built", cwd=tmp_path / "docs")
    site = Site.of(tmp_path / "docs", base_url=_BASE_URL)
    pages = pages_of(site)
    assert count_links(pages) == 17
    assert list(wrong_links(pages, _BASE_URL, tmp_path / "built")) == []


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    write(tmp_path / "docs", {"a.md": "# A\n\n## B\n", "c.md": "# C\n"})
    write(tmp_path / "built", {"a/index.html": '<h1 id="a">A</h1><a name="c"></a>'})
    site = Site.of(tmp_path / "docs", base_url=_BASE_URL)
    wrong = wrong_links(pages_of(site), _BASE_URL, tmp_path / "built")
    assert [str(link) for link in wrong] == [
        "a.md: https://example.com/manual/a#b: no such anchor",
        "c.md: https://example.com/manual/c: there is no such page",
    ]


def test_a_folder_and_a_page_of_one_name_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path / "docs", {"a.md": "# Page\n", "a/index.md": "# Folder\n"})
    write(
        tmp_path / "built",
        {"a.html": '<h1 id="page">A</h1>', "a/index.html": '<h1 id="folder">A</h1>'},
    )
    site = Site.of(tmp_path / "docs", base_url=_BASE_URL)
    assert list(wrong_links(pages_of(site), _BASE_URL, tmp_path / "built")) == []
