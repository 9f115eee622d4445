"""Astro's Starlight: pages, addresses and anchors as Starlight 0.42 builds them."""

from pathlib import Path

import pytest

from ingest.generators import PLAIN
from ingest.site import Site
from ingest.sources import scan

_CONFIG = """\
import starlight from '@astrojs/starlight'
export default defineConfig({
  integrations: [starlight({
    title: 'X',
    locales: { root: { label: 'English', lang: 'en' }, 'zh-cn': { label: '中文' }, fr: fr() },
  })],
  %s
})
"""


def site(folder: Path, settings: str = "") -> Site:
    docs = folder / "src" / "content" / "docs"
    docs.mkdir(parents=True)
    (folder / "astro.config.mjs").write_text(_CONFIG % settings)
    return Site.of(folder, base_url="/")


@pytest.mark.parametrize(
    ("page", "fields", "address"),
    [
        ("index.mdx", "", "/"),
        ("guides/index.md", "", "/guides/"),
        ("Guide v1.2/Big Step.md", "", "/guide-v12/big-step/"),
        ("01-a.md", "", "/01-a/"),
        ("zh-cn/index.md", "", "/zh-cn/"),
        ("a/b.md", "slug: My/Own", "/My/Own/"),
    ],
)
def test_addresses(tmp_path: Path, page: str, fields: str, address: str) -> None:
    found = site(tmp_path)
    text = f"---\n{fields}\n---\n"
    assert found.url(page, found.read(page, text)) == address


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ("trailingSlash: 'never',", "/a/b"),
        ("build: { format: 'file' },", "/a/b.html"),
        ("trailingSlash: 'always',", "/a/b/"),
    ],
)
def test_configured_addresses(tmp_path: Path, settings: str, address: str) -> None:
    found = site(tmp_path, settings)
    addresses = [found.url(page, found.read(page, "")) for page in ("index.md", "a/B.md")]
    assert addresses == ["/", address]


def test_pages_and_their_languages(tmp_path: Path) -> None:
    found = site(tmp_path)
    pages = {"a.md": "", "zh-cn/a.mdx": "", "no.md": "draft: true", "_part.md": "", "b/c.md": ""}
    for page, fields in pages.items():
        (found.docs / page).parent.mkdir(exist_ok=True)
        (found.docs / page).write_text(f"---\ntitle: A\n{fields}\n---\nText.\n")
    files = scan(found.docs, is_page=found.is_page, included=found.included).files
    assert [file.path for file in files] == ["a.md", "b/c.md", "zh-cn/a.mdx"]
    locales = Site.of(tmp_path, base_url="/").variants
    assert [locales.locale_of(page, {}) for page in ("a.md", "zh-cn/a.mdx", "fr/b.md")] == [
        "", "zh-cn", "fr"
    ]  # fmt: skip


def test_anchors(tmp_path: Path) -> None:
    text = "---\ntitle: A\n---\n# `code` & more -- *x*\n## 安装 🎉 x\n## Same\n## Same\n"
    sections = site(tmp_path).read("a.md", text).sections
    anchors = [part.section.anchor for part in sections]
    assert anchors == ["code--more--x", "安装--x", "same", "same-1"]


def test_other_sites_of_astro(tmp_path: Path) -> None:
    (tmp_path / "astro.config.mjs").write_text("export default {}\n")
    (tmp_path / "a.md").write_text("# A\n")
    assert Site.of(tmp_path, base_url="/").generator is PLAIN
