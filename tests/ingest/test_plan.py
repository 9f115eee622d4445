"""The difference of folder and index."""

from pathlib import Path

from ingest.plan import Plan, make_plan
from ingest.sources import SourceFile


def plan(folder: dict[str, str], index: dict[str, str], *, refresh: bool = False) -> Plan:
    """Plan for a folder and an index, each a map of path to content hash."""
    files = [SourceFile(Path(), path, digest) for path, digest in folder.items()]
    return make_plan(files, index, refresh=refresh)


def paths(files: tuple[SourceFile, ...]) -> list[str]:
    return [file.path for file in files]


def test_every_kind_of_change() -> None:
    found = plan(
        {"same.md": "1", "edited.md": "2b", "new.md": "3", "there.md": "4"},
        {"same.md": "1", "edited.md": "2a", "here.md": "4", "gone.md": "5"},
    )
    assert paths(found.added) == ["new.md"]
    assert paths(found.changed) == ["edited.md"]
    assert [(move.old_path, move.file.path) for move in found.moved] == [("here.md", "there.md")]
    assert found.removed == ("gone.md",)
    assert paths(found.unchanged) == ["same.md"]
    assert found.gone_paths == ("gone.md", "here.md")
    assert paths(found.to_read) == ["new.md", "edited.md", "there.md"]


def test_nothing_to_do() -> None:
    assert plan({"a.md": "1"}, {"a.md": "1"}).is_empty


def test_a_copy_is_no_move() -> None:
    found = plan({"a.md": "1", "b.md": "1"}, {"a.md": "1"})
    assert (paths(found.added), found.moved) == (["b.md"], ())


def test_of_equal_pages_each_moves_once() -> None:
    found = plan({"c.md": "1", "d.md": "1", "e.md": "1"}, {"a.md": "1", "b.md": "1"})
    assert [(move.old_path, move.file.path) for move in found.moved] == [
        ("a.md", "c.md"),
        ("b.md", "d.md"),
    ]
    assert paths(found.added) == ["e.md"]
    assert found.removed == ()


def test_other_rules_refresh_what_is_unchanged() -> None:
    found = plan({"a.md": "1", "b.md": "2b"}, {"a.md": "1", "b.md": "2a"}, refresh=True)
    assert (paths(found.refreshed), paths(found.changed)) == (["a.md"], ["b.md"])
    assert not found.is_empty
