"""Where files are uploaded to and read back from, by their owner alone."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from chatkit.store import NotFoundError
from chatkit.types import Attachment, AttachmentCreateParams
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile

from server.attachments.files import ReaderAttachments
from server.attachments.media_types import kind_of
from server.chat.wire import to_wire
from server.errors import READER_FILES_FAILED, RequestRefused
from server.limits.scopes import Asker
from server.routes.chatkit import ReaderDep, get_gate, get_settings, read_body
from store.attachments import FilesUnavailableError
from store.threads.errors import ThreadsUnavailableError

logger = logging.getLogger(__name__)

_FORM_BYTES = 10_000

attachment_router = APIRouter(prefix="/attachments")

# Nothing in a file may run, nor be taken for anything else than it is.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=3600",
}


def get_attachments(request: Request) -> ReaderAttachments:
    """Return the attachments of the application."""
    attachments: ReaderAttachments = request.app.state.attachments
    return attachments


async def limited(request: Request, reader: ReaderDep) -> None:
    """Count a request against its reader's limits."""
    await get_gate(request).take_request(Asker.of(request, reader.context))


AttachmentsDep = Annotated[ReaderAttachments, Depends(get_attachments)]


@attachment_router.post("/{attachment_id}", dependencies=[Depends(limited)])
async def upload(
    attachment_id: str, request: Request, reader: ReaderDep, attachments: AttachmentsDep
) -> Response:
    """Take the content of a file that was registered by `attachments.create`."""
    content = await read_body(request, limit=get_settings(request).max_attachment_bytes)
    with _told():
        return _sent(await attachments.upload(attachment_id, content, reader.context))


@attachment_router.post("", dependencies=[Depends(limited)])
async def upload_directly(
    request: Request, reader: ReaderDep, attachments: AttachmentsDep
) -> Response:
    """Register the file of a form's field `file` and take its content, in one request."""
    limit = get_settings(request).max_attachment_bytes
    # A form is written to disk while it is read, so how long it is must be known before.
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > limit + _FORM_BYTES:
        raise RequestRefused(413, "too_large", f"A file may have {limit} bytes; say how many.")
    async with request.form(max_files=1, max_fields=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise RequestRefused(400, "invalid_request", "The field `file` is missing.")
        content = await file.read()
    params = AttachmentCreateParams(
        name=file.filename or "", size=len(content), mime_type=file.content_type or ""
    )
    context = replace(reader.context, base_url=str(request.base_url))
    with _told():
        created = await attachments.register(params, context)
        return _sent(await attachments.upload(created.id, content, context))


@attachment_router.get("/{attachment_id}")
async def download(attachment_id: str, reader: ReaderDep, attachments: AttachmentsDep) -> Response:
    """Return a file: an image to look at, anything else to save."""
    with _told():
        attachment, content = await attachments.download(attachment_id, reader.context)
    is_image = kind_of(attachment.mime_type) == "image"
    disposition = "inline" if is_image else "attachment"
    return Response(
        content,
        media_type=attachment.mime_type if is_image else "application/octet-stream",
        headers={
            **_HEADERS,
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(attachment.name)}",
        },
    )


@contextmanager
def _told() -> Iterator[None]:
    """Turn failures into answers."""
    try:
        yield
    except NotFoundError as error:
        raise RequestRefused(404, "not_found", "There is no such attachment.") from error
    except (FilesUnavailableError, ThreadsUnavailableError) as error:
        logger.exception("Attachments are not available.")
        raise RequestRefused(503, "unavailable", READER_FILES_FAILED) from error


def _sent(attachment: Attachment) -> Response:
    return Response(to_wire(attachment), media_type="application/json")
