"""The owner's own tools for the assistant: a database query, a call of an API.

`EXTRA_TOOLS=package.module:tools` names a list of the agents SDK's function tools. They are loaded
once, at start.
"""

import importlib
from collections.abc import Sequence

from agents import FunctionTool

from store.errors import SettingsError

_NAME = "EXTRA_TOOLS"
_TIMEOUT_SECONDS = 20.0


def load_extra_tools(named: str, *, taken: Sequence[str] = ()) -> list[FunctionTool]:
    """Import the tools that the setting names; "" names none.

    A tool without a timeout of its own gets one of 20 seconds; a failure or a timeout is told to
    the model and never to the reader. Raises `SettingsError` when they can't be used.
    """
    if not named:
        return []
    module_name, _, attribute = named.partition(":")
    if not module_name or not attribute:
        raise SettingsError(_NAME, f"{named!r} is not of the form package.module:tools")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise SettingsError(_NAME, f"can't import {module_name}: {error}") from error
    tools = vars(module).get(attribute)
    if not isinstance(tools, list | tuple) or not tools:
        raise SettingsError(_NAME, f"{named} is not a list of function tools")
    names = set(taken)
    for tool in tools:
        if not isinstance(tool, FunctionTool):
            raise SettingsError(_NAME, f"{named} has {tool!r}, which is no function tool")
        if tool.name in names:
            raise SettingsError(_NAME, f"two tools are called {tool.name}")
        names.add(tool.name)
        if tool.timeout_seconds is None:
            tool.timeout_seconds = _TIMEOUT_SECONDS
    return list(tools)
