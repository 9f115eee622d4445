"""A client that asks, and notes when what comes back; light, because it shares the machine."""

import asyncio
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from urllib.parse import urlsplit

_EVENT: Final = b"data: "
_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Streamed:
    """One streamed response: when it showed what, in seconds from the request.

    `response` is all of it as it came, headers and the sizes of chunks included.
    """

    first_event: float
    first_text: float
    seconds: float
    response: bytes

    @property
    def events(self) -> int:
        """How many server-sent events it had."""
        return self.response.count(_EVENT)

    @property
    def body(self) -> bytes:
        """The body, put together from its chunks."""
        _, _, rest = self.response.partition(b"\r\n\r\n")
        chunks = BytesIO(rest)
        body = bytearray()
        while size := int(chunks.readline().strip() or b"0", 16):
            body += chunks.read(size)
            chunks.readline()
        return bytes(body)


class NoAnswerError(Exception):
    """A server refused, or broke off without any text."""

    def __init__(self, url: str, received: bytes) -> None:
        super().__init__(f"{url} did not answer: {received[-300:].decode(errors='replace')}")
        self.url = url


def question(text: str) -> bytes:
    """Return the body of the request that begins a new thread."""
    content = [{"type": "input_text", "text": text}]
    message = {"content": content, "attachments": [], "inference_options": {}}
    return json.dumps({"type": "threads.create", "params": {"input": message}}).encode()


async def stream(url: str, body: bytes, *, text_mark: bytes, headers: str = "") -> Streamed:
    """Post `body` and read the stream to its end; `text_mark` is in the first event with text.

    Raises `NoAnswerError` when there is no such event.
    """
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    began = time.perf_counter()
    writer.write(
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
        + body
    )
    received = bytearray()
    first_event = first_text = 0.0
    while chunk := await reader.read(_CHUNK):
        received += chunk
        # Looked for in the last chunk alone, but for a mark that is split between two.
        recent = bytes(received[-len(chunk) - len(text_mark) :])
        if not first_event and _EVENT in recent:
            first_event = time.perf_counter() - began
        if not first_text and text_mark in recent:
            first_text = time.perf_counter() - began
    seconds = time.perf_counter() - began
    writer.close()
    await writer.wait_closed()
    if not first_text:
        raise NoAnswerError(url, bytes(received))
    return Streamed(first_event, first_text, seconds, bytes(received))


async def stream_all(
    url: str, bodies: Iterable[bytes], *, text_mark: bytes, at_once: int
) -> list[Streamed]:
    """Post all bodies, so many at a time; what gets no answer is left out of the result."""
    waiting = iter(bodies)
    answers: list[Streamed] = []

    async def ask() -> None:
        for body in waiting:
            with suppress(NoAnswerError):
                answers.append(await stream(url, body, text_mark=text_mark))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(ask())
    return answers
