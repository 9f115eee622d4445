"""Addresses of Hugo sites, as Hugo 0.168 built them with the same settings."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ingest.generators import HUGO
from ingest.site import Site
from ingest.urls import ConfiguredRule

_SETTINGS = """\
baseURL = "https://example.org/"
defaultContentLanguage = "en"
[languages.en]
[languages.fr]
[languages.pt-br]
[permalinks]
notes = "/n/:slugorcontentbasename"
[permalinks.page]
blog = "/:year/:month/:day/:slug/"
release = "/r/:section/:title-:filename/"
[permalinks.section]
release = "/releases/"
"""
_PAGES: list[tuple[str, Mapping[str, str], str]] = [
    ("_index", {}, ""),
    ("_index.fr", {}, "fr/"),
    ("blog/_index", {}, "blog/"),
    ("blog/a", {"title": "My Post!", "date": "2021-03-04T10:00:00Z"}, "2021/03/04/my-post/"),
    ("blog/a", {"title": "A", "slug": "deux", "date": "2021-12-31"}, "2021/12/31/deux/"),
    ("blog/a.fr", {"title": "Été", "date": "2021-12-31"}, "fr/2021/12/31/été/"),
    ("blog/a", {"title": "A", "url": "/custom/a.html"}, "custom/a.html"),
    ("blog/a", {"title": "A", "date": "soon"}, "0001/01/01/a/"),
    ("notes/deep/One Two/index", {}, "n/one-two/"),
    ("notes/a", {"slug": "SE cond"}, "n/se-cond/"),
    ("release/v1", {"title": "The Ünï & One"}, "r/release/the-ünï-one-v1/"),
    ("release/_index", {}, "releases/"),
    ("docs/Sub/_index", {"slug": "other"}, "docs/other/"),
    ("docs/bundle/index.fr", {}, "fr/docs/bundle/"),
    ("docs/bundle/index", {"slug": "other"}, "docs/other/"),
    ("docs/x.pt-br", {}, "pt-br/docs/x/"),
    ("docs/x.fr", {"url": "/abs/x/"}, "abs/x/"),
    ("docs/x.fr", {"url": "rel/x/"}, "fr/rel/x/"),
    ("docs/v1.2/a.b", {}, "docs/v1.2/a.b/"),
]  # fmt: skip


def configured(docs: Path, settings: str) -> ConfiguredRule:
    docs.mkdir(parents=True, exist_ok=True)
    (docs.parent / "hugo.toml").write_text(settings)
    configured = HUGO.addresses(docs)
    assert configured is not None
    return configured


@pytest.mark.parametrize(("page", "fields", "address"), _PAGES)
def test_languages_and_permalinks(
    tmp_path: Path, page: str, fields: Mapping[str, str], address: str
) -> None:
    assert configured(tmp_path / "content", _SETTINGS).rule(page, fields) == address


@pytest.mark.parametrize(
    ("setting", "addresses"),
    [
        ("uglyURLs = true", ["2021/03/04/a.html", "fr/docs/b.html", "docs/", "releases/", "u/x/"]),
        (
            "defaultContentLanguageInSubdir = true",
            ["en/2021/03/04/a/", "fr/docs/b/", "en/docs/", "en/releases/", "u/x/"],
        ),
    ],
)
def test_settings_for_all_pages(tmp_path: Path, setting: str, addresses: list[str]) -> None:
    rule = configured(tmp_path / "content", f"{setting}\n{_SETTINGS}").rule
    fields: list[tuple[str, Mapping[str, str]]] = [
        ("blog/a", {"title": "A", "date": "2021-03-04"}),
        ("docs/b.fr", {}),
        ("docs/_index", {}),
        ("release/_index", {}),
        ("docs/c", {"url": "/u/x/"}),
    ]
    assert [rule(page, given) for page, given in fields] == addresses


def test_a_folder_of_one_language(tmp_path: Path) -> None:
    settings = (
        "[languages.en]\ncontentDir = 'content/en'\n[languages.fr]\ncontentDir = 'content/fr'\n"
    )
    configured(tmp_path / "content", settings)
    rules = {}
    for language in ("en", "fr"):
        docs = tmp_path / "content" / language
        docs.mkdir()
        found = HUGO.addresses(docs)
        assert found is not None
        rules[language] = found.rule("guide/a", {})
    assert rules == {"en": "guide/a/", "fr": "fr/guide/a/"}
    assert len({each.named for each in map(HUGO.addresses, (docs, docs.parent)) if each}) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.toml", "baseURL = 'x'\nuglyurls = true\n"),
        ("config.yaml", "baseurl: x\nuglyURLs: true\n"),
        ("hugo.json", '{"uglyURLs": true}'),
        ("config/_default/hugo.yml", "uglyURLs: true\n"),
        ("config/_default/permalinks.toml", "[page]\na = '/:filename.html'\n"),
    ],
)
def test_wherever_the_settings_are(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    site = Site.of(tmp_path / "content", base_url="/")
    assert site.generator is HUGO
    document = site.read("a/b.md", "---\ntitle: A\n---\n")
    assert site.url("a/b.md", document).rstrip("/").endswith("b.html")


def test_settings_that_cannot_be_read_are_as_usual(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "hugo.toml").write_text("uglyURLs = [")
    assert HUGO.addresses(tmp_path / "content") is None


def test_a_config_of_something_else_is_not_hugos(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("base_url = 'x'\n")
    assert Site.of(tmp_path, base_url="/").generator is not HUGO


def test_a_language_at_the_end_of_a_name_is_the_locale(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "hugo.toml").write_text(_SETTINGS)
    variants = Site.of(tmp_path / "content", base_url="/").variants
    locales = [variants.locale_of(path, {}) for path in ("a.fr.md", "a.md", "a.b.md")]
    assert locales == ["fr", "", ""]


@pytest.mark.parametrize("front_matter", ["---\ntitle: T\n---", "+++\ntitle = 'T'\n+++"])
def test_blank_lines_may_stand_before_the_front_matter(tmp_path: Path, front_matter: str) -> None:
    (tmp_path / "hugo.toml").write_text("")
    text = f"\n\n{front_matter}\n## A\n"
    document = Site.of(tmp_path, base_url="/").read("a.md", text)
    assert document.title == "T"
    assert [(part.section.heading, part.section.line) for part in document.sections] == [("A", 6)]
    draft = "\n---\ndraft: true\n---\n"
    assert Site.of(tmp_path, base_url="/").included("a.md", draft.encode()) is None


def test_a_parameter_of_the_page_is_shown(tmp_path: Path) -> None:
    (tmp_path / "hugo.toml").write_text("")
    text = (
        "+++\ndescription = 'Said.'\nweight = 3\n+++\n"
        '{{% param "description" %}} {{< param weight >}} {{< param none >}}\n'
    )
    document = Site.of(tmp_path, base_url="/").read("a.md", text)
    assert document.sections[0].blocks[0].text == "Said. 3"
