"""Test sets of Ragas, as CSV, JSON or JSONL: the contexts are texts, not pages."""

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evals.imports.drafts import Draft, ImportSourceError

_QUESTION = ("user_input", "question")
_REFERENCE = ("reference", "ground_truth")
_CONTEXTS = ("reference_contexts", "contexts")


def is_ragas(columns: Mapping[str, object]) -> bool:
    """Tell a Ragas test set from another table by its columns."""
    return any(name in columns for name in _CONTEXTS)


def read_json_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a JSON list or of JSON lines."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if text.lstrip().startswith("["):
            rows = json.loads(text)
        else:
            rows = [json.loads(line) for line in text.split("\n") if line.strip()]
    except OSError as error:
        raise ImportSourceError(path, error.strerror or "can't be read") from error
    except ValueError as error:
        raise ImportSourceError(path, f"is not JSON: {error}") from error
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise ImportSourceError(path, "is no object", line=number)
    return list(rows)


def ragas_drafts(path: Path, rows: list[dict[str, Any]]) -> Iterator[Draft]:
    """Yield a draft a row; a question over several hops needs all of its contexts."""
    for number, row in enumerate(rows, start=1):
        contexts = _texts(_first(row, _CONTEXTS))
        reference = _first(row, _REFERENCE)
        fields = {"id": f"row-{number}", "question": _first(row, _QUESTION)}
        if isinstance(reference, str) and reference.strip():
            fields["answer"] = reference
        if "multi_hop" in str(row.get("synthesizer_name", "")):
            fields["require"] = "all"
        yield Draft(fields, path, number, contexts=contexts)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name)), None)


def _texts(value: object) -> tuple[str, ...]:
    match value:
        case str() if value.startswith("["):
            # A CSV file has the list as Python writes it.
            try:
                listed = ast.literal_eval(value)
            except (ValueError, SyntaxError):
                return (value,)
            return _texts(listed)
        case str():
            return (value,)
        case list():
            return tuple(str(text) for text in value)
        case _:
            return ()
