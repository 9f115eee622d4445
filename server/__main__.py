"""`python -m server`: serve the docs, the widget and the assistant; or look after what is kept."""

from pathlib import Path
from typing import Annotated

import anyio
import typer

from server.commands.audit import audit
from server.commands.erase import erase
from server.commands.export import export
from server.commands.keys import keys
from server.lean_imports import lean_imports
from server.memory import return_large_blocks
from server.settings import ServerSettings
from store.console import run_command
from store.resources import preloaded_embedder

app = typer.Typer(
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(export)
app.command()(erase)
app.command()(audit)
app.add_typer(keys, name="keys")


@app.callback()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: HOST]")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0 is any. [default: PORT]")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Folder of the index. [default: INDEX_DIR]")
    ] = None,
) -> None:
    """Serve the docs of an index, with the assistant; or run one of the commands."""
    settings = ServerSettings.with_options(host=host, port=port, index_dir=index)
    if context.invoked_subcommand is not None:
        context.obj = settings
        return
    return_large_blocks()
    with preloaded_embedder(settings):
        # Imported here because it takes a second or two, in which Ctrl-C should end in one line.
        with lean_imports(complete=settings.runs_own_code):
            from server import serving  # noqa: PLC0415

        anyio.run(serving.serve, settings)


if __name__ == "__main__":
    run_command(app)
