"""`GET /features`: what this server offers, so that clients offer nothing else."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.attachments.media_types import MEDIA_TYPES
from server.routes.chatkit import get_settings
from server.settings import ServerSettings

features_router = APIRouter()


@features_router.get("/features")
async def features(request: Request, response: Response) -> dict[str, Any]:
    """Tell whether files can be attached, and which; and which models can be chosen, if any."""
    settings = get_settings(request)
    response.headers["Cache-Control"] = "public, max-age=300"
    # Only a language model reads what is in a file, or can be chosen.
    if settings.paid_model is None:
        return {"attachments": None, "models": []}
    # The default is first. One model alone is no choice, and its name nobody's business.
    models = settings.offered_models if len(settings.offered_models) > 1 else ()
    return {"attachments": _attachments(settings), "models": list(models)}


def _attachments(settings: ServerSettings) -> dict[str, Any] | None:
    if settings.max_attachments == 0:
        return None
    return {
        "most": settings.max_attachments,
        "max_bytes": settings.max_attachment_bytes,
        "media_types": list(MEDIA_TYPES),
    }
