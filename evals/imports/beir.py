"""The layout of BEIR: `corpus.jsonl`, `queries.jsonl` and `qrels/SPLIT.tsv` in one folder."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from evals.imports.drafts import Draft, ImportSourceError
from evals.imports.tables import read_table
from evals.outputs import write_text

QUERIES = "queries.jsonl"


def beir_drafts(folder: Path, *, split: str, as_pages: bool) -> Iterator[Draft]:
    """Yield a draft for each query that has relevant documents in this split.

    With `as_pages` their gold are the pages that `write_pages` makes, otherwise the bare ids.
    """
    relevant: defaultdict[str, list[str]] = defaultdict(list)
    qrels = folder / "qrels" / f"{split}.tsv"
    for row in read_table(qrels):
        try:
            if float(row["score"]) > 0:
                relevant[row["query-id"]].append(row["corpus-id"])
        except (KeyError, ValueError) as error:
            raise ImportSourceError(qrels, "wants query-id, corpus-id and score") from error
    for line, query in _lines(folder / QUERIES):
        if documents := relevant.get(str(query.get("_id"))):
            names = [page_name(name) if as_pages else name for name in documents]
            gold = [{"path": name} for name in names]
            fields = {"id": str(query["_id"]), "question": query.get("text"), "gold": gold}
            yield Draft(fields, folder / QUERIES, line)


def write_pages(folder: Path, docs: Path) -> int:
    """Write each document as a Markdown page, fit to be indexed, and return how many there are."""
    count = 0
    docs.mkdir(parents=True, exist_ok=True)
    for _, document in _lines(folder / "corpus.jsonl"):
        name = str(document["_id"])
        title = " ".join(str(document.get("title") or name).split())
        write_text(docs / page_name(name), f"# {title}\n\n{document.get('text', '')}\n")
        count += 1
    return count


def page_name(document: str) -> str:
    """Return a file name for a document's id, another for each id."""
    name = quote(document, safe="")
    # Files whose names begin so are not read by an ingest.
    if name[0] in "._":
        name = f"%{ord(name[0]):02X}{name[1:]}"
    return f"{name}.md"


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict) or "_id" not in row:
                        raise ImportSourceError(path, "is no object with an _id", line=number)
                    yield number, row
    except OSError as error:
        raise ImportSourceError(path, error.strerror or "can't be read") from error
    except ValueError as error:
        raise ImportSourceError(path, f"is not JSON: {error}") from error
