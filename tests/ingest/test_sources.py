"""Which files of a folder are documents, and what can be wrong with them."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ingest import sources
from ingest.sources import Folder, SourceError, read_source


def scan(root: Path) -> Folder:
    """Scan for Markdown files that include `part.txt`."""
    return sources.scan(
        root,
        is_page=lambda path: path.lower().endswith(".md"),
        included=lambda _, content: b"a part" if b"include" in content else b"",
    )


def paths(root: Path) -> list[str]:
    return [file.path for file in scan(root).files]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "guide").mkdir(parents=True)
    (folder / "index.md").write_text("# Home\n")
    (folder / "guide" / "Install.MD").write_text("# Install\n")
    return folder


def test_documents_are_found_in_order(docs: Path) -> None:
    (docs / "image.png").write_bytes(b"\x89PNG\0")
    assert paths(docs) == ["guide/Install.MD", "index.md"]


def test_content_hash_is_the_sha_256_of_the_file(docs: Path) -> None:
    file = scan(docs).files[-1]
    assert file.content_hash == hashlib.sha256(b"# Home\n").hexdigest()


def test_content_hash_covers_what_a_page_includes(docs: Path) -> None:
    (docs / "index.md").write_text("include")
    digest = hashlib.sha256(b"includea part").hexdigest()
    assert scan(docs).files[-1].content_hash == digest


@pytest.mark.parametrize("folder", [".git", ".hidden", "node_modules", "__pycache__", "venv"])
def test_folders_that_hold_no_docs_are_left_out(docs: Path, folder: str) -> None:
    (docs / "guide" / folder).mkdir()
    (docs / "guide" / folder / "a.md").write_text("# A\n")
    (docs / ".hidden.md").write_text("# A\n")
    assert paths(docs) == ["guide/Install.MD", "index.md"]


def test_links_are_followed_inside_the_folder_only(docs: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secret\n")
    (docs / "out").symlink_to(outside)
    (docs / "out.md").symlink_to(outside / "secret.md")
    (docs / "loop").symlink_to(docs)
    (docs / "guide" / "up").symlink_to(docs / "guide")
    (docs / "again.md").symlink_to(docs / "index.md")
    (docs / "same").symlink_to(docs / "guide")
    (docs / "self.md").symlink_to("self.md")
    (docs / "there.md").symlink_to("back.md")
    (docs / "back.md").symlink_to("there.md")
    assert paths(docs) == ["again.md", "guide/Install.MD", "index.md", "same/Install.MD"]


def test_a_pipe_is_not_waited_for(docs: Path) -> None:
    os.mkfifo(docs / "pipe.md")
    (docs / "link.md").symlink_to("pipe.md")
    assert paths(docs) == ["guide/Install.MD", "index.md"]


def test_a_file_that_is_far_too_large_is_not_read_whole(docs: Path) -> None:
    with (docs / "large.md").open("wb") as file:
        file.truncate(100_000_000_000)
    folder = scan(docs)
    assert [str(notice) for notice in folder.notices] == ["large.md:1: larger than 10 MB; left out"]


def missing(folder: Path) -> None:
    """Make nothing."""


def a_file(folder: Path) -> None:
    folder.write_text("# A\n")


def empty(folder: Path) -> None:
    folder.mkdir()


def without_documents(folder: Path) -> None:
    folder.mkdir()
    (folder / "a.txt").write_text("text")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (missing, "there is no such folder"),
        (a_file, "this is not a folder"),
        (empty, "no documents in"),
        (without_documents, "no documents in"),
    ],
)
def test_a_folder_that_cannot_be_meant(
    tmp_path: Path, make: Callable[[Path], None], problem: str
) -> None:
    make(tmp_path / "docs")
    with pytest.raises(SourceError, match=problem) as caught:
        scan(tmp_path / "docs")
    assert str(tmp_path / "docs") in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(docs: Path) -> None:
    (docs / "dangling.md").symlink_to(docs / "gone.md")
    with pytest.raises(SourceError, match=r"dangling\.md: can't be read"):
        scan(docs)


@contextmanager
def as_a_user_without_rights() -> Iterator[None]:
    """Give up root's right to read everything, where tests run as root."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize("name", ["guide", "index.md"])
def test_what_may_not_be_read_is_named(name: str) -> None:
    # pytest's own folders are for their user alone.
    with TemporaryDirectory() as folder:
        docs = Path(folder)
        docs.chmod(0o755)
        (docs / "guide").mkdir()
        (docs / "guide" / "a.md").write_text("# A\n")
        (docs / "index.md").write_text("# A\n")
        (docs / name).chmod(0)
        with (
            as_a_user_without_rights(),
            pytest.raises(SourceError, match=f"{name}: can't be read"),
        ):
            scan(docs)
        (docs / name).chmod(0o755)


def test_a_file_that_disappears_in_between_is_named(docs: Path) -> None:
    file = scan(docs).files[0]
    file.location.unlink()
    with pytest.raises(SourceError, match=r"Install\.MD: can't be read"):
        read_source(file)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("é\n".encode(), "é\n"),
        ("é\n".encode("utf-8-sig"), "é\n"),
        ("é\n".encode("utf-16"), "é\n"),
    ],
)
def test_encodings_that_say_what_they_are(docs: Path, content: bytes, text: str) -> None:
    (docs / "index.md").write_bytes(content)
    source = read_source(scan(docs).files[-1])
    assert (source.text, source.notices) == (text, ())


def test_what_is_not_utf_8_is_read_as_latin_1_with_a_notice(docs: Path) -> None:
    (docs / "index.md").write_bytes("# Home\n\ncafé\n".encode("latin-1"))
    source = read_source(scan(docs).files[-1])
    assert source.text == "# Home\n\ncafé\n"
    assert [str(notice) for notice in source.notices] == ["index.md:3: not UTF-8; read as Latin-1"]


@pytest.mark.parametrize("content", [b"\x7fELF\0\0\0", b"x" * 10_000_001])
def test_a_file_that_is_no_page_is_left_out_with_a_notice(docs: Path, content: bytes) -> None:
    (docs / "blob.md").write_bytes(content)
    folder = scan(docs)
    assert [file.path for file in folder.files] == ["guide/Install.MD", "index.md"]
    assert [notice.path for notice in folder.notices] == ["blob.md"]
