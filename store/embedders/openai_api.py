"""Embeddings from OpenAI or from any endpoint that speaks its API."""

# ruff: noqa: PLC0415 - a run that embeds nothing loads no SDK.

from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Final, Literal, Self

from anyio import CapacityLimiter, create_task_group, to_thread

from store.embedders.cl100k import cl100k, count_cl100k_tokens
from store.errors import EmbedderUnavailableError
from store.ports import Vector

if TYPE_CHECKING:
    from store.embedders.openai_requests import EmbeddingsClient

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


class OpenAiEmbedder:
    """An `Embedder` over HTTP, connected at the first use."""

    max_tokens = _MAX_TOKENS

    def __init__(
        self, *, api_key: str, model: str, dimension: int, base_url: str | None = None
    ) -> None:
        self.name = f"openai:{model}"
        self.dimension = dimension
        self.tokens_embedded = 0
        self._model = model
        self._endpoint = api_key, base_url
        self._client: EmbeddingsClient | None = None
        self._opening = Lock()

    @classmethod
    def open(cls, *, api_key: str, model: str, base_url: str | None = None) -> Self:
        """Return the embedder, asking the endpoint for the dimension of a model not known here.

        Raises `EmbedderUnavailableError` when that request fails.
        """
        dimension = DIMENSIONS.get(model)
        if dimension is None:
            from store.embedders.openai_requests import probe_dimension

            dimension = probe_dimension(api_key=api_key, model=model, base_url=base_url)
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
        client = await to_thread.run_sync(self._open_client)
        async with create_task_group() as requests:

            async def send(batch: dict[str, str]) -> None:
                async with places:
                    try:
                        vectors.update(await self._embed_batch(client, batch))
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
        if self._client is not None:
            await self._client.close()

    def _open_client(self) -> "EmbeddingsClient":
        from store.embedders.openai_requests import EmbeddingsClient

        with self._opening:
            if self._client is None:
                api_key, base_url = self._endpoint
                self._client = EmbeddingsClient(
                    api_key=api_key, model=self._model, base_url=base_url
                )
            return self._client

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

    async def _embed_batch(
        self, client: "EmbeddingsClient", batch: dict[str, str]
    ) -> dict[str, Vector]:
        from store.embedders.openai_requests import ENGINE
        from store.embedders.vectors import unit_vectors

        rows, tokens = await client.embed(list(batch.values()))
        self.tokens_embedded += tokens
        if rows.shape[1] != self.dimension:
            problem = f"{self._model} answered with dimension {rows.shape[1]}, not {self.dimension}"
            raise EmbedderUnavailableError(ENGINE, problem)
        return dict(zip(batch, unit_vectors(rows), strict=True))
