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
from fastapi import APIRouter, Request, Response
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
        self.url = ""
        self.attachments: dict[str, Attachment] = {}
        self.contents: dict[str, bytes] = {}
        self.deleted: list[str] = []
        self.refusal = ""
        self.gate: threading.Event | None = None
        self._ids = itertools.count(1)

    def add_routes(self, router: APIRouter) -> None:
        """Add what a client asks before it offers files, and where it sends and reads them."""
        router.add_api_route("/features", self._features)
        router.add_api_route("/files/{file_id}", self._upload, methods=["POST"])
        router.add_api_route("/files/{file_id}", self._read, methods=["GET"])

    def create(self, params: AttachmentCreateParams) -> Attachment:
        """Register a file, as the first of the two phases."""
        id_ = f"file_{next(self._ids)}"
        url = AnyUrl(f"{self.url}/files/{id_}")
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

    async def _features(self) -> dict[str, Any]:
        return {"attachments": self.limits}

    async def _upload(self, file_id: str, request: Request) -> Response:
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

    async def _read(self, file_id: str, request: Request) -> Response:
        assert request.headers["authorization"].startswith("Bearer ")
        return Response(self.contents[file_id], media_type="image/png")
