"""`python -m evals.bench.read_and_hash DOCS`: the least that finding out what changed takes."""

import hashlib
import os
import sys
from typing import Final

MARKDOWN: Final = (".md", ".mdx", ".markdown")
"""Suffixes of Markdown pages."""


def read_and_hash(docs: str) -> None:
    """Read and hash each Markdown page of a folder."""
    for folder, _, names in os.walk(docs):
        for name in names:
            if name.lower().endswith(MARKDOWN):
                with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123  as fast as it gets
                    hashlib.sha256(file.read()).digest()


if __name__ == "__main__":
    read_and_hash(sys.argv[1])
