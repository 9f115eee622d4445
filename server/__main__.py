"""`python -m server`: serve the docs, the widget and the assistant."""

from pathlib import Path
from typing import Annotated

import anyio
import typer

from server.settings import ServerSettings
from store.console import run_command

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: HOST]")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0 is any. [default: PORT]")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Folder of the index. [default: INDEX_DIR]")
    ] = None,
) -> None:
    """Serve the docs of an index, with the assistant."""
    # Imported here because it takes a second or two, in which Ctrl-C should end in one line.
    from server import serving  # noqa: PLC0415

    settings = ServerSettings.with_options(host=host, port=port, index_dir=index)
    anyio.run(serving.serve, settings)


if __name__ == "__main__":
    run_command(app)
