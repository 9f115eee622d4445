"""Import the application without what its libraries bring along and nothing here uses.

Importing is most of what a start costs. A third of it goes into the MCP SDK, into looking for
garbage among modules that all stay, and into building models that are never used.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import ModuleType

# The agents SDK imports the MCP SDK whole, server and client, for the class of its errors: 0.3
# seconds and 24 MB.
_MCP = ("mcp", "mcp.shared", "mcp.shared.exceptions")

# FastAPI looks for models of Pydantic 1, at each response too: 15 ms and 1.5 MB.
_PYDANTIC_1 = "pydantic.v1"


# The OpenAI client looks whether it is there, for a client that nothing here makes; what does read
# by it, `server.agent.model_transport`, imports it with the first answer: 0.2 seconds and 10 MB.
_AIOHTTP = "aiohttp"


@contextmanager
def lean_imports(*, complete: bool = False) -> Iterator[None]:
    """Make the imports inside quick; `complete` ones may be used by code that isn't known here.

    What was imported is never looked at as garbage again.
    """
    with _without_collector():
        with nullcontext() if complete else _without_unused():
            _import_unbuilt()
            yield
        gc.freeze()


@contextmanager
def _without_collector() -> Iterator[None]:
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _import_unbuilt() -> None:
    """Import models of which few are ever used, to be built when they are.

    FastAPI has those of OpenAPI's documents, the agents SDK those of its sandboxes.
    """
    from pydantic import BaseModel  # noqa: PLC0415

    BaseModel.model_config["defer_build"] = True
    try:
        import agents  # noqa: F401, PLC0415
        import fastapi.openapi.models  # noqa: F401, PLC0415
    finally:
        del BaseModel.model_config["defer_build"]


@contextmanager
def _without_unused() -> Iterator[None]:
    """Put stand-ins in place of what is not used; whoever asks for it later is given the real one.

    A module that is None is one that can't be imported. Pydantic 1 is left out for good.
    """
    sys.modules.setdefault(_PYDANTIC_1, None)  # type: ignore[arg-type]
    stand_ins = {name: module for name, module in _stand_ins().items() if name not in sys.modules}
    sys.modules.update(stand_ins)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]


def _stand_ins() -> dict[str, ModuleType | None]:
    package, inner, exceptions = (ModuleType(name) for name in _MCP)
    package.__path__ = inner.__path__ = []
    vars(exceptions)["MCPError"] = type("MCPError", (Exception,), {})
    return {_AIOHTTP: None, **dict(zip(_MCP, (package, inner, exceptions), strict=True))}
