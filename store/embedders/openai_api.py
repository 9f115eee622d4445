"""Embeddings from OpenAI or from any endpoint that speaks its API."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal, Self

import numpy as np
from anyio import CapacityLimiter, create_task_group, to_thread
from numpy.typing import NDArray
from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    AuthenticationError,
    OpenAI,
    OpenAIError,
    PermissionDeniedError,
)
from pydantic import BaseModel, ValidationError

from store.embedders.cl100k import cl100k, count_cl100k_tokens
from store.embedders.vectors import unit_vectors
from store.errors import EmbedderUnavailableError
from store.ports import Vector

ENGINE: Final = "OpenAI embeddings"

DIMENSIONS: Final = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
"""Of the models that need no request to find out."""

_MAX_TOKENS: Final = 8191

# A request may hold 2,048 texts and 300,000 tokens. Small requests keep what an interrupted ingest
# loses small, and the token limit leaves room for endpoints that count otherwise.
_BATCH_TEXTS: Final = 64
_BATCH_TOKENS: Final = 200_000

CONCURRENT_TEXTS: Final = 4 * _BATCH_TEXTS
"""Texts that fill the requests which are under way at once."""

_CONCURRENT: Final = CONCURRENT_TEXTS // _BATCH_TEXTS
_TIMEOUT_SECONDS: Final = 60
_RETRIES: Final = 4


class _Embedding(BaseModel):
    index: int
    embedding: list[float]


class _Usage(BaseModel):
    total_tokens: int = 0


class _Response(BaseModel):
    data: list[_Embedding]
    usage: _Usage = _Usage()


class OpenAiEmbedder:
    """An `Embedder` over HTTP; the SDK retries what may pass, as `Retry-After` asks."""

    max_tokens = _MAX_TOKENS

    def __init__(
        self, *, api_key: str, model: str, dimension: int, base_url: str | None = None
    ) -> None:
        self.name = f"openai:{model}"
        self.dimension = dimension
        self.tokens_embedded = 0
        self._model = model
        self._client = AsyncOpenAI(
            api_key=api_key, base_url=base_url, timeout=_TIMEOUT_SECONDS, max_retries=_RETRIES
        )

    @classmethod
    def open(cls, *, api_key: str, model: str, base_url: str | None = None) -> Self:
        """Return the embedder, asking the endpoint for the dimension of a model not known here.

        Raises `EmbedderUnavailableError` when that request fails.
        """
        dimension = DIMENSIONS.get(model)
        if dimension is None:
            dimension = _probe(api_key=api_key, model=model, base_url=base_url)
        return cls(api_key=api_key, model=model, dimension=dimension, base_url=base_url)

    @property
    def count_tokens(self) -> Callable[[str], int]:
        """Count cl100k_base tokens; these models add no special ones."""
        return count_cl100k_tokens

    async def embed(
        self,
        texts: Sequence[str],
        *,
        kind: Literal["query", "document"],
    ) -> list[Vector]:
        """Return one vector a text, in order."""
        vectors: dict[str, Vector] = {}
        failures: list[EmbedderUnavailableError] = []
        places = CapacityLimiter(_CONCURRENT)
        distinct = list(dict.fromkeys(texts))
        batches = await to_thread.run_sync(lambda: list(self._batches(distinct)))
        async with create_task_group() as requests:

            async def send(batch: dict[str, str]) -> None:
                async with places:
                    try:
                        vectors.update(await self._embed_batch(batch))
                    except EmbedderUnavailableError as error:
                        failures.append(error)
                        requests.cancel_scope.cancel()

            for batch in batches:
                requests.start_soon(send, batch)
        if failures:
            raise failures[0]
        return [vectors[text] for text in texts]

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _batches(self, texts: Sequence[str]) -> Iterator[dict[str, str]]:
        """Yield what to send for each text, within the limits of a request."""
        batch: dict[str, str] = {}
        tokens = 0
        for text in texts:
            ids = cl100k().encode_ordinary(text)
            count = min(len(ids), _MAX_TOKENS)
            if batch and (len(batch) == _BATCH_TEXTS or tokens + count > _BATCH_TOKENS):
                yield batch
                batch, tokens = {}, 0
            batch[text] = self._sendable(text, ids)
            tokens += count
        if batch:
            yield batch

    def _sendable(self, text: str, ids: list[int]) -> str:
        if len(ids) > _MAX_TOKENS:
            return cl100k().decode(ids[:_MAX_TOKENS], errors="ignore")
        return text or " "  # The API refuses an empty text.

    async def _embed_batch(self, batch: dict[str, str]) -> dict[str, Vector]:
        try:
            response = await self._client.embeddings.with_raw_response.create(
                model=self._model, input=list(batch.values()), encoding_format="float"
            )
        except OpenAIError as error:
            raise _unavailable(error) from error
        rows, tokens = _parse(response.content, expected=len(batch))
        self.tokens_embedded += tokens
        if rows.shape[1] != self.dimension:
            problem = f"{self._model} answered with dimension {rows.shape[1]}, not {self.dimension}"
            raise EmbedderUnavailableError(ENGINE, problem)
        return dict(zip(batch, unit_vectors(rows), strict=True))


def _probe(*, api_key: str, model: str, base_url: str | None) -> int:
    with OpenAI(api_key=api_key, base_url=base_url, timeout=_TIMEOUT_SECONDS) as client:
        try:
            response = client.embeddings.with_raw_response.create(
                model=model, input=["dimension"], encoding_format="float"
            )
        except OpenAIError as error:
            raise _unavailable(error) from error
    rows, _ = _parse(response.content, expected=1)
    return int(rows.shape[1])


def _parse(content: bytes, *, expected: int) -> tuple[NDArray[np.float32], int]:
    """Return the vectors in order, and the tokens that are charged for."""
    try:
        response = _Response.model_validate_json(content)
    except ValidationError as error:
        raise EmbedderUnavailableError(ENGINE, "the answer holds no embeddings") from error
    found = response.data
    found.sort(key=lambda embedding: embedding.index)
    lengths = {len(embedding.embedding) for embedding in found}
    if len(found) != expected or len(lengths) != 1 or 0 in lengths:
        problem = f"the answer holds {len(found)} embeddings, not {expected} of one length"
        raise EmbedderUnavailableError(ENGINE, problem)
    rows = np.array([embedding.embedding for embedding in found], dtype=np.float32)
    return rows, response.usage.total_tokens


def _unavailable(error: OpenAIError) -> EmbedderUnavailableError:
    """Say what failed without the endpoint's own words, which may repeat the key."""
    match error:
        case AuthenticationError() | PermissionDeniedError():
            problem = f"the key was refused ({error.status_code})"
        case APIStatusError():
            code = f", {error.code}" if error.code else ""
            problem = f"the endpoint answered with status {error.status_code}{code}"
        case APITimeoutError():
            problem = "the endpoint did not answer in time"
        case APIConnectionError():
            problem = "the endpoint can't be reached"
        case _:
            problem = type(error).__name__
    return EmbedderUnavailableError(ENGINE, problem)
