"""A whole Docusaurus site, as Docusaurus 3.9 built it with the same configuration."""

from pathlib import Path

import pytest

from ingest.site import Site
from ingest.sources import scan

_ADDRESSES = {
    "docs/01-intro.md": "docs/next/intro",
    "docs/02-Guides/index.md": "docs/next/Guides/",
    "docs/02-Guides/2.second.md": "docs/next/Guides/second",
    "docs/02-Guides/3_third.mdx": "docs/next/Guides/third",
    "docs/02-Guides/v1.2-notes.md": "docs/next/Guides/v1.2-notes",
    "docs/03-API/README.md": "docs/next/API/",
    "docs/03-API/deep/deep.md": "docs/next/API/deep/",
    "versioned_docs/version-2.0/01-intro.md": "docs/intro",
    "versioned_docs/version-1.0/guides/index.md": "docs/1.0/guides/",
    "docs/02-Guides/01-first.md": "docs/next/Guides/first",
    "i18n/fr/docusaurus-plugin-content-docs/current/02-Guides/01-first.md": (
        "fr/docs/next/Guides/first"
    ),
    "i18n/fr/docusaurus-plugin-content-docs/version-2.0/01-intro.md": "fr/docs/intro",
    "i18n/en/docusaurus-plugin-content-docs/version-2.0/01-intro.md": "docs/intro",
    "i18n/fr/docusaurus-plugin-content-pages/index.md": "fr/",
    "blog/2019-05-28-a.md": "news/2019/05/28/a",
    "i18n/fr/docusaurus-plugin-content-blog/2019-05-28-a.md": "fr/news/2019/05/28/a",
    "src/pages/index.md": "",
    "src/pages/about/us.mdx": "about/us",
    "blog/2021-08-26-welcome/index.md": "news/2021/08/26/welcome",
    "blog/2019-05-28-third-post.mdx": "news/2019/05/28/third-post",
    "blog/2023/03-04-sub/index.md": "news/2023/03/04/sub",
    "blog/nodate.md": "news/nodate",
    "community/help.md": "people/next/help",
    "i18n/fr/docusaurus-plugin-content-docs-c/current/help.md": "fr/people/next/help",
    "c_versioned_docs/version-2/old.md": "people/old",
    "i18n/fr/docusaurus-plugin-content-docs-c/version-2/old.md": "fr/people/old",
    "api/a.md": "reference/v1/a",
    "tales/2020-01-02-b.md": "stories/2020/01/02/b",
    "i18n/fr/docusaurus-plugin-content-blog-t/2020-01-02-b.md": "fr/stories/2020/01/02/b",
}
_NO_PAGES = [
    "README.md",
    "docs/_partial.mdx",
    "versioned_docs/version-0.9/old.md",
    "i18n/fr/code/a.md",
    "i18n/fr/docusaurus-plugin-content-other/a.md",
    "src/components/a.md",
    # A translation of nothing.
    "i18n/fr/docusaurus-plugin-content-docs-c/current/gone.md",
]
_CONFIGURATION = """\
module.exports = {
  i18n: { defaultLocale: 'en', locales: ['en', 'fr'] },
  themeConfig: { docs: { sidebar: { hideable: true } } },
  presets: [['classic', { docs: { /* { */ routeBasePath: '/docs' }, blog: { routeBasePath: 'news' } }]],
  plugins: [
    ['@docusaurus/plugin-content-docs', { id: 'c', path: './community', routeBasePath: 'people' }],
    ["@docusaurus/plugin-content-docs", {
      versions: { current: { label: 'x', path: '/v1/' } }, path: "api", routeBasePath: "/reference", id: "api",
    }],
    ['@docusaurus/plugin-content-blog', { id: 't', path: 'tales', routeBasePath: 'stories' }],
  ],
}
"""  # noqa: E501


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Return the folder of a site with versions, translations, pages, a blog and other docs."""
    for path in (*_ADDRESSES, *_NO_PAGES):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("# A\n")
    (tmp_path / "versions.json").write_text('["2.0", "1.0"]')
    (tmp_path / "c_versions.json").write_text('["2"]')
    (tmp_path / "docusaurus.config.js").write_text(_CONFIGURATION)
    return tmp_path


def addresses(docs: Path) -> dict[str, str]:
    site = Site.of(docs, base_url="/")
    files = scan(site.docs, is_page=site.is_page, included=site.included).files
    return {file.path: site.url(file.path, site.read(file.path, ""))[1:] for file in files}


def test_addresses(docs: Path) -> None:
    assert addresses(docs) == _ADDRESSES
    site = Site.of(docs, base_url="/")
    page = "versioned_docs/version-2.0/01-intro.md"
    assert site.variants.version_of(page, {}) == "2.0"
    page = "i18n/fr/docusaurus-plugin-content-docs/current/02-Guides/01-first.md"
    assert site.variants.locale_of(page, {}) == "fr"


@pytest.mark.parametrize(
    ("path", "front_matter", "address"),
    [
        ("docs/a/b.md", "slug: /place", "docs/next/place"),
        ("docs/a/b.md", "id: other", "docs/next/a/other"),
        ("blog/2022-01-02-a.md", "slug: deux", "news/deux"),
        ("src/pages/a.md", "slug: other", "a"),
    ],
)
def test_front_matter(docs: Path, path: str, front_matter: str, address: str) -> None:
    site = Site.of(docs, base_url="/")
    assert site.url(path, site.read(path, f"---\n{front_matter}\n---\n")) == f"/{address}"


def test_settings_say_otherwise(docs: Path) -> None:
    (docs / "docusaurus.config.js").write_text(
        "module.exports = { trailingSlash: true, presets: [['classic',\n"
        "  { docs: { routeBasePath: '/', lastVersion: 'current' }, blog: false }]] }"
    )
    found = addresses(docs)
    assert not any(path.startswith("blog/") for path in found)
    assert found["docs/01-intro.md"] == "intro/"
    assert found["docs/02-Guides/index.md"] == "Guides/"
    assert found["versioned_docs/version-2.0/01-intro.md"] == "2.0/intro/"
    assert found["src/pages/index.md"] == ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("includeCurrentVersion: false", ["docs/intro", "docs/1.0/guides/"]),
        ("onlyIncludeVersions: ['current', '1.0']", ["docs/next/intro", "docs/guides/"]),
        ("disableVersioning: true", ["docs/intro"]),
        (
            "versions: { '1.0': { path: 'one' } }",
            ["docs/next/intro", "docs/intro", "docs/one/guides/"],
        ),
    ],
)
def test_versions_that_are_built(docs: Path, options: str, expected: list[str]) -> None:
    (docs / "docusaurus.config.js").write_text(
        f"module.exports = {{ presets: [['classic', {{ docs: {{ path: 'docs', {options} }} }}]] }}"
    )
    found = addresses(docs)
    paths = [
        "docs/01-intro.md",
        "versioned_docs/version-2.0/01-intro.md",
        "versioned_docs/version-1.0/guides/index.md",
    ]
    assert [found[path] for path in paths if path in found] == expected


def test_without_versions_docs_are_the_last(docs: Path) -> None:
    (docs / "versions.json").write_text("[")
    found = addresses(docs)
    assert found["docs/01-intro.md"] == "docs/intro"
    assert "versioned_docs/version-2.0/01-intro.md" not in found


def test_what_is_unlisted_is_left_out(docs: Path) -> None:
    (docs / "docs" / "01-intro.md").write_text("---\nunlisted: true\n---\n# A\n")
    assert "docs/01-intro.md" not in addresses(docs)
