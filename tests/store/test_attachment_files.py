"""Files that readers attach: one contract, over a folder, memory and an S3-compatible bucket."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store.attachments import AttachmentFiles, FilesUnavailableError
from store.errors import SettingsError
from tests.server.serving import running


class Bucket:
    """The part of S3 that files need: objects are put and read by key, and deleted by a list."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fails = False

    async def answer(self, request: Request) -> Response:
        key = request.path_params["key"]
        if self.fails:
            return Response(status_code=403)
        match request.method:
            case "PUT":
                self.objects[key] = await request.body()
                return Response(headers={"ETag": '"1"'})
            case "POST":
                named = re.findall(r"<Key>(.*?)</Key>", (await request.body()).decode())
                for name in named:
                    self.objects.pop(f"{key}/{name}", None)
                deleted = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in named)
                return Response(f"<DeleteResult>{deleted}</DeleteResult>")
            case _ if key in self.objects:
                headers = {"ETag": '"1"', "Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT"}
                return Response(self.objects[key], headers=headers)
            case _:
                return Response(status_code=404)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    bucket = Bucket()
    methods = ["GET", "PUT", "POST"]
    app = Starlette(routes=[Route("/{key:path}", bucket.answer, methods=methods)])
    with running(app) as url:
        monkeypatch.setenv("AWS_ENDPOINT", url)
        monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        yield bucket


@pytest.fixture(params=["folder", "memory", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> AttachmentFiles:
    match request.param:
        case "folder":
            return AttachmentFiles.open("", folder=tmp_path / "files")
        case "memory":
            return AttachmentFiles.open("memory:///", folder=tmp_path)
        case _:
            request.getfixturevalue("bucket")
            return AttachmentFiles.open("s3://docs/readers", folder=tmp_path)


async def test_a_file_is_kept_replaced_and_deleted(files: AttachmentFiles) -> None:
    assert await files.get("ann", "atc_1") is None
    await files.put("ann", "atc_1", b"one")
    await files.put("ann", "atc_1", b"two\0")
    await files.put("bob", "atc_1", b"his")
    assert await files.get("ann", "atc_1") == b"two\0"
    await files.delete("ann", "atc_1")
    await files.delete("ann", "atc_1")
    assert await files.get("ann", "atc_1") is None
    assert await files.get("bob", "atc_1") == b"his"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", "💥", "x" * 5_000, "\0"])
async def test_no_name_is_a_path(files: AttachmentFiles, name: str, tmp_path: Path) -> None:
    await files.put(name, name, b"kept")
    assert await files.get(name, name) == b"kept"
    assert all(len(path.name) == 32 for path in (tmp_path / "files").rglob("*"))


async def test_a_bucket_keeps_files_under_its_prefix_and_tells_when_it_fails(
    bucket: Bucket, tmp_path: Path
) -> None:
    files = AttachmentFiles.open("s3://docs/readers", folder=tmp_path)
    await files.put("ann", "atc_1", b"one")
    [key] = bucket.objects
    assert key.startswith("docs/readers/")
    assert "ann" not in key
    bucket.fails = True
    for call in (files.get("ann", "atc_1"), files.put("ann", "a", b"1"), files.delete("ann", "a")):
        with pytest.raises(FilesUnavailableError):
            await call


def test_a_bad_address_is_a_setting_to_mend(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ATTACHMENTS_URL"):
        AttachmentFiles.open("nowhere://bucket", folder=tmp_path)
