"""Import the application without what its libraries bring along and nothing here uses.

Importing is most of what a start costs. A third of it goes into parts that this application has no
use for, and into looking for garbage among modules that all stay.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import ModuleType

# The agents SDK imports the MCP SDK whole, server and client, for the class of its errors.
_MCP = ("mcp", "mcp.shared", "mcp.shared.exceptions")

# What libraries import only if it is there: HTTPX its own command line, FastAPI the models of
# Pydantic 1. It asks for those again at each response, so they are left out for good.
_OPTIONAL = ("httpx._main", "httpx2._main")
_LEFT_OUT = "pydantic.v1"


@contextmanager
def lean_imports(*, complete: bool = False) -> Iterator[None]:
    """Make the imports inside quick; `complete` ones may be used by code that isn't known here.

    What was imported is never looked at as garbage again.
    """
    with _without_collector():
        with nullcontext() if complete else _without_unused():
            _import_openapi()
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


def _import_openapi() -> None:
    """Import the models of OpenAPI's documents, which FastAPI needs to be there, but unbuilt."""
    from pydantic import BaseModel  # noqa: PLC0415

    BaseModel.model_config["defer_build"] = True
    try:
        import fastapi.openapi.models  # noqa: F401, PLC0415
    finally:
        del BaseModel.model_config["defer_build"]


@contextmanager
def _without_unused() -> Iterator[None]:
    absent = dict.fromkeys((*_OPTIONAL, _LEFT_OUT))
    stand_ins = {
        name: module
        for name, module in {**_stand_ins(), **absent}.items()
        if name not in sys.modules
    }
    # A module that is None is one that can't be imported, as the import system has it.
    sys.modules.update(stand_ins)  # type: ignore[arg-type]
    try:
        yield
    finally:
        # Whoever asks for one later is given the real one.
        for name in stand_ins.keys() - {_LEFT_OUT}:
            del sys.modules[name]


def _stand_ins() -> dict[str, ModuleType | None]:
    package, inner, exceptions = (ModuleType(name) for name in _MCP)
    package.__path__ = inner.__path__ = []
    vars(exceptions)["MCPError"] = type("MCPError", (Exception,), {})
    return dict(zip(_MCP, (package, inner, exceptions), strict=True))
