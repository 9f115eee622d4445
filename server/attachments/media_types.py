"""What may be attached, and whether a file is what it says it is."""

from typing import Literal

Kind = Literal["text", "image", "pdf"]

_TEXT = (
    "text/plain",
    "text/markdown",
    "text/x-log",
    "text/csv",
    "text/x-python",
    "text/yaml",
    "application/json",
    "application/yaml",
    "application/toml",
)
_MAGIC: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF-",),
}

MEDIA_TYPES = (*_TEXT, *_MAGIC)
"""Types of the files that can be attached."""


def base_type(media_type: str) -> str:
    """Return a media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def kind_of(media_type: str) -> Kind | None:
    """Tell what kind of file a media type is, or None when it can't be attached."""
    media_type = base_type(media_type)
    if media_type in _TEXT:
        return "text"
    if media_type == "application/pdf":
        return "pdf"
    return "image" if media_type in _MAGIC else None


def is_what_it_says(content: bytes, media_type: str) -> bool:
    """Look at a file's bytes: a type that is only claimed is a way to smuggle another one in."""
    media_type = base_type(media_type)
    if kind_of(media_type) == "text":
        try:
            content.decode()
        except UnicodeDecodeError:
            return False
        return b"\0" not in content
    if not content.startswith(_MAGIC.get(media_type, ())):
        return False
    return media_type != "image/webp" or content[8:12] == b"WEBP"
