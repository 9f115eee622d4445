"""`GET /metrics`: for this machine itself, and for scripts whose key allows it."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from server.auth.authenticator import Authenticator
from server.context import RequestContext
from server.errors import RequestRefused
from server.limits.scopes import Asker
from server.telemetry.metrics import Metrics

metrics_router = APIRouter()

_NOBODY = RequestContext(user_id="")


@metrics_router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Tell the state of the application in Prometheus' text format."""
    if not Asker.of(request, _NOBODY).is_local:
        authenticator: Authenticator = request.app.state.authenticator
        reader = await authenticator.identify(request)
        if not reader.context.user_id.startswith("key:"):
            raise RequestRefused(403, "missing_scope", "Use a key that allows metrics.")
    kept: Metrics = request.app.state.metrics
    return Response(kept.text(), media_type=CONTENT_TYPE_LATEST)
