"""Readers get a page in their own language, and in its source where it isn't translated."""

from dataclasses import replace

import pytest

from server.search.translations import untranslated_path, without_translated
from store.records import ScoredPassage
from tests.contract.passages import make_passage


def found(*pages: tuple[str, str, float]) -> list[ScoredPassage]:
    return [
        ScoredPassage(replace(make_passage(path), path=path, locale=locale), score)
        for path, locale, score in pages
    ]


def shown(results: list[ScoredPassage]) -> list[tuple[str, float]]:
    return [(scored.passage.path, scored.score) for scored in results]


EN, DE = ("en/guide.md", "en", 1.2), ("de/guide.md", "de", 0.7)
UNTRANSLATED = ("en/api.md", "en", 0.9)


def test_a_translation_takes_the_place_of_the_page() -> None:
    results = without_translated(found(EN, UNTRANSLATED, DE), locale="de-CH")
    assert shown(results) == [("de/guide.md", 1.2), ("en/api.md", 0.9)]


def test_its_other_sections_keep_their_own_places() -> None:
    results = without_translated(
        found(EN, UNTRANSLATED, DE, ("de/guide.md", "de", 0.4)), locale="de"
    )
    assert shown(results) == [("de/guide.md", 1.2), ("en/api.md", 0.9), ("de/guide.md", 0.4)]


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_nothing_is_lost_where_there_is_no_translation(locale: str) -> None:
    results = without_translated(found(EN, UNTRANSLATED), locale=locale)
    assert shown(results) == [("en/guide.md", 1.2), ("en/api.md", 0.9)]


@pytest.mark.parametrize(
    ("path", "locale"),
    [
        ("docs/guide/start.md", ""),
        ("guide/start.md", "en"),
        ("de/guide/start.md", "de"),
        ("docs/de/guide/start.md", "de"),
        ("guide/start.de.md", "de"),
        ("i18n/de/docusaurus-plugin-content-docs/current/guide/start.md", "de"),
        ("locales/pt-BR/guide/start.md", "pt-BR"),
    ],
)
def test_the_copies_of_a_page_are_known_by_their_paths(path: str, locale: str) -> None:
    assert untranslated_path(path, locale) == "guide/start.md"
