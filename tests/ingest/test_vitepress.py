"""VitePress: pages and addresses as VitePress 1.6.4 builds them with the same configuration."""

from pathlib import Path

import pytest

from ingest.anchors.vitepress import vitepress_slugger
from ingest.readers.vitepress import read_vitepress
from ingest.rewrites import Rewrite
from ingest.site import Site
from tests.ingest.golden import golden_cases, outline
from tests.ingest.workplace import Workplace

_CONFIGURATION = """\
import { defineConfig } from 'vitepress'
export default defineConfig({
  srcDir: 'src', // cleanUrls: true,
  rewrites: {
    // 'guide/no.md': 'no.md',
    'guide/old.md': 'guide/new.md',
    "packages/core/docs/index.md": "core/index.md",
    'packages/:name/docs/:rest*': ':name/:rest*',
  },
})
"""


@pytest.mark.parametrize(("text", "expected"), golden_cases("vitepress.md"))
def test_pages(text: str, expected: str) -> None:
    document = read_vitepress("guide/index.md", text, vitepress_slugger())
    assert document.text.count("\n") == text.count("\n")
    assert outline(document) == expected


@pytest.mark.parametrize("config", ["config.mts", "config/index.ts"])
def test_rewritten_addresses(tmp_path: Path, config: str) -> None:
    file = tmp_path / ".vitepress" / config
    file.parent.mkdir(parents=True)
    file.write_text("export default {}")
    docs = tmp_path / "src"
    docs.mkdir()
    usual = Site.of(docs, base_url="/").rules
    file.write_text(_CONFIGURATION)
    site = Site.of(docs, base_url="/")
    pages = {
        "guide/no.md": "/guide/no.html",
        "guide/old.md": "/guide/new.html",
        "packages/core/docs/index.md": "/core/",
        "packages/core/docs/a/b.md": "/core/a/b.html",
        "packages/core/b.md": "/packages/core/b.html",
    }
    assert {page: site.url(page, site.read(page, "")) for page in pages} == pages
    assert site.rules != usual


@pytest.mark.parametrize(
    ("source", "target", "path", "expected"),
    [
        (":page", "docs/:page", "a.md", "docs/a.md"),
        (":page", "docs/:page", "a/b.md", None),
        (":rest*", "docs/:rest*", "a/b.md", "docs/a/b.md"),
        (":lang(de|fr)/:rest+", ":rest+", "de/a/b.md", "a/b.md"),
        (":lang(de|fr)/:rest+", ":rest+", "en/a.md", None),
        ("a/:b?/c\\.md", "x/:b?/c.md", "a/c.md", "x/c.md"),
        ("A.md", "b.md", "a.md", "b.md"),
    ],
)
def test_patterns(source: str, target: str, path: str, expected: str | None) -> None:
    rewrite = Rewrite.of(source, target)
    assert rewrite is not None
    assert rewrite.apply(path) == expected


@pytest.mark.parametrize("source", ["^a/(.*)", "{a/}?:b", ":a(*)"])
def test_patterns_that_are_not_understood(source: str) -> None:
    assert Rewrite.of(source, ":b") is None


def test_folders_of_languages(tmp_path: Path) -> None:
    (tmp_path / ".vitepress").mkdir()
    (tmp_path / ".vitepress" / "config.ts").write_text(
        "export default { locales: { root: { label: 'A', themeConfig: { de: 1 } }, 'zh-Hant': {},"
        " ja: { label: 'ja: b' } } }\n"
    )
    variants = Site.of(tmp_path, base_url="/").variants
    pages = ["a.md", "zh-Hant/a.md", "ja/b.md", "de/a.md"]
    assert [variants.locale_of(page, {}) for page in pages] == ["", "zh-Hant", "ja", ""]


@pytest.mark.parametrize(
    ("rewrites", "told"),
    [
        ("rewrites(id) { return id },", "they are not written out as pairs of texts"),
        ("rewrites: (id) => id,", "they are not written out as pairs of texts"),
        ("rewrites,", "they are not written out as pairs of texts"),
        ("rewrites: {'^a/(.*)': 'b', 'c.md': 'd.md'},", "^a/(.*)"),
        ("rewrites: {'c.md': 'd.md'},", ""),
        ("// rewrites: (id) => id,", ""),
        ("title: 'rewrites: all',", ""),
    ],
)
def test_rewrites_that_are_not_followed_are_noticed(
    tmp_path: Path, rewrites: str, told: str
) -> None:
    (tmp_path / ".vitepress").mkdir()
    config = tmp_path / ".vitepress" / "config.ts"
    config.write_text(f"// Settings\nexport default {{\n  {rewrites}\n}}\n")
    notices = [str(notice) for notice in Site.of(tmp_path, base_url="/").notices]
    where = f".vitepress/config.ts:3: rewrites that can't be followed ({told}); links may be wrong"
    assert notices == ([where] if told else [])


async def test_a_run_tells_what_is_not_followed(workplace: Workplace) -> None:
    workplace.write(".vitepress/config.js", "export default { rewrites: (id) => id }\n")
    (notice,) = (await workplace.ingest()).notices
    assert notice.path == ".vitepress/config.js"


@pytest.mark.parametrize("page", ["[name].md", "a/[b]-[c].md", "dist/a.md", "a.mdx", "a.markdown"])
def test_what_is_no_page(tmp_path: Path, page: str) -> None:
    (tmp_path / ".vitepress").mkdir()
    (tmp_path / ".vitepress" / "config.js").touch()
    site = Site.of(tmp_path, base_url="/")
    assert not site.is_page(page)
    assert site.is_page("a.md")
