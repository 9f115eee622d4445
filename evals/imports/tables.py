"""CSV and TSV files with a header; what a column means is told by its name."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from evals.imports.drafts import Draft, ImportSourceError

# For each field the names that columns have for it, in any case.
_NAMES = {
    "id": ("id", "_id", "qid"),
    "question": ("question", "query", "user_input", "prompt"),
    "gold": ("gold", "page", "pages", "path", "paths", "source", "sources", "url", "urls"),
    "answer": ("answer", "reference", "expected_answer", "ground_truth"),
    "must_contain": ("must_contain",),
    "must_not_contain": ("must_not_contain",),
    "status": ("status", "expected_status"),
    "tags": ("tags", "tag", "category"),
}
_SEVERAL = re.compile(r"\s*[|;\n]\s*")
_LISTS = ("must_contain", "must_not_contain", "tags")


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV or TSV file; raises `ImportSourceError` when it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, dialect="excel-tab" if path.suffix == ".tsv" else "excel")
            return [{key: value or "" for key, value in row.items() if key} for row in rows]
    except OSError as error:
        raise ImportSourceError(path, error.strerror or "can't be read") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ImportSourceError(path, f"is not a table: {error}") from error


def table_drafts(path: Path, rows: list[dict[str, str]]) -> Iterator[Draft]:
    """Yield a draft a row; several pages in one cell are separated by `|`, `;` or a line's end."""
    columns = _columns(path, rows)
    for number, row in enumerate(rows, start=1):
        cells = {name: row[column].strip() for name, column in columns.items()}
        fields = {name: value for name, value in cells.items() if value and name != "gold"}
        places = [place for place in _SEVERAL.split(cells.get("gold", "")) if place]
        yield Draft(
            fields={
                "id": f"row-{number}",
                **fields,
                **{name: _SEVERAL.split(fields[name]) for name in _LISTS if name in fields},
                "gold": [_place(place) for place in places if "://" not in place],
            },
            path=path,
            line=number + 1,
            urls=tuple(place for place in places if "://" in place),
        )


def _columns(path: Path, rows: list[dict[str, str]]) -> Mapping[str, str]:
    header = {name.strip().lower(): name for name in rows[0]} if rows else {}
    columns = {
        field: header[name]
        for field, names in _NAMES.items()
        for name in reversed(names)
        if name in header
    }
    for field in ("question", "gold"):
        if field not in columns:
            known = ", ".join(_NAMES[field])
            raise ImportSourceError(path, f"has no column for the {field} (one of {known})", line=1)
    return columns


def _place(text: str) -> dict[str, str]:
    path, _, anchor = text.partition("#")
    return {"path": path, "anchor": anchor} if anchor else {"path": path}
