"""The plain values that a Sphinx project's conf.py sets; it is not run."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path


def sphinx_settings(docs: Path, names: frozenset[str]) -> Mapping[str, object]:
    """Return those settings of `names` that are written out as values; none without a conf.py.

    What is added to a list or a text later counts as well; of conditions, only that a tag isn't
    given, as `sphinx-build -t` would.
    """
    try:
        source = (docs / "conf.py").read_text(encoding="utf-8", errors="replace")
        body = ast.parse(source).body
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, object] = {}
    for statement in _carried_out(body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                found |= _evaluated(name, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if (
                name in names
            ):
                found |= _evaluated(name, value)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value) if (
                name in found
            ):
                found |= _longer(name, found[name], _evaluated(name, value).get(name))
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr=("append" | "extend") as how),
                    args=[value],
                )
            ) if name in found:
                added = _evaluated(name, value).get(name)
                found |= _longer(name, found[name], [added] if how == "append" else added)
            case _:
                continue
    return found


def _carried_out(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        match statement:
            case ast.If(
                test=ast.Compare(ops=[ast.NotIn()], comparators=[ast.Name(id="tags")]), body=inner
            ):
                yield from _carried_out(inner)
            case _:
                yield statement


def _evaluated(name: str, value: ast.expr) -> dict[str, object]:
    try:
        return {name: ast.literal_eval(value)}
    except ValueError:
        return {}


def _longer(name: str, before: object, added: object) -> dict[str, object]:
    match before, added:
        case (str(), str()) | (list(), list()) | (tuple(), tuple()):
            return {name: before + added}  # type: ignore[operator]  # mypy: the pairs are alike.
        case _:
            return {}
