"""Write the text of a PDF to standard output: `python pdf_reader.py CHARACTERS < file.pdf`.

A program of its own, which imports nothing of the server's. Files that are made to do harm unpack
to a thousand times their size, or take minutes: here they end with this process, and what is odd or
damaged ends it by whatever pypdf raises. What was written until then counts.
"""

import io
import resource
import sys
from contextlib import suppress

from pypdf import PdfReader

_MOST_PAGES = 50
_CPU_SECONDS = 10
_MEMORY_BYTES = 1 << 29


def write_text(content: bytes, characters: int) -> None:
    """Write page by page until there is enough."""
    written = 0
    for page in PdfReader(io.BytesIO(content)).pages[:_MOST_PAGES]:
        text = page.extract_text()
        sys.stdout.buffer.write(f"{text}\n\n".encode(errors="replace"))
        sys.stdout.buffer.flush()
        written += len(text)
        if written > characters:
            return


if __name__ == "__main__":
    # Not every system keeps to both.
    for limit, most in (
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_AS, _MEMORY_BYTES),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (most, most))
    write_text(sys.stdin.buffer.read(), int(sys.argv[1]))
