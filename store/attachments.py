"""The content of attachments: a folder, or an S3-compatible bucket."""

import hashlib
from pathlib import Path

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from store.errors import SettingsError
from store.threads.attachments import OwnedAttachment


class FilesUnavailableError(OSError):
    """The folder or bucket failed while it was being used."""


class AttachmentFiles:
    """Keeps what readers attach, each file under its owner and its attachment's id."""

    def __init__(self, files: ObjectStore) -> None:
        self._files = files

    @classmethod
    def open(cls, url: str, *, folder: Path) -> "AttachmentFiles":
        """Open the bucket of a URL such as `s3://bucket/prefix`, or else a local folder.

        Keys and endpoint of a bucket are read from the environment, by their usual `AWS_` names.
        Raises `SettingsError`.
        """
        if not url:
            return cls(LocalStore(folder, mkdir=True))
        try:
            return cls(from_url(url))
        except (BaseError, ValueError) as error:
            raise SettingsError("ATTACHMENTS_URL", str(error).partition("\n")[0]) from error

    async def put(self, user_id: str, attachment_id: str, content: bytes) -> None:
        """Keep a file, in place of the one that it had. Raises `FilesUnavailableError`."""
        try:
            await obstore.put_async(self._files, _path(user_id, attachment_id), content)
        except (BaseError, OSError) as error:
            raise FilesUnavailableError(str(error)) from error

    async def get(self, user_id: str, attachment_id: str) -> bytes | None:
        """Return a file, or None when there is none. Raises `FilesUnavailableError`."""
        try:
            found = await obstore.get_async(self._files, _path(user_id, attachment_id))
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None
        except (BaseError, OSError) as error:
            raise FilesUnavailableError(str(error)) from error

    async def delete(self, user_id: str, attachment_id: str) -> None:
        """Delete a file; one that isn't there is no error. Raises `FilesUnavailableError`."""
        try:
            await obstore.delete_async(self._files, _path(user_id, attachment_id))
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise FilesUnavailableError(str(error)) from error

    async def delete_owned(self, owned: OwnedAttachment) -> None:
        """Delete the file of an attachment that is being deleted."""
        await self.delete(owned.user_id, owned.attachment.id)


def _path(user_id: str, attachment_id: str) -> str:
    # Neither a user's id nor one that a client made up may name a path.
    parts = (hashlib.sha256(text.encode()).hexdigest()[:32] for text in (user_id, attachment_id))
    return "/".join(parts)
