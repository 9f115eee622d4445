"""`GET /features`: files where a model can read them, models where several can answer."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from server.routes.features import features_router
from server.settings import ServerSettings

KEY = SecretStr("sk-test")


@pytest.mark.parametrize(
    ("settings", "offered"),
    [
        (ServerSettings(openai_api_key=KEY, max_attachment_bytes=5), True),
        (ServerSettings(openai_api_key=KEY, max_attachments=0), False),
        (ServerSettings(), False),
    ],
)
def test_files_are_offered_where_a_model_reads_them(
    settings: ServerSettings, offered: bool
) -> None:
    app = FastAPI()
    app.include_router(features_router)
    app.state.settings = settings
    told = TestClient(app).get("/features").json()["attachments"]
    assert (told is not None) == offered
    if told is not None:
        assert (told["most"], told["max_bytes"]) == (5, 5)
        assert {"text/markdown", "image/png", "application/pdf"} <= set(told["media_types"])


@pytest.mark.parametrize(
    ("settings", "offered"),
    [
        (
            ServerSettings(openai_api_key=KEY, openai_model="a", openai_models=("b", "a")),
            ["a", "b"],
        ),
        (ServerSettings(openai_api_key=KEY, openai_model="a"), []),
        (ServerSettings(openai_model="a", openai_models=("b",)), []),
    ],
    ids=["several", "one", "none that is paid"],
)
def test_models_are_offered_where_there_is_a_choice(
    settings: ServerSettings, offered: list[str]
) -> None:
    app = FastAPI()
    app.include_router(features_router)
    app.state.settings = settings
    assert TestClient(app).get("/features").json()["models"] == offered
