"""Versions and locales that docs are kept in, side by side: which one a page is of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from store.errors import SettingsError

# Folders such as `v1.2/`, `version-1.2/`, `2.x/` and `1.2.3/`.
_VERSION = re.compile(r"(?:^|/)(?:version-|v)?(\d+(?:\.(?:\d+|x))+|(?<=v)\d+|(?<=version-)\d+)/")
# Folders that hold one folder for each language.
_LANGUAGES_FOLDER = re.compile(
    r"(?:^|/)(?:i18n|locales?|translations|l10n)/([a-z]{2,3}(?:[-_][A-Za-z]{2,4})?)/"
)
_LOCALE = re.compile(r"([a-z]{2})(?:[-_][A-Za-z]{2,4})?")
# ISO 639-1 in pairs of letters, for `ui` and `db` are no languages.
_LANGUAGES = frozenset(
    re.findall(
        "..",
        "aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffi"
        "fjfofrfygagdglgngugvhahehihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkw"
        "kylalblglilnloltlulvmgmhmimkmlmnmrmsmtmynanbndnengnlnnnonrnvnyocojomorospapiplpsptqurmrnro"
        "rurwsascsdsesgsiskslsmsnsosqsrssstsusvswtatetgthtitktltntotrtstttwtyugukuruzvevivowawoxhyi"
        "yozazhzu",
    )
)


@dataclass(frozen=True)
class Variants:
    """How a docs folder tells versions and locales apart.

    `locales` are its own folders that are named after languages, `suffixes` those that names of
    pages may end in, as in `guide.fr.md`. A pattern is searched in a page's path, and its first
    group is the version or locale.
    """

    locales: frozenset[str] = frozenset()
    suffixes: frozenset[str] = frozenset()
    version_pattern: re.Pattern[str] = _VERSION
    locale_pattern: re.Pattern[str] = _LANGUAGES_FOLDER

    def version_of(self, path: str, fields: Mapping[str, str]) -> str:
        """Return the version of a page, by its front matter or path; "" for none."""
        return fields.get("version") or _first_group(self.version_pattern, path)

    def locale_of(self, path: str, fields: Mapping[str, str]) -> str:
        """Return the locale of a page, by its front matter or path; "" for none."""
        named = fields.get("locale") or fields.get("lang")
        if found := named or _first_group(self.locale_pattern, path):
            return found
        suffix = PurePosixPath(path).with_suffix("").suffix[1:]
        if suffix.lower() in self.suffixes:
            return suffix
        folder = path.partition("/")[0]
        return folder if folder in self.locales else ""


def find_variants(
    docs: Path,
    *,
    version_pattern: str = "",
    locale_pattern: str = "",
    suffixes: frozenset[str] = frozenset(),
    folders: frozenset[str] = frozenset(),
) -> Variants:
    """Look at the folders of `docs` for languages; patterns replace what is looked for.

    `suffixes` and `folders` are those that the site's configuration names.

    Raises `SettingsError` for a pattern that isn't a regular expression with a group.
    """
    if locale_pattern:
        locales: frozenset[str] = frozenset()
    else:
        locales = frozenset(_locale_folders(docs)) | folders
    return Variants(
        locales,
        frozenset() if locale_pattern else suffixes,
        _compiled("--version-pattern", version_pattern) or _VERSION,
        _compiled("--locale-pattern", locale_pattern) or _LANGUAGES_FOLDER,
    )


def _locale_folders(docs: Path) -> set[str]:
    if not docs.is_dir():
        return set()
    names = {folder.name for folder in docs.iterdir() if folder.is_dir()}
    found = {
        name
        for name in names
        if (match := _LOCALE.fullmatch(name)) is not None and match[1] in _LANGUAGES
    }
    # One folder `ts` alone is about TypeScript; beside `en`, or among its like, it is a language.
    return found if "en" in found or len(found) > max(1, len(names) // 2) else set()


def _first_group(pattern: re.Pattern[str], path: str) -> str:
    found = pattern.search(path)
    return (found[1] or "") if found else ""


def _compiled(option: str, pattern: str) -> re.Pattern[str] | None:
    if not pattern:
        return None
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise SettingsError(option, f"{pattern!r} is no regular expression ({error})") from error
    if not compiled.groups:
        raise SettingsError(option, f"{pattern!r} has no group around what to take")
    return compiled
