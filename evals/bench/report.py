"""The bench as one table and one JSON document, ratios first."""

import os
import platform
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from evals.bench.figures import OURS, Bar, Part

_DECIMALS = {"×": 2, "s": 2, "ms": 1, "MB": 0, "files/s": 0, "events/s": 0, "answers/s": 1}


def as_json(parts: Sequence[Part]) -> dict[str, object]:
    """Return the document that `--json` writes."""
    return {
        "machine": {
            "cores": os.cpu_count(),
            "platform": platform.platform(),
            "python": platform.python_version(),
        },
        "bars": [
            {
                "part": part.name,
                "name": bar.name,
                "value": bar.value,
                "most": bar.most,
                "unit": bar.unit,
                "missed": bar.missed,
            }
            for part in parts
            for bar in part.bars
        ],
        "measured": {
            part.name: {
                "about": part.about,
                "figures": [
                    {"name": row.name, "unit": row.unit, "by_system": dict(row.by_system)}
                    for row in part.rows
                ],
            }
            for part in parts
        },
    }


def print_report(parts: Sequence[Part], console: Console) -> None:
    """Print one table: what has a goal at its head, then each part's measurements."""
    columns = max((len(_systems(part)) for part in parts), default=0)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(overflow="fold")
    for _ in range(max(columns, 3) + 1):
        table.add_column(justify="right")
    _add_heading(table, "Ratios and bars", ["", "is", "at most"])
    for part in parts:
        for bar in part.bars:
            table.add_row(f"{part.name}: {bar.name}", *_bar_cells(bar))
    for part in parts:
        if not part.rows:
            continue
        systems = _systems(part)
        table.add_row()
        _add_heading(table, f"{part.name.capitalize()}: {part.about}", ["", *systems])
        for row in part.rows:
            cells = (
                _number(row.by_system[system], row.unit) if system in row.by_system else ""
                for system in systems
            )
            table.add_row(row.name, row.unit, *cells)
    console.print(table)
    missed = list(_missed(parts))
    for part, bar in missed:
        console.print(
            f"MISSED {part.name}: {bar.name} is {_number(bar.value, bar.unit)}, "
            f"the goal is at most {bar.most:g}.",
            style="bold red",
            markup=False,
            soft_wrap=True,
        )
    bars = [bar for part in parts for bar in part.bars if bar.most is not None]
    console.print(f"{len(bars) - len(missed)} of {len(bars)} goals met.")


def _missed(parts: Sequence[Part]) -> Iterator[tuple[Part, Bar]]:
    return ((part, bar) for part in parts for bar in part.bars if bar.missed)


def _systems(part: Part) -> list[str]:
    names = dict.fromkeys(system for row in part.rows for system in row.by_system)
    return sorted(names, key=lambda name: name != OURS)


def _add_heading(table: Table, title: str, columns: Sequence[str]) -> None:
    table.add_row(title, *columns, style="bold")


def _bar_cells(bar: Bar) -> Iterator[str]:
    yield bar.unit
    yield _number(bar.value, bar.unit)
    yield "" if bar.most is None else f"{bar.most:g}"
    yield "MISSED" if bar.missed else ""


def _number(value: float, unit: str) -> str:
    return f"{value:,.{_DECIMALS.get(unit, 0)}f}"
