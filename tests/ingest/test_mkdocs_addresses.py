"""Addresses of MkDocs sites with languages, a blog and inherited settings, as they were built."""

from pathlib import Path

import pytest

from ingest.site import Site
from ingest.sources import scan

_I18N = """\
plugins:
  - search
  - i18n:
      docs_structure: {structure}
      languages:
        - {{locale: fr, name: Français}}
        - {{locale: en, default: true, name: English}}
        - {{locale: de, name: Deutsch, build: false}}
"""
_BLOG = """\
plugins:
  material/blog:
    blog_dir: news
    post_url_format: "{date}/{slug}"
"""


def site(folder: Path, settings: str, *pages: str) -> Site:
    (folder / "mkdocs.yml").write_text(settings)
    for page in pages:
        (folder / "docs" / page).parent.mkdir(parents=True, exist_ok=True)
        (folder / "docs" / page).write_text("# A\n")
    return Site.of(folder, base_url="/")


def addresses(site: Site) -> dict[str, str]:
    files = scan(site.docs, is_page=site.is_page, included=site.included).files
    return {file.path: site.url(file.path, site.read(file.path, "# A\n")) for file in files}


def test_languages_at_the_ends_of_names(tmp_path: Path) -> None:
    pages = ["index.md", "index.fr.md", "a/README.fr.md", "a/b.en.md", "v17.2.md", "c.de.md"]
    found = site(tmp_path, _I18N.format(structure="suffix"), *pages)
    assert addresses(found) == {
        "index.md": "/",
        "index.fr.md": "/fr/",
        "a/README.fr.md": "/fr/a/",
        "a/b.en.md": "/a/b/",
        "v17.2.md": "/v17.2/",
    }
    locales = [found.variants.locale_of(page, {}) for page in pages[:5]]
    assert locales == ["", "fr", "fr", "en", ""]


def test_languages_in_folders(tmp_path: Path) -> None:
    pages = ["en/index.md", "en/a/b.md", "fr/a/b.md", "other/c.fr.md", "de/index.md"]
    found = site(tmp_path, _I18N.format(structure="folder"), *pages)
    assert [found.variants.locale_of(page, {}) for page in pages[:4]] == ["en", "en", "fr", ""]
    assert addresses(found) == {
        "en/index.md": "/",
        "en/a/b.md": "/a/b/",
        "fr/a/b.md": "/fr/a/b/",
        "other/c.fr.md": "/other/c.fr/",
    }


def test_languages_as_they_were_before(tmp_path: Path) -> None:
    options = "{default_language: en, default_language_only: false, languages: {en: E, fr: F}}"
    found = site(tmp_path, f"plugins: [i18n: {options}]\n", "a.md", "a.fr.md")
    assert addresses(found) == {"a.md": "/a/", "a.fr.md": "/fr/a/"}
    only = site(tmp_path, f"plugins: [i18n: {options.replace('false', 'true')}]\n")
    assert addresses(only) == {"a.md": "/a/"}


@pytest.mark.parametrize(
    ("settings", "text", "address"),
    [
        (
            _BLOG,
            "---\ndate: 2024-05-02\n---\n# It's *Out*: v1.2!\n",
            "news/2024/05/02/its-out-v12/",
        ),
        (_BLOG, "---\ndate: 2024-05-02 10:00:00\nslug: x\n---\n# A\n", "news/2024/05/02/x/"),
        (_BLOG, "# A page of no day\n", "news/posts/p/"),
        (
            "plugins: [blog: {blog_dir: ., post_dir: news/posts, post_url_format: '{file}-{date}',"
            " post_url_date_format: yy.M}]\n",
            "---\ndate: 2024-05-02\n---\n# A\n",
            "p-24.5/",
        ),
        ("plugins: [blog: {enabled: false}]\n", "---\ndate: 2024-05-02\n---\n", "news/posts/p/"),
        ("plugins: [search]\n", "---\ndate: 2024-05-02\n---\n", "news/posts/p/"),
    ],
)
def test_posts(tmp_path: Path, settings: str, text: str, address: str) -> None:
    found = site(tmp_path, settings, "news/posts/p.md")
    assert found.url("news/posts/p.md", found.read("news/posts/p.md", text)) == f"/{address}"


def test_drafts_of_posts_are_no_pages(tmp_path: Path) -> None:
    found = site(tmp_path, _BLOG, "a.md", "news/posts/p.md")
    (found.docs / "a.md").write_text("---\ndraft: true\n---\n# A\n")
    (found.docs / "news/posts/p.md").write_text("---\ndraft: true\ndate: 2024-05-02\n---\n# A\n")
    assert list(addresses(found)) == ["a.md"]


def test_inherited_settings(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "all.yml").write_text(
        "INHERIT: ../more.yml\nuse_directory_urls: false\nplugins: {i18n: {docs_structure: folder}}"
    )
    (tmp_path / "more.yml").write_text(
        "exclude_docs: drafts\nmarkdown_extensions: [toc: {separator: _}]\nINHERIT: mkdocs.yml\n"
    )
    own = "INHERIT: base/all.yml\nplugins: {i18n: {languages: [{locale: en}, {locale: fr}]}}\n"
    found = site(tmp_path, own, "en/a.md", "fr/a.md", "drafts/b.md")
    assert addresses(found) == {"en/a.md": "/a.html", "fr/a.md": "/fr/a.html"}
    sections = found.read("en/a.md", "# A b\n").sections
    assert [part.section.anchor for part in sections] == ["a_b"]
    (tmp_path / "mkdocs.yml").write_text(f"{own}markdown_extensions: [toc]\n")
    sections = Site.of(tmp_path, base_url="/").read("en/a.md", "# A b\n").sections
    assert [part.section.anchor for part in sections] == ["a-b"]


def test_zensical_has_the_same_settings(tmp_path: Path) -> None:
    (tmp_path / "zensical.toml").write_text(
        "[project]\nsite_name = 'x'\ndocs_dir = 'pages'\nuse_directory_urls = false\n"
        "[project.plugins.blog]\n"
    )
    (tmp_path / "pages").mkdir()
    found = Site.of(tmp_path, base_url="/")
    assert found.docs == tmp_path / "pages"
    assert found.url("a.md", found.read("a.md", "# A\n")) == "/a.html"
    post = found.read("blog/posts/p.md", "---\ndate: 2024-05-02\n---\n# P\n")
    assert found.url("blog/posts/p.md", post) == "/blog/2024/05/02/p.html"
    (tmp_path / "zensical.toml").write_text("[project]\n= ?")
    assert Site.of(tmp_path, base_url="/").docs == tmp_path
