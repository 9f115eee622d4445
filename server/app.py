"""The application factory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from server.agent.assistant import open_assistant
from server.attachments.files import ReaderAttachments
from server.attachments.transcription import open_transcriber
from server.auth.authenticator import open_authenticator
from server.auth.routes import auth_router, readable_by
from server.chat.chat import DocsChatServer
from server.limits.gate import open_gate
from server.limits.prices import prices_of
from server.retention import retention
from server.routes.attachments import attachment_router
from server.routes.chatkit import router
from server.routes.features import features_router
from server.routes.metrics import metrics_router
from server.routes.problems import answer_problems
from server.settings import ServerSettings
from server.site import site_router
from server.start_record import record_start
from server.streaming.streams import RunningStreams
from server.telemetry.metrics import Metrics
from server.telemetry.observer import REQUEST_ID, Observer
from server.telemetry.refusals import Refusals
from server.telemetry.sign_ins import SignIns
from store.resources import open_resources

EXPOSED_HEADERS = (
    *("Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    REQUEST_ID,
)
"""What scripts of other sites' pages may read of a response, besides what they always may."""


def create_app(settings: ServerSettings) -> FastAPI:
    """Make the application; its engines are opened when it starts and closed when it stops."""
    models = settings.offered_models if settings.paid_model else ()
    metrics = Metrics(prices=prices_of(models, settings.model_prices))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            open_resources(settings) as resources,
            open_assistant(settings, resources) as assistant,
            open_transcriber(settings) as transcriber,
            retention(
                resources.threads,
                days=settings.retention_days,
                delete_file=resources.files.delete_owned,
            ),
            open_authenticator(
                settings, resources.threads, allowed_origins=settings.allowed_origins
            ) as app.state.authenticator,
            open_gate(settings, models=models, threads=resources.threads) as app.state.gate,
        ):
            await record_start(resources.threads, settings)
            app.state.sign_ins = SignIns(resources.threads)
            app.state.refusals = Refusals(resources.threads, metrics)
            app.state.resources = resources
            app.state.attachments = ReaderAttachments(resources.threads, resources.files, settings)
            app.state.chat = DocsChatServer(
                resources,
                assistant,
                settings,
                attachments=app.state.attachments,
                transcriber=transcriber,
            )
            app.state.streams = RunningStreams(finish_on_disconnect=settings.finish_on_disconnect)
            metrics.observe_state(
                streams=lambda: app.state.streams.running, manifest=lambda: resources.index.manifest
            )
            try:
                yield
            finally:
                # What they store at their end needs the engines.
                await app.state.streams.aclose()

    app = FastAPI(
        title="Footnote",
        lifespan=lifespan,
        # `/docs` is where the docs are.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.settings = settings
    app.state.metrics = metrics
    answer_problems(app)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST"],
            # Sites and ChatKit clients send headers of their own along; only who sends them counts.
            allow_headers=["*"],
            # With `*`, any site could act with the cookies of its visitors.
            allow_credentials=settings.accepts_cookies and "*" not in settings.allowed_origins,
            expose_headers=EXPOSED_HEADERS,
            max_age=3600,
        )
    app.add_middleware(Observer, metrics=metrics)
    # Outermost, so that everything else sees the client and the scheme that it really has.
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    app.include_router(auth_router)
    app.include_router(router)
    app.include_router(attachment_router)
    app.include_router(features_router)
    app.include_router(metrics_router)
    app.include_router(site_router(readable_by))
    return app
