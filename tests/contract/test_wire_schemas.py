"""The wire as the installed SDK has it, held against what it was when it was last looked at.

After an upgrade of the SDK that changes it, read the difference, adapt what it touches, and write
the files anew: `python -m tests.contract.test_wire_schemas`.
"""

import json
from pathlib import Path

import chatkit.types
import pytest
from chatkit.types import Attachment, ChatKitReq, ThreadItem, ThreadItemUpdate, ThreadStreamEvent
from pydantic import TypeAdapter

FOLDER = Path(__file__).parent / "schemas"
TYPES: dict[str, TypeAdapter[object]] = {
    "requests": TypeAdapter(ChatKitReq),
    "events": TypeAdapter(ThreadStreamEvent),
    "items": TypeAdapter(ThreadItem),
    "updates": TypeAdapter(ThreadItemUpdate),
    "attachments": TypeAdapter(Attachment),
}


def shape(name: str) -> dict[str, object]:
    """Return each type's fields: what they are, and which are required."""
    schema = TYPES[name].json_schema()
    kept = {}
    for title, definition in sorted(schema.get("$defs", {}).items()):
        properties = definition.get("properties", {})
        if "type" in properties or title.endswith(("Params", "Input", "Options", "Submission")):
            kept[title] = {
                "type": properties.get("type", {}).get("const"),
                "fields": {
                    field: field in definition.get("required", []) for field in sorted(properties)
                },
            }
    return {title: entry for title, entry in kept.items() if _is_of_the_wire(title)}


def _is_of_the_wire(title: str) -> bool:
    found = getattr(chatkit.types, title, None)
    return found is not None and found.__module__ == "chatkit.types"


# The SDK declares an action's type with a default that JSON can't say.
@pytest.mark.filterwarnings("ignore:Default value")
@pytest.mark.parametrize("name", TYPES)
def test_the_wire_is_what_it_was(name: str) -> None:
    golden = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert shape(name) == golden


if __name__ == "__main__":
    for name in TYPES:
        text = json.dumps(shape(name), indent=1, sort_keys=True)
        (FOLDER / f"{name}.json").write_text(f"{text}\n", "utf-8")
