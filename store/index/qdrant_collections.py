"""What reader and writer share of a Qdrant server: names of collections, calls, reading points.

The index `docs` is an alias of the collection that is published, for example
`docs_000002_5f3a91c0`. The number is the generation; the suffix is drawn by each ingest, so that
two of them never write into one collection. The manifest is the collection's metadata.
"""

import re
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import (
    ApiException,
    ResponseHandlingException,
    UnexpectedResponse,
)

from store.errors import IndexCorruptError, IndexUnavailableError, SettingsError
from store.index.manifests import parse_manifest
from store.index.payloads import (
    AUDIENCE_FIELDS,
    LEDGER_FIELDS,
    PAGE,
    audience_values,
    hashes_of,
    page_of,
    scope_fields,
)
from store.index.qdrant_retries import send_with_retries
from store.records import Manifest, Page, Scope

ENGINE: Final = "Qdrant"
MANIFEST: Final = "manifest"

_TIMEOUT_SECONDS: Final = 30
_SCROLL: Final = 256


def connect(url: str, api_key: str | None) -> AsyncQdrantClient:
    """Return a client; nothing is sent yet. Raises `SettingsError` when `url` isn't one."""
    try:
        return AsyncQdrantClient(
            url=url, api_key=api_key, timeout=_TIMEOUT_SECONDS, check_compatibility=False
        )
    except ValueError as error:
        problem = f"{_without_password(url)} is not an address such as http://localhost:6333"
        raise SettingsError("QDRANT_URL", problem) from error


@dataclass(frozen=True, slots=True)
class Published:
    """The collection that an index's alias leads to."""

    collection: str
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Collections:
    """The collections of one index on a server.

    `url` is told to the operator when the server can't be reached, without what is secret in it.
    """

    client: AsyncQdrantClient
    name: str
    url: str

    def retry_requests(self) -> None:
        """Send requests again from now on when that may help, as a reader would not wait for."""
        self.client.http.client.add_middleware(send_with_retries)

    def next_name(self, taken: Sequence[int]) -> tuple[int, str]:
        """Return number and collection of a generation after all those taken."""
        number = max(taken, default=0) + 1
        return number, f"{self.name}_{number:06d}_{secrets.token_hex(4)}"

    async def numbered(self) -> dict[str, int]:
        """Return the generation of each collection of this index, finished or not."""
        pattern = re.compile(rf"{re.escape(self.name)}_(\d{{6,}})_[0-9a-f]{{8}}")
        found = (await self.client.get_collections()).collections
        matches = (pattern.fullmatch(collection.name) for collection in found)
        return {match[0]: int(match[1]) for match in matches if match}

    async def target(self) -> str | None:
        """Return the collection that the alias leads to, or None when nothing is published."""
        for alias in (await self.client.get_aliases()).aliases:
            if alias.alias_name == self.name:
                return alias.collection_name
        return None

    async def published(self) -> Published | None:
        """Return what is published, if anything is."""
        collection = await self.target()
        if collection is None:
            return None
        manifest = await self._manifest(collection)
        if not isinstance(manifest, dict):
            raise IndexCorruptError(self.location, f"the collection {collection} has no manifest")
        return Published(collection, parse_manifest(manifest, location=self.location))

    async def is_finished(self, collection: str) -> bool:
        """Tell a generation that was published from one whose ingest died."""
        return await self._manifest(collection) is not None

    async def _manifest(self, collection: str) -> Any:
        metadata = (await self.client.get_collection(collection)).config.metadata or {}
        return metadata.get(MANIFEST)

    @property
    def location(self) -> str:
        """Where the index is, for people."""
        return f"{self._address}, collection {self.name}"

    @property
    def _address(self) -> str:
        return _without_password(self.url)

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Turn failures while opening into a line for the operator."""
        try:
            with engine_errors():
                yield
        except IndexUnavailableError as error:
            raise SettingsError("QDRANT_URL", f"can't use {self._address}: {error}") from error


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn the client's failures into `IndexUnavailableError`."""
    try:
        yield
    except (ApiException, QdrantException) as error:
        raise IndexUnavailableError(ENGINE, _problem(error)) from error


def _without_password(url: str) -> str:
    return url.rpartition("@")[2]


def _problem(error: ApiException | QdrantException) -> str:
    match error:
        case UnexpectedResponse():
            content = error.content.decode("utf-8", "replace")[:200]
            return " ".join(f"{error.status_code} {error.reason_phrase} {content}".split())
        case ResponseHandlingException():
            return " ".join(f"{type(error.source).__name__} {error.source}".split())
        case _:
            return " ".join(str(error).split())


def where(**fields: str | Sequence[str]) -> models.Filter:
    """Match points whose payload has all these values; a sequence matches any of its own."""
    return models.Filter(must=[_has(key, value) for key, value in fields.items()])


def within(scope: Scope | None, *, restricted: bool) -> models.Filter | None:
    """Match the passages of a scope, of which its reader may read each.

    Where everyone may read every page, `restricted` is false and nothing is asked of a passage.
    """
    fields = scope_fields(scope)
    audience = audience_values(scope) if restricted else {}
    if not fields and not audience:
        return None
    return models.Filter(
        must=[
            *(_has(key, values) for key, values in fields.items()),
            *(_empty_or_has(key, values) for key, values in audience.items()),
        ]
    )


def _empty_or_has(key: str, values: Sequence[str]) -> models.Filter:
    return models.Filter(
        should=[
            models.IsEmptyCondition(is_empty=models.PayloadField(key=key)),
            *(_has(key, value) for value in values),
        ]
    )


def _has(key: str, value: str | Sequence[str]) -> models.FieldCondition:
    match = (
        models.MatchValue(value=value)
        if isinstance(value, str)
        else models.MatchAny(any=list(value))
    )
    return models.FieldCondition(key=key, match=match)


async def scroll(
    client: AsyncQdrantClient,
    collection: str,
    matching: models.Filter | None,
    *,
    payload: bool | models.PayloadSelector,
    vectors: bool = False,
) -> AsyncIterator[list[models.Record]]:
    """Yield all points that match, in batches."""
    offset: Any = None
    while True:
        records, offset = await client.scroll(
            collection,
            scroll_filter=matching,
            limit=_SCROLL,
            offset=offset,
            with_payload=payload,
            with_vectors=vectors,
        )
        yield records
        if offset is None:
            return


async def read_pages(client: AsyncQdrantClient, collection: str) -> list[Page]:
    """Return all pages ordered by path, without their text."""
    without_text = models.PayloadSelectorExclude(exclude=["text"])
    found = [
        page_of(record.payload or {})
        async for records in scroll(client, collection, where(kind=PAGE), payload=without_text)
        for record in records
    ]
    return sorted(found, key=lambda page: page.path)


async def read_hashes(client: AsyncQdrantClient, collection: str) -> dict[str, str]:
    """Return the content hash of each page by its path, in the order of paths."""
    fields = models.PayloadSelectorInclude(include=list(LEDGER_FIELDS))
    return hashes_of(
        [
            record.payload or {}
            async for records in scroll(client, collection, where(kind=PAGE), payload=fields)
            for record in records
        ]
    )


async def count_restricted(client: AsyncQdrantClient, collection: str) -> int:
    """Count the pages that not everyone may read."""
    everyone = [
        models.IsEmptyCondition(is_empty=models.PayloadField(key=field))
        for field in AUDIENCE_FIELDS
    ]
    pages = models.Filter(must=[_has("kind", PAGE)], must_not=[models.Filter(must=[*everyone])])
    return (await client.count(collection, pages, exact=True)).count
