"""The content of attachments: a folder, or an S3-compatible bucket."""

# ruff: noqa: PLC0415 - what keeps files is loaded for a bucket, or with the first file.

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import SettingsError
from store.threads.attachments import OwnedAttachment

if TYPE_CHECKING:
    from obstore.store import ObjectStore


class FilesUnavailableError(OSError):
    """The folder or bucket failed while it was being used."""


class AttachmentFiles:
    """Keeps what readers attach, each file under its owner and its attachment's id."""

    def __init__(self, open_store: "Callable[[], ObjectStore]") -> None:
        """Keep files in the store that `open_store` opens when the first of them is asked for."""
        self._open_store = open_store

    @classmethod
    def open(cls, url: str, *, folder: Path) -> "AttachmentFiles":
        """Open the bucket of a URL such as `s3://bucket/prefix`, or else a local folder.

        Keys and endpoint of a bucket are read from the environment, by their usual `AWS_` names.
        Raises `SettingsError`.
        """
        if not url:
            return cls(lambda: _local(folder))
        from obstore.exceptions import BaseError
        from obstore.store import from_url

        try:
            bucket = from_url(url)
        except (BaseError, ValueError) as error:
            raise SettingsError("ATTACHMENTS_URL", str(error).partition("\n")[0]) from error
        return cls(lambda: bucket)

    @cached_property
    def _files(self) -> "ObjectStore":
        return self._open_store()

    async def put(self, user_id: str, attachment_id: str, content: bytes) -> None:
        """Keep a file, in place of the one that it had. Raises `FilesUnavailableError`."""
        with _failures():
            await self._files.put_async(_path(user_id, attachment_id), content)

    async def get(self, user_id: str, attachment_id: str) -> bytes | None:
        """Return a file, or None when there is none. Raises `FilesUnavailableError`."""
        from obstore.exceptions import NotFoundError

        with _failures():
            try:
                found = await self._files.get_async(_path(user_id, attachment_id))
                return bytes(await found.bytes_async())
            except (NotFoundError, FileNotFoundError):
                return None

    async def delete(self, user_id: str, attachment_id: str) -> None:
        """Delete a file; one that isn't there is no error. Raises `FilesUnavailableError`."""
        from obstore.exceptions import NotFoundError

        with _failures():
            try:
                await self._files.delete_async(_path(user_id, attachment_id))
            except (NotFoundError, FileNotFoundError):
                return

    async def delete_owned(self, owned: OwnedAttachment) -> None:
        """Delete the file of an attachment that is being deleted."""
        await self.delete(owned.user_id, owned.attachment.id)


def _local(folder: Path) -> "ObjectStore":
    from obstore.store import LocalStore

    return LocalStore(folder, mkdir=True)


@contextmanager
def _failures() -> Iterator[None]:
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError) as error:
        raise FilesUnavailableError(str(error)) from error


def _path(user_id: str, attachment_id: str) -> str:
    # Neither a user's id nor one that a client made up may name a path.
    parts = (hashlib.sha256(text.encode()).hexdigest()[:32] for text in (user_id, attachment_id))
    return "/".join(parts)
