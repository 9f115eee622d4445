"""What a Sphinx project's own extensions declare."""

import re
from collections.abc import Iterator
from pathlib import Path

_DECLARED = re.compile(
    r"\.add_(?:crossref_type|object_type|directive)\(\s*(?:(?:directive)?name\s*=\s*)?"
    r"[\"'](?P<name>[\w:-]+)"
    r"|\.add_directive_to_domain\(\s*[\"'](?P<domain>\w+)[\"'],\s*[\"'](?P<inner>[\w:-]+)"
)
_NBSPHINX = re.compile(r"[\"']nbsphinx[\"']")
_FORMATS = re.compile(
    r"^nbsphinx_custom_formats\s*=\s*\{(?P<formats>(?:[^{}]|\{[^{}]*\})*)\}", re.MULTILINE
)
_SUFFIX = re.compile(r"[\"'](\.\w+)[\"']\s*:")
_LARGEST_BYTES = 1_000_000


def declared_directives(docs: Path) -> frozenset[str]:
    """Return the directives that conf.py, and the extensions beside it, add; nothing is run."""
    return frozenset(
        name.lower()
        for script in _scripts(docs)
        for declared in _DECLARED.finditer(script)
        for name in _names(declared)
    )


def nbsphinx_suffixes(docs: Path) -> frozenset[str]:
    """Return the suffixes of what nbsphinx reads, which has anchors of its own; none without it."""
    scripts = [script for script in _scripts(docs) if _NBSPHINX.search(script)]
    formats = (found["formats"] for script in scripts for found in _FORMATS.finditer(script))
    suffixes = frozenset(_SUFFIX.findall("".join(formats)))
    return suffixes | {".ipynb"} if scripts else frozenset()


def _names(declared: re.Match[str]) -> Iterator[str]:
    if declared["name"]:
        yield declared["name"]
    else:
        # In pages of its domain, a directive goes without its name.
        yield declared["inner"]
        yield f"{declared['domain']}:{declared['inner']}"


def _scripts(docs: Path) -> Iterator[str]:
    for path in sorted((docs / "conf.py", *docs.glob("*ext*/*.py"), *docs.glob("*/*ext*/*.py"))):
        try:
            if path.stat().st_size <= _LARGEST_BYTES:
                yield path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # An extension tells of names alone; its pages are read without it.
