"""The assistant inside other applications, as the handbook shows it."""

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import django
import pytest
from django.conf import settings as django_settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from server.settings import ServerSettings
from tests.mock_openai import Call, MockOpenAI, Step, Text
from tests.server.serving import user_input

PAGE = Path(__file__).parents[2] / "corpus" / "deployment.md"
ANN = {"shop_session": "session-of-ann"}


@pytest.fixture
def example(
    settings: ServerSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], ModuleType]]:
    """Return a function that imports `shop` or `beside`, written from the handbook."""
    shop, beside = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "shop.py").write_text(shop)
    (tmp_path / "beside.py").write_text(beside)
    monkeypatch.setenv("INDEX_DIR", str(settings.index_dir))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module
    for name in ("shop", "beside"):
        sys.modules.pop(name, None)


def check(app: ASGIApp) -> None:
    """See that the shop is there, and the assistant for those who have signed in to it."""
    body = {"type": "threads.list", "params": {}}
    with TestClient(app, base_url="http://shop.test") as client:
        assert "The shop" in client.get("/").text
        refused = client.post("/assistant/chatkit", json=body)
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "sign_in_required"
        client.cookies.update(ANN)
        assert client.post("/assistant/chatkit", json=body).json()["data"] == []
        foreign = client.post(
            "/assistant/chatkit", json=body, headers={"Origin": "https://evil.example"}
        )
        assert foreign.json()["error"]["code"] == "origin_not_allowed"
        own = client.post("/assistant/chatkit", json=body, headers={"Origin": "http://shop.test"})
        assert own.status_code == 200
        assert client.get("/assistant/widget.js").status_code == 200


def test_in_a_fastapi_application(example: Callable[[str], ModuleType]) -> None:
    check(example("shop").app)


def test_beside_flask(example: Callable[[str], ModuleType]) -> None:
    check(example("beside").app)


def test_beside_django(example: Callable[[str], ModuleType]) -> None:
    urls = ModuleType("shop_urls")
    vars(urls)["urlpatterns"] = [path("", lambda _request: HttpResponse("The shop"))]
    sys.modules["shop_urls"] = urls
    django_settings.configure(ROOT_URLCONF="shop_urls", ALLOWED_HOSTS=["shop.test"])
    django.setup()
    shop = example("shop")
    routes = [Mount("/assistant", shop.assistant), Mount("/", get_asgi_application())]
    check(Starlette(routes=routes, lifespan=shop.lifespan))


def test_the_assistant_uses_the_shops_own_tool(
    example: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    script: list[Step] = [
        Call("opening_hours", {"day": "Saturday"}),
        Text("On Saturday the shop is open from 10 to 16."),
    ]
    with MockOpenAI(script) as mock:
        monkeypatch.setenv("OPENAI_BASE_URL", mock.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("TITLES", "question")
        with TestClient(example("shop").app, base_url="http://shop.test") as client:
            client.cookies.update(ANN)
            body = {
                "type": "threads.create",
                "params": {"input": user_input("When is the shop open on Saturday?")},
            }
            answered = client.post("/assistant/chatkit", json=body)
        mock.assert_complete()
    assert "open from 10 to 16" in answered.text
    assert "10 to 16" in json.dumps(mock.requests[-1].json["input"][-1])
