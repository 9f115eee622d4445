"""Versions and locales."""

from pathlib import Path

import pytest

from ingest.variants import Variants, find_variants
from store.errors import SettingsError


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("v1.2/guide/a.md", "1.2"),
        ("docs/v2/a.md", "2"),
        ("versioned_docs/version-1.2.3/a.md", "1.2.3"),
        ("2.x/a.md", "2.x"),
        ("releases/1.7.md", ""),
        ("2024/a.md", ""),
        ("guide/a.md", ""),
        ("rev2.1/a.md", ""),
    ],
)
def test_versions(path: str, version: str) -> None:
    assert Variants().version_of(path, {}) == version


@pytest.mark.parametrize(
    ("folders", "path", "locale"),
    [
        (["en", "de"], "de/a.md", "de"),
        (["en", "guide", "api", "more"], "en/a.md", "en"),
        (["zh-CN", "pt_BR"], "zh-CN/a.md", "zh-CN"),
        (["ts", "guide", "api"], "ts/a.md", ""),
        (["db", "ui"], "db/a.md", ""),
        (["en"], "de.md", ""),
        ([], "i18n/fr/docs/a.md", "fr"),
    ],
)
def test_locales(tmp_path: Path, folders: list[str], path: str, locale: str) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir()
    assert find_variants(tmp_path).locale_of(path, {}) == locale


def test_front_matter_wins() -> None:
    fields = {"version": "3", "lang": "it"}
    assert Variants().version_of("v1.2/a.md", fields) == "3"
    assert Variants().locale_of("i18n/fr/a.md", fields) == "it"


def test_patterns(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    variants = find_variants(
        tmp_path, version_pattern=r"^release-(\w+)/", locale_pattern=r"\.(\w\w)\.md$"
    )
    assert variants.version_of("release-blue/a.md", {}) == "blue"
    assert variants.locale_of("en/a.fr.md", {}) == "fr"
    assert variants.locale_of("en/a.md", {}) == ""


@pytest.mark.parametrize("pattern", ["(", "no-group"])
def test_a_pattern_that_cannot_be_used(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(SettingsError, match="--version-pattern"):
        find_variants(tmp_path, version_pattern=pattern)
