"""The owner's own tools, and the handbook's example of one."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call

from server.agent.assistant import Assistant
from server.agent.extra_tools import load_extra_tools
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from store.errors import SettingsError
from tests.server.doubles import ConstantEmbedder, ListedIndex

HANDBOOK = Path(__file__).parents[2] / "corpus" / "models.md"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the handbook's module importable, and its database."""
    section = HANDBOOK.read_text(encoding="utf-8").split("## Add tools of your own")[1]
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert code is not None
    (tmp_path / "shop_tools.py").write_text(code[1], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("SHOP_DATABASE", str(tmp_path / "shop.db"))
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        database.execute("CREATE TABLE orders (number TEXT, status TEXT)")
        database.execute("INSERT INTO orders VALUES ('A-1001', 'on its way')")
        database.commit()


@pytest.mark.usefixtures("shop")
async def test_the_handbooks_example_looks_an_order_up() -> None:
    [tool] = load_extra_tools("shop_tools:tools")
    assert tool.timeout_seconds == 5.0
    model = ScriptedModel(
        [
            ModelStep(
                output=[
                    function_call("order_status", {"order_number": "A-1001"}, call_id="call_1"),
                    function_call("order_status", {"order_number": "' OR 1"}, call_id="call_2"),
                ]
            ),
            ModelStep(output=[assistant_message("It is on its way.")]),
        ]
    )
    retriever = Retriever(ConstantEmbedder(), ListedIndex([]))
    assistant = Assistant(ServerSettings(), retriever, model, client_tools=[tool])
    answer = await assistant.ask("Where is order A-1001?")
    assert answer.tools == ("order_status", "order_status")
    handed = str(model.calls[-1].input)
    assert "on its way" in handed
    assert "There is no order with this number." in handed


def test_none_are_loaded_without_the_setting() -> None:
    assert load_extra_tools("") == []


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ("shop_tools", "form"),
        (":tools", "form"),
        ("no_such_module:tools", "import"),
        ("json:loads", "list"),
        ("json:nothing", "list"),
        ("json:__all__", "no function tool"),
    ],
)
def test_what_can_not_be_used_is_told_in_one_line(named: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as raised:
        load_extra_tools(named)
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith("EXTRA_TOOLS: ")


@pytest.mark.usefixtures("shop")
def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(SettingsError, match="order_status"):
        load_extra_tools("shop_tools:tools", taken=["order_status"])
