"""Read, write and check the manifest that each generation carries."""

from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from store.errors import IndexCorruptError, IndexMismatchError
from store.index.lexical import LEXICAL_TERMS
from store.ports import Embedder
from store.records import Manifest

_ADAPTER: Final = TypeAdapter(Manifest)


def manifest_json(manifest: Manifest) -> bytes:
    """Return the manifest as indented JSON."""
    return _ADAPTER.dump_json(manifest, indent=2) + b"\n"


def manifest_payload(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest as plain values."""
    payload: dict[str, Any] = _ADAPTER.dump_python(manifest, mode="json")
    return payload


def parse_manifest(raw: bytes | dict[str, Any], *, location: str) -> Manifest:
    """Read a manifest; raises `IndexCorruptError` when it isn't one."""
    try:
        if isinstance(raw, bytes):
            return _ADAPTER.validate_json(raw)
        return _ADAPTER.validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        problem = f"its manifest can't be read ({field + ': ' if field else ''}{first['msg']})"
        raise IndexCorruptError(location, problem) from error


def check_manifest(manifest: Manifest, embedder: Embedder) -> None:
    """Raise `IndexMismatchError` unless the index was made with this embedder and these terms."""
    if manifest.embedder != embedder.name:
        raise IndexMismatchError(what="embedder", expected=embedder.name, found=manifest.embedder)
    if manifest.dimension != embedder.dimension:
        raise IndexMismatchError(
            what="vectors of dimension",
            expected=str(embedder.dimension),
            found=str(manifest.dimension),
        )
    if manifest.lexical != LEXICAL_TERMS:
        raise IndexMismatchError(
            what="BM25 terms of version", expected=LEXICAL_TERMS, found=manifest.lexical or "1"
        )
