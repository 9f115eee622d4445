"""What a start leaves out, and that it is there for whoever asks for it later."""

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.lean_imports import lean_imports
from server.settings import ServerSettings

START = """
import json, sys
import server.__main__
of_commands = sorted(sys.modules)
from server.lean_imports import lean_imports
with lean_imports():
    from server import serving
imported = sorted(sys.modules)
import agents.mcp, aiohttp, mcp.types
names = [mcp.types.Tool.__name__, agents.mcp.MCPServerStdio.__name__, aiohttp.__name__]
print(json.dumps([of_commands, imported, *names]))
"""


def test_a_start_leaves_out_what_nothing_here_uses() -> None:
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    of_commands, imported, *later = json.loads(done.stdout)
    # Each command pays for these, and the model begins to load only after them.
    assert not {"agents", "chatkit", "fastapi", "openai", "sqlalchemy"} & set(of_commands)
    unused = {"mcp", "mcp_types", "pydantic.v1.fields", "rich", "httpx", "redis", "cryptography"}
    drivers = {"aiohttp", "asyncpg", "obstore", "qdrant_client"}
    unneeded_yet = {"alembic", "numpy", "tiktoken"} | drivers
    assert not (unused | unneeded_yet) & set(imported)
    assert later == ["Tool", "MCPServerStdio", "aiohttp"]


@pytest.mark.parametrize("collects", [True, False])
def test_the_collector_is_as_it_was(collects: bool) -> None:
    enabled = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        with lean_imports():
            assert not gc.isenabled()
        assert gc.isenabled() == collects
        with pytest.raises(ImportError), lean_imports():
            raise ImportError
        assert gc.isenabled() == collects
    finally:
        gc.unfreeze()
        (gc.enable if enabled else gc.disable)()


def test_what_owners_add_may_import_anything() -> None:
    with lean_imports(complete=True):
        assert "mcp" not in sys.modules or vars(sys.modules["mcp"]).get("Client")
    gc.unfreeze()
    assert not ServerSettings().runs_own_code
    assert ServerSettings(extra_tools="tools:make").runs_own_code
    assert ServerSettings(auth=("anonymous", "site.auth:identify")).runs_own_code
