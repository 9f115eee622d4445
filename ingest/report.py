"""What a run tells the person, or the program, that started it."""

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ingest.plan import Plan
from ingest.prices import price
from ingest.run import Summary
from store.records import Manifest

if TYPE_CHECKING:
    from ingest.estimate import Estimate


def as_json(summary: Summary) -> dict[str, object]:
    """Return the object that `--json` prints."""
    plan, changes = summary.plan, summary.changes
    return {
        "pages": _page_counts(plan),
        "formats": _formats(plan),
        "passages": {
            "added": changes.added,
            "removed": changes.removed,
            "unchanged": summary.passages - changes.added,
        },
        "tokens": changes.tokens,
        "embedded": changes.embedded,
        "embedded_tokens": changes.embedded_tokens,
        "reused": changes.reused,
        "dollars": _dollars(summary),
        "generator": summary.generator,
        "notices": [str(notice) for notice in summary.notices],
        "seconds": round(summary.seconds, 3),
        "stages": {stage: round(seconds, 3) for stage, seconds in changes.seconds.items()},
        "generation": summary.generation,
        "search": _search_of(summary.manifest),
        "published": [
            {
                "generation": each.manifest.generation,
                "search": _search_of(each.manifest),
                "seconds": round(each.seconds, 3),
            }
            for each in summary.published
        ],
        "restricted": summary.restricted,
    }


def _search_of(manifest: Manifest) -> str:
    return "hybrid" if manifest.dense else "lexical"


def _dollars(summary: Summary) -> float | None:
    return price(summary.changes.embedded_tokens, summary.manifest.embedder)


def _formats(plan: Plan) -> dict[str, int]:
    """Count the files that were read by their ending, the most frequent first."""
    endings = Counter(PurePosixPath(file.path).suffix.lower() for file in plan.to_read)
    return dict(endings.most_common())


def plan_as_json(plan: Plan) -> dict[str, object]:
    """Return the object that `--check --json` prints."""
    return {
        "up_to_date": plan.is_empty,
        "pages": _page_counts(plan),
        "added": [file.path for file in plan.added],
        "changed": [file.path for file in (*plan.changed, *plan.refreshed)],
        "moved": {move.old_path: move.file.path for move in plan.moved},
        "removed": list(plan.removed),
    }


def estimate_as_json(estimate: "Estimate") -> dict[str, object]:
    """Return the object that `--dry-run --json` prints."""
    return {
        "pages": _page_counts(estimate.plan),
        "passages": estimate.passages,
        "tokens": estimate.tokens,
        "dollars": estimate.dollars,
    }


def estimate_in_words(estimate: "Estimate") -> str:
    """Describe in one line what a run would embed."""
    if estimate.plan.is_empty:
        return "The index is up to date."
    price = "" if estimate.dollars is None else f", about ${estimate.dollars:.4f}"
    return (
        f"To read: {_plan_in_words(estimate.plan)}. At most {estimate.passages} passages "
        f"of {estimate.tokens} tokens to embed{price}."
    )


def in_words(summary: Summary) -> str:
    """Describe a run: a line of what it did and, of one that read pages, a table of figures."""
    if not summary.published:
        return f"Nothing to do: generation {summary.generation} is the folder already."
    changes = summary.changes
    dollars = _dollars(summary)
    cost = "" if dollars is None else f", ${dollars:.4f}"
    by_search = {"hybrid": "by words and meaning", "lexical": "by words"}
    rows = {
        "passages": f"{summary.passages}, of them {changes.added} new, of {changes.tokens} tokens; "
        f"{changes.removed} removed",
        "embedded": f"{changes.embedded}, {changes.embedded_tokens} tokens{cost}; "
        f"{changes.reused} reused",
        "formats": ", ".join(
            f"{count} {ending}" for ending, count in _formats(summary.plan).items()
        )
        or "none",
        "seconds": ", ".join(f"{stage} {spent:.1f}" for stage, spent in changes.seconds.items()),
    }
    return "\n".join(
        (
            f"Indexed {_plan_in_words(summary.plan)} in {summary.seconds:.1f} s."
            f"{_restricted_in_words(summary)}",
            *(f"  {name:<9} {row}" for name, row in rows.items()),
            *(
                f"Generation {each.manifest.generation} was published after {each.seconds:.1f} s, "
                f"searched {by_search[_search_of(each.manifest)]}."
                for each in summary.published
            ),
        )
    )


def _restricted_in_words(summary: Summary) -> str:
    if not summary.restricted:
        return ""
    return f" Of its pages, {summary.restricted} are for certain roles or tenants only."


def plan_in_words(plan: Plan) -> str:
    """Describe in one line what a run would do."""
    if plan.is_empty:
        return "The index is up to date."
    return f"The index is behind the folder: {_plan_in_words(plan)}."


def _plan_in_words(plan: Plan) -> str:
    counts = _page_counts(plan)
    named = [f"{count} {name}" for name, count in counts.items() if count]
    return f"pages: {', '.join(named)}"


def _page_counts(plan: Plan) -> dict[str, int]:
    return {
        "added": len(plan.added),
        "changed": len(plan.changed) + len(plan.refreshed),
        "moved": len(plan.moved),
        "removed": len(plan.removed),
        "unchanged": len(plan.unchanged),
    }
