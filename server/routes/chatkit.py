"""The HTTP routes of the assistant: `POST /chatkit`, `GET /health`, `GET /ready`."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

from chatkit.server import StreamingResult
from chatkit.store import NotFoundError
from chatkit.types import InputTranscribeReq
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from server.agent.client_tools import client_tools
from server.auth.identity import Reader
from server.auth.routes import identify
from server.auth.sessions import remember
from server.chat.chat import DocsChatServer
from server.chat.entities import entity, find_pages
from server.chat.preconditions import parse_request
from server.context import RequestContext
from server.errors import (
    READER_FILES_FAILED,
    READER_SEARCH_FAILED,
    RequestRefused,
    RetrievalUnavailable,
)
from server.limits.gate import Gate, over_budget
from server.limits.scopes import Asker
from server.search.visible_index import VisibleIndex
from server.settings import ServerSettings
from server.streaming.sse import EventStreamResponse
from server.streaming.streams import RunningStreams
from server.telemetry.logs import hashed, note
from server.telemetry.metrics import Metrics
from server.telemetry.refusals import Refusals
from store.attachments import FilesUnavailableError
from store.errors import IndexUnavailableError
from store.resources import Resources
from store.threads.errors import ThreadsUnavailableError, UnknownCursorError

logger = logging.getLogger(__name__)

router = APIRouter()

_LONGEST_URL = 2_000
_LONGEST_LABEL = 100
_NOBODY = RequestContext(user_id="nobody")


def get_settings(request: Request) -> ServerSettings:
    """Return the settings that the application was made with."""
    settings: ServerSettings = request.app.state.settings
    return settings


def get_resources(request: Request) -> Resources:
    """Return the engines that the application has open."""
    resources: Resources = request.app.state.resources
    return resources


def get_chat(request: Request) -> DocsChatServer:
    """Return the ChatKit server of the application."""
    chat: DocsChatServer = request.app.state.chat
    return chat


def get_streams(request: Request) -> RunningStreams:
    """Return the streams that the application is answering with."""
    streams: RunningStreams = request.app.state.streams
    return streams


def get_gate(request: Request) -> Gate:
    """Return the limits that the application keeps."""
    gate: Gate = request.app.state.gate
    return gate


ResourcesDep = Annotated[Resources, Depends(get_resources)]
ChatDep = Annotated[DocsChatServer, Depends(get_chat)]
StreamsDep = Annotated[RunningStreams, Depends(get_streams)]
ReaderDep = Annotated[Reader, Depends(identify)]


@router.post("/chatkit")
async def chatkit(
    request: Request,
    reader: ReaderDep,
    chat: ChatDep,
    streams: StreamsDep,
) -> Response:
    """Answer one request of a ChatKit client, as JSON or as a stream of events."""
    settings = get_settings(request)
    gate = get_gate(request)
    metrics: Metrics = request.app.state.metrics
    asker = Asker.of(request, reader.context)
    left = await gate.take_request(asker)
    body = await read_body(request, limit=settings.max_body_bytes)
    parsed = parse_request(body)
    note(
        type=parsed.type,
        user=hashed(reader.context.user_id),
        tenant=hashed(reader.context.tenant),
        thread=hashed(getattr(parsed.params, "thread_id", None) or ""),
    )
    if settings.log_content:
        note(content=body.decode(errors="replace"))
    context = _with_page(reader.context, parsed.metadata, request)
    with _problems_told():
        await chat.check(parsed, context)
        if isinstance(parsed, InputTranscribeReq):
            async with gate.paid(asker, context.meter):
                result = await chat.carry_out(parsed, context)
        else:
            result = await chat.carry_out(parsed, context)
    if isinstance(result, StreamingResult):
        admitted = await gate.admit(result, asker, context.meter)
        if context.meter.renews_at is not None:
            refusals: Refusals = request.app.state.refusals
            await refusals.record(over_budget(context.meter.renews_at))
        response: Response = EventStreamResponse(
            metrics.answer(admitted, context.meter),
            streams=streams,
            heartbeat_seconds=settings.heartbeat_seconds,
        )
    else:
        response = Response(result.json, media_type="application/json")
    response.headers.update(left)
    remember(reader, response, secure=request.url.scheme == "https")
    return response


def _with_page(
    context: RequestContext, metadata: dict[str, Any], request: Request
) -> RequestContext:
    """Add what the client says of itself and of the page that the reader is on."""
    settings = get_settings(request)
    return replace(
        context,
        client_tools=client_tools(metadata),
        page=page_url(metadata),
        base_url=str(request.base_url),
        version=_label(metadata, "version") or settings.default_version,
        locale=_label(metadata, "locale") or context.locale or settings.default_locale,
        source_locale=settings.default_locale,
    )


@contextmanager
def _problems_told() -> Iterator[None]:
    """Refuse a request that can't be carried out, with the reason that its client may know."""
    try:
        yield
    except NotFoundError as error:
        raise RequestRefused(404, "not_found", "There is no such thread or item.") from error
    except ThreadsUnavailableError as error:
        logger.exception("The database is not available.")
        raise RequestRefused(
            503, "unavailable", "Conversations can't be reached just now. Please try again."
        ) from error
    except FilesUnavailableError as error:
        logger.exception("Attachments are not available.")
        raise RequestRefused(503, "unavailable", READER_FILES_FAILED) from error
    except RetrievalUnavailable as error:
        raise RequestRefused(503, "search_failed", READER_SEARCH_FAILED) from error
    except UnknownCursorError as error:
        raise RequestRefused(
            400, "unknown_cursor", "`after` names no item of this list."
        ) from error


