"""The part of the scripted backend that takes files."""

import itertools
import threading
from typing import Any

import anyio
from chatkit.types import (
    Attachment,
    AttachmentCreateParams,
    AttachmentUploadDescriptor,
    FileAttachment,
    ImageAttachment,
)
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import AnyUrl

LIMITS = {
    "most": 2,
    "max_bytes": 50_000,
    "media_types": ["text/plain", "text/markdown", "image/png", "application/pdf"],
}


class ScriptedFiles:
    """Keeps what is uploaded; takes files only once a test has set `limits`."""

    def __init__(self) -> None:
        self.limits: dict[str, Any] | None = None
        self.attachments: dict[str, Attachment] = {}
        self.contents: dict[str, bytes] = {}
        self.deleted: list[str] = []
        self.refusal = ""
        self.gate: threading.Event | None = None
        self._ids = itertools.count(1)

    def create(self, params: AttachmentCreateParams, origin: str) -> Attachment:
        """Register a file, as the first of the two phases."""
        id_ = f"file_{next(self._ids)}"
        url = AnyUrl(f"{origin}/files/{id_}")
        upload = AttachmentUploadDescriptor(url=url, method="POST", headers={"X-Extra": "1"})
        named = {"id": id_, "name": params.name, "mime_type": params.mime_type}
        attachment: Attachment = (
            ImageAttachment(**named, upload_descriptor=upload, preview_url=url)
            if params.mime_type.startswith("image/")
            else FileAttachment(**named, upload_descriptor=upload)
        )
        self.attachments[id_] = attachment
        return attachment.model_copy()

    def delete(self, file_id: str) -> None:
        """Forget a file."""
        self.deleted.append(self.attachments.pop(file_id).name)

    def features(self) -> dict[str, Any]:
        """Tell what a client may offer."""
        return {"attachments": self.limits}

    async def upload(self, file_id: str, request: Request) -> Response:
        """Take a file's content, as the second phase."""
        assert request.headers["authorization"].startswith("Bearer ")
        assert request.headers["x-extra"] == "1"
        content = await request.body()
        if self.gate is not None:
            await anyio.to_thread.run_sync(self.gate.wait, 5)
        if self.refusal:
            return JSONResponse({"error": {"code": "no", "message": self.refusal}}, status_code=415)
        self.contents[file_id] = content
        self.attachments[file_id].upload_descriptor = None
        return JSONResponse({})

    def read(self, file_id: str, request: Request) -> Response:
        """Give a file back to its owner."""
        assert request.headers["authorization"].startswith("Bearer ")
        return Response(self.contents[file_id], media_type="image/png")
