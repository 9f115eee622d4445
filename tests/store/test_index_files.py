"""Copying the files of a generation."""

from pathlib import Path

import pytest

from store.index.files import copy_tree, replace_file


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"whole"],
        [(5 << 20), b"after a hole"],
        [b"before a hole", (5 << 20)],
        [b"x" * (3 << 20), (5 << 20), b"y" * 4097, (1 << 20), b"z"],
        [(1 << 20)],
    ],
)
def test_a_copy_has_the_same_content_and_takes_no_more_room(
    tmp_path: Path, parts: list[bytes | int]
) -> None:
    source = tmp_path / "source"
    (source / "folder").mkdir(parents=True)
    original = source / "folder" / "file"
    with original.open("wb") as file:
        for part in parts:
            if isinstance(part, bytes):
                file.write(part)
            else:
                file.seek(part, 1)
        file.truncate()
    copy_tree(source, tmp_path / "target")
    copied = tmp_path / "target" / "folder" / "file"
    assert copied.read_bytes() == original.read_bytes()
    assert copied.stat().st_blocks <= original.stat().st_blocks + 16


def test_a_replaced_file_leaves_nothing_beside_it(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        replace_file(tmp_path / "current", content)
    assert [path.name for path in tmp_path.iterdir()] == ["current"]
    assert (tmp_path / "current").read_bytes() == b"two"
