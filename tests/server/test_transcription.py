"""Dictation: by a transcription endpoint where there is a key, else refused clearly."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.app import create_app
from server.settings import ServerSettings
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, running
from tests.server.test_over_budget import spent_by

AUDIO = base64.b64encode(b"\x1aE\xdf\xa3 a recording").decode()


@contextmanager
def endpoint(
    status: int = 200, usage: dict[str, object] | None = None
) -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """Serve a transcription endpoint; yield its address and the recordings it gets."""
    heard: list[tuple[str, str, bytes]] = []
    lock = threading.Lock()

    async def transcribe(request: Request) -> Response:
        async with request.form() as form:
            file = form["file"]
            assert not isinstance(file, str)
            with lock:
                heard.append((str(form["model"]), file.filename or "", await file.read()))
        body: dict[str, object] = {"error": {"message": "no"}}
        if status == 200:
            body = {"text": " How do I install it? ", "usage": usage}
        return JSONResponse(body, status_code=status)

    app = Starlette(routes=[Route("/v1/audio/transcriptions", transcribe, methods=["POST"])])
    with running(app) as url:
        yield f"{url}/v1", heard


def speaking(serve: Serve, base_url: str) -> ChatClient:
    settings = ServerSettings(openai_api_key="sk-test", openai_base_url=base_url)
    return serve(openai_api_key=settings.openai_api_key, openai_base_url=settings.openai_base_url)


def test_c23_a_recording_becomes_text(serve: Serve) -> None:
    named = {
        "audio/webm;codecs=opus": "audio.webm",
        "audio/ogg": "audio.ogg",
        "audio/mp4": "audio.mp4",
    }
    with endpoint() as (url, heard):
        client = speaking(serve, url)
        for mime_type in named:
            response = client.request("input.transcribe", audio_base64=AUDIO, mime_type=mime_type)
            assert response.json() == {"text": "How do I install it?"}
    audio = base64.b64decode(AUDIO)
    assert heard == [("gpt-4o-mini-transcribe", name, audio) for name in named.values()]


@pytest.mark.parametrize(
    ("audio", "mime_type", "code"),
    [
        (AUDIO, "audio/wav", "unsupported_type"),
        (AUDIO, "text/html", "unsupported_type"),
        ("not base64!", "audio/webm", "invalid_audio"),
        ("", "audio/ogg", "invalid_audio"),
    ],
)
def test_what_is_no_recording_is_refused(
    serve: Serve, audio: str, mime_type: str, code: str
) -> None:
    with endpoint() as (url, heard):
        client = speaking(serve, url)
        response = client.request("input.transcribe", audio_base64=audio, mime_type=mime_type)
    assert response.status_code in {400, 415}
    assert response.json()["error"]["code"] == code
    assert heard == []


def test_c23_a_recording_that_is_too_long_is_refused(serve: Serve) -> None:
    client = serve(max_body_bytes=1000)
    response = client.request("input.transcribe", audio_base64="A" * 2000, mime_type="audio/webm")
    assert response.status_code == 413


def test_a_failing_endpoint_is_one_safe_sentence(serve: Serve) -> None:
    with endpoint(status=400) as (url, _):
        client = speaking(serve, url)
        response = client.request("input.transcribe", audio_base64=AUDIO, mime_type="audio/mp4")
    assert (response.status_code, response.json()["error"]["code"]) == (502, "transcription_failed")


def test_without_a_key_it_is_refused(client: ChatClient) -> None:
    response = client.request("input.transcribe", audio_base64=AUDIO, mime_type="audio/webm")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "unsupported")
    assert "OPENAI_API_KEY" in response.json()["error"]["message"]


TOKENS = {"type": "tokens", "input_tokens": 120, "output_tokens": 30, "total_tokens": 150}
DURATION = {"type": "duration", "seconds": 6.4}


@pytest.mark.parametrize(
    ("transcription_model", "status", "usage", "micro_dollars"),
    [
        ("gpt-4o-mini-transcribe", 200, TOKENS, 120 * 3 + 30 * 5),
        ("whisper-1", 200, DURATION, 7 * 100),
        ("gpt-4o-mini-transcribe", 200, None, (len(AUDIO) // 400) * 3 + 5 * 5),
        ("gpt-4o-mini-transcribe", 400, None, 0),
    ],
)
def test_dictation_counts_as_money(
    settings: ServerSettings,
    transcription_model: str,
    status: int,
    usage: dict[str, object] | None,
    micro_dollars: int,
) -> None:
    with endpoint(status, usage) as (url, _):
        app = create_app(
            settings.model_copy(
                update={
                    "openai_api_key": SecretStr("sk-test"),
                    "openai_base_url": url,
                    "openai_model": "model-1",
                    "model_prices": "model-1:2/8",
                    "money_per_month": "all:1",
                    "transcription_model": transcription_model,
                }
            )
        )
        with running(app) as server:
            client = ChatClient(server)
            client.http.headers["X-Forwarded-For"] = "203.0.113.5"
            client.request("input.transcribe", audio_base64=AUDIO, mime_type="audio/mp4")
            client.close()
            assert spent_by(app, "money", "all", "all") == micro_dollars