@router.get("/entities")
async def entities(
    resources: ResourcesDep,
    reader: ReaderDep,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> dict[str, Any]:
    """Find the pages that a reader can mention, by the words of their titles."""
    try:
        pages = await VisibleIndex(resources.index, reader.context.scope).pages()
    except IndexUnavailableError as error:
        raise RequestRefused(503, "unavailable", READER_SEARCH_FAILED) from error
    return {"entities": [entity(page) for page in find_pages(pages, q, limit=limit)]}


# Probes of load balancers ask for the head, too.
@router.head("/health", include_in_schema=False)
@router.get("/health")
async def health() -> dict[str, str]:
    """Tell that the process runs."""
    return {"status": "ok"}


@router.head("/ready", include_in_schema=False)
@router.get("/ready")
async def ready(request: Request, resources: ResourcesDep) -> JSONResponse:
    """Tell whether questions can be answered: index, database and counters respond."""
    problems: dict[str, str] = {}
    try:
        # The engine is asked for this; the list of pages may be known already.
        await resources.index.page("")
    except IndexUnavailableError as error:
        logger.warning("The index is not available: %s", error)
        problems["index"] = "unavailable"
    try:
        await resources.threads.load_threads(1, None, "desc", context=_NOBODY)
    except ThreadsUnavailableError:
        problems["database"] = "unavailable"
    if not await get_gate(request).is_reachable():
        problems["limits"] = "unavailable"
    manifest = resources.index.manifest
    return JSONResponse(
        {
            "status": "not_ready" if problems else "ready",
            "index": {
                "generation": manifest.generation,
                "pages": manifest.pages,
                "passages": manifest.passages,
            },
            **({"problems": problems} if problems else {}),
        },
        status_code=503 if problems else 200,
    )


def page_url(metadata: dict[str, Any]) -> str:
    """Return the page that a client says the reader is on, or nothing."""
    url = metadata.get("page_url")
    return url if isinstance(url, str) and len(url) <= _LONGEST_URL else ""


def _label(metadata: dict[str, Any], name: str) -> str:
    """Return the version or the locale that a client says the reader is on, or nothing."""
    label = metadata.get(name)
    return label.strip() if isinstance(label, str) and len(label) <= _LONGEST_LABEL else ""


async def read_body(request: Request, *, limit: int) -> bytes:
    """Read the body; raises `RequestRefused` (413) as soon as it is longer than `limit` bytes.

    A client that left before its body was whole is refused too (400), for the log.
    """
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise RequestRefused(413, "too_large", f"The body is longer than {limit} bytes.")
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise RequestRefused(400, "body_cut_short", "The body was cut short.") from error
    return b"".join(chunks)
