"""`python -m server`: serve the docs, the widget and the assistant."""

import errno
import logging
import os
import socket
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from server.app import create_app
from server.settings import ServerSettings
from store.console import run_command
from store.errors import OperatorError, SettingsError

# An answer under way gets this long to end when the server is stopped; then its stream is cut and
# what there is of it is stored.
_GRACE_SECONDS = 10


class PortInUseError(OperatorError):
    """Another program listens where the server should."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} of {host} is in use. Stop the program that uses it, "
            f"or choose another: make serve PORT={port + 1}"
        )
        self.host = host
        self.port = port


app = typer.Typer(add_completion=False)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0: any.")] = None,
    index: Annotated[Path | None, typer.Option(help="Folder of the index.")] = None,
) -> None:
    """Serve the docs of an index, with the assistant."""
    settings = ServerSettings.with_options(host=host, port=port, index_dir=index)
    _use_utc()
    _log_to_stderr(settings)
    listener = _listen(settings.host, settings.port)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
    server.run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """Listen before the engines are opened, so that a port in use is one line."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(host, port) from error
        raise SettingsError("HOST", f"can't listen on {host}:{port} ({error.strerror})") from error


def _use_utc() -> None:
    # The ChatKit SDK stamps items with the local time, without a zone.
    os.environ["TZ"] = "UTC"
    time.tzset()


def _log_to_stderr(settings: ServerSettings) -> None:
    logging.basicConfig(
        level=settings.log_level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


if __name__ == "__main__":
    run_command(app)
