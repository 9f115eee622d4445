"""Files of the site that are the same for everyone: made once, compressed once, cached by ETag."""

import gzip
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from fastapi import Request, Response

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Other sites load the widget's script from here.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300, stale-while-revalidate=86400",
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A text file with its compressed form; `etag` is quoted."""

    media_type: str
    body: bytes
    compressed: bytes
    etag: str

    @classmethod
    def of(cls, text: str, media_type: str) -> Self:
        """Make an asset of a text."""
        body = text.encode()
        return cls(media_type, body, gzip.compress(body, mtime=0), etag_of(body))

    def respond(self, request: Request) -> Response:
        """Answer a request for this file."""
        headers = {**_HEADERS, "ETag": self.etag}
        if is_known(request, self.etag):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.compressed, headers=headers, media_type=self.media_type)
        return Response(self.body, headers=headers, media_type=self.media_type)


def etag_of(body: bytes) -> str:
    """Make the entity tag of a body: weak, as compression is not part of it."""
    return f'W/"{sha256(body).hexdigest()[:32]}"'


def is_known(request: Request, etag: str) -> bool:
    """Tell whether the browser says that it has this version."""
    return etag in request.headers.get("if-none-match", "")
