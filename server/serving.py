"""Run the application: listen, open the engines, tell the address, stop in good order."""

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from agents.tracing import set_trace_provider
from agents.tracing.provider import DefaultTraceProvider

from server.app import create_app
from server.settings import ServerSettings
from server.telemetry.logs import log_to_stderr
from store.errors import EmbedderUnavailableError, OperatorError, SettingsError
from store.ports import Embedder

logger = logging.getLogger(__name__)

# An answer under way gets this long to end when the server is stopped; then its stream is cut and
# what there is of it is stored.
_GRACE_SECONDS = 10
_BACKLOG = 2048
# After so many new objects garbage is looked for. An answer makes a hundred thousand and hardly any
# cycle; by Python's own measure, of 700, looking is a thirtieth of what it costs.
_NEW_OBJECTS = 10_000


class PortInUseError(OperatorError):
    """Another program listens where the server should."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} of {host} is in use. Stop the program that uses it, "
            f"or choose another: make serve PORT={port + 1}"
        )
        self.host = host
        self.port = port


async def serve(settings: ServerSettings) -> None:
    """Serve until the process is told to stop.

    Raises `store.errors.OperatorError` when it can't listen or open what the settings name.
    """
    _use_utc()
    # The SDK's own would make a client that sends traces to OpenAI, for runs that have none too.
    set_trace_provider(DefaultTraceProvider())
    log_to_stderr(settings.log_level, settings.log_format)
    # Listened before the engines are opened, so that a port in use is known at once.
    with _listen(settings.host, settings.port) as listener:
        app = create_app(settings)
        server = _Server(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                # The application does this itself, by TRUSTED_PROXIES.
                proxy_headers=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        # Opened here and not by uvicorn, which would write a failure as a traceback.
        async with app.router.lifespan_context(app):
            # What is there now stays until the end: it is no garbage.
            gc.freeze()
            gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
            loading = asyncio.create_task(_warm_up(app.state.resources.embedder, server))
            if settings.embedder == "minilm":
                # It is loaded by now, or nearly. What embeds elsewhere may be down for a while, in
                # which pages can be read.
                await loading
            try:
                await server.serve(sockets=[listener])
            finally:
                await loading


async def _warm_up(embedder: Embedder, server: uvicorn.Server) -> None:
    """Load the embedder's model; the server stops when it never could answer anything."""
    try:
        await embedder.embed(["warm-up"], kind="query")
    except EmbedderUnavailableError as error:
        logger.warning("No question can be searched for as yet: %s", error)
    except OperatorError:
        server.should_exit = True
        raise


class _Server(uvicorn.Server):
    """A server that tells its address, and ends by a signal as it would by itself."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            host, port = listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            sys.stdout.write(f"Footnote answers at http://{shown}:{port}/ (Ctrl-C stops it)\n")
        sys.stdout.flush()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again at the end, which would cut the closing of the engines.
        previous = {
            number: signal.signal(number, self.handle_exit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(host, port) from error
        raise SettingsError("HOST", f"can't listen on {host}:{port} ({error.strerror})") from error


def _use_utc() -> None:
    # The ChatKit SDK stamps items with the local time, without a zone.
    os.environ["TZ"] = "UTC"
    time.tzset()
