"""`GET /features`: what this server takes besides words, so that clients offer nothing else."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.attachments.media_types import MEDIA_TYPES
from server.routes.chatkit import get_settings

features_router = APIRouter()


@features_router.get("/features")
async def features(request: Request, response: Response) -> dict[str, Any]:
    """Tell whether files can be attached, and which."""
    settings = get_settings(request)
    response.headers["Cache-Control"] = "public, max-age=300"
    # Only a language model reads what is in a file.
    if settings.max_attachments == 0 or settings.paid_model is None:
        return {"attachments": None}
    return {
        "attachments": {
            "most": settings.max_attachments,
            "max_bytes": settings.max_attachment_bytes,
            "media_types": list(MEDIA_TYPES),
        }
    }
