"""Attachments of readers: registered, then uploaded, then sent with a message."""

import hashlib
from collections.abc import Sequence

from chatkit.store import AttachmentStore
from chatkit.types import (
    Attachment,
    AttachmentCreateParams,
    AttachmentUploadDescriptor,
    FileAttachment,
    ImageAttachment,
)
from pydantic import AnyUrl

from server.attachments.media_types import base_type, is_what_it_says, kind_of
from server.context import RequestContext
from server.errors import RequestRefused
from server.settings import ServerSettings
from store.attachments import AttachmentFiles
from store.threads.ids import generate_id
from store.threads.store import ThreadStore

_NAME_CHARACTERS = 200


class ReaderAttachments(AttachmentStore[RequestContext]):
    """Two-phase upload to `AttachmentFiles`; who owns what is known to the thread store."""

    def __init__(
        self, threads: ThreadStore, files: AttachmentFiles, settings: ServerSettings
    ) -> None:
        self._threads = threads
        self._files = files
        self._max_bytes = settings.max_attachment_bytes

    def generate_attachment_id(self, mime_type: str, context: RequestContext) -> str:
        """Return a new id of 128 bits."""
        return generate_id("attachment")

    async def register(self, params: AttachmentCreateParams, context: RequestContext) -> Attachment:
        """Register a file and store that; raises `RequestRefused`."""
        attachment = await self.create_attachment(params, context)
        await self._threads.save_attachment(attachment, context=context)
        return attachment

    async def create_attachment(
        self,
        input: AttachmentCreateParams,  # noqa: A002 - the SDK's name
        context: RequestContext,
    ) -> Attachment:
        """Register a file that is to be uploaded next; raises `RequestRefused`."""
        kind = kind_of(input.mime_type)
        if kind is None:
            raise RequestRefused(415, "unsupported_type", "Files of this type can't be attached.")
        self._check_size(input.size)
        attachment_id = self.generate_attachment_id(input.mime_type, context)
        url = f"{context.base_url}attachments/{attachment_id}"
        upload = AttachmentUploadDescriptor(url=AnyUrl(url), method="POST")
        name = _clean_name(input.name)
        mime_type = base_type(input.mime_type)
        if kind == "image":
            return ImageAttachment(
                id=attachment_id,
                name=name,
                mime_type=mime_type,
                upload_descriptor=upload,
                preview_url=AnyUrl(url),
            )
        return FileAttachment(
            id=attachment_id, name=name, mime_type=mime_type, upload_descriptor=upload
        )

    async def upload(
        self, attachment_id: str, content: bytes, context: RequestContext
    ) -> Attachment:
        """Keep a registered file's content, once; raises `RequestRefused`, `NotFoundError`."""
        attachment = await self._threads.load_attachment(attachment_id, context=context)
        if attachment.upload_descriptor is None:
            raise RequestRefused(409, "already_uploaded", "This file has been uploaded already.")
        self._check_size(len(content))
        if not is_what_it_says(content, attachment.mime_type):
            raise RequestRefused(415, "type_mismatch", "The file is not of the type that it names.")
        await self._files.put(context.user_id, attachment_id, content)
        uploaded = attachment.model_copy(
            update={
                "upload_descriptor": None,
                "metadata": {
                    "bytes": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                },
            }
        )
        await self._threads.save_attachment(uploaded, context=context)
        return uploaded

    async def download(
        self, attachment_id: str, context: RequestContext
    ) -> tuple[Attachment, bytes]:
        """Return a file of the reader's own; raises `NotFoundError` or `RequestRefused`."""
        attachment = await self._threads.load_attachment(attachment_id, context=context)
        content = await self._files.get(context.user_id, attachment_id)
        if content is None:
            raise RequestRefused(404, "not_uploaded", "This file has not been uploaded.")
        return attachment, content

    async def delete_attachment(self, attachment_id: str, context: RequestContext) -> None:
        """Delete a file of the reader's own; raises `NotFoundError`."""
        await self._threads.load_attachment(attachment_id, context=context)
        await self._files.delete(context.user_id, attachment_id)

    async def delete_files_of_thread(self, thread_id: str, context: RequestContext) -> None:
        """Delete the files of a thread that is being deleted; raises `NotFoundError`."""
        for attachment in await self._threads.load_thread_attachments(thread_id, context=context):
            await self._files.delete(context.user_id, attachment.id)

    async def check_sendable(self, ids: Sequence[str], context: RequestContext) -> None:
        """Refuse files that are not there yet or went with a message; raises `NotFoundError`."""
        if len(set(ids)) != len(ids):
            raise RequestRefused(400, "repeated_attachment", "A file is attached twice.")
        for attachment_id in ids:
            attachment = await self._threads.load_attachment(attachment_id, context=context)
            if attachment.upload_descriptor is not None:
                raise RequestRefused(409, "not_uploaded", "A file has not been uploaded yet.")

    def _check_size(self, size: int) -> None:
        if not 0 < size <= self._max_bytes:
            raise RequestRefused(
                413, "too_large", f"A file may have 1 to {self._max_bytes} bytes; it has {size}."
            )


def _clean_name(name: str) -> str:
    """Keep a name's last part, without what could end a line or a quotation."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char for char in last if char.isprintable() and char not in '"<>')
    return kept.strip()[:_NAME_CHARACTERS] or "file"
