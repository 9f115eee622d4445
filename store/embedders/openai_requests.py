"""Requests for embeddings by OpenAI's SDK, which takes longer to load than most runs of ingest."""

from collections.abc import Sequence
from typing import Final

import numpy as np
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

from store.errors import EmbedderUnavailableError

ENGINE: Final = "OpenAI embeddings"

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


class EmbeddingsClient:
    """A client of one endpoint and model; the SDK retries what may pass, as `Retry-After` asks."""

    def __init__(self, *, api_key: str, model: str, base_url: str | None) -> None:
        self._model = model
        self._client = AsyncOpenAI(
            api_key=api_key, base_url=base_url, timeout=_TIMEOUT_SECONDS, max_retries=_RETRIES
        )

    async def embed(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], int]:
        """Return a row a text, and the tokens that are charged for.

        Raises `EmbedderUnavailableError`.
        """
        try:
            response = await self._client.embeddings.with_raw_response.create(
                model=self._model, input=list(texts), encoding_format="float"
            )
        except OpenAIError as error:
            raise _unavailable(error) from error
        return _parse(response.content, expected=len(texts))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def probe_dimension(*, api_key: str, model: str, base_url: str | None) -> int:
    """Ask an endpoint for the dimension of its vectors; raises `EmbedderUnavailableError`."""
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
