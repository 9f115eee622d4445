"""What a run has done so far."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.document import Notice


@dataclass(slots=True)
class Changes:
    """What became of the passages, counted, and what was noticed on the way.

    `added`, `kept` and `removed` compare the docs with the index before; `tokens` are those of the
    passages that were added, in cl100k_base; `pages` were written. Of the passages that were given
    a vector, `embedded` are the texts that the embedder was asked for, of `embedded_tokens` as it
    counts them itself; `reused` had one, in the cache or by a passage of the same text. `seconds`
    is the time of each stage; parsing and chunking are summed over the processes, which work at
    the same time.
    """

    added: int = 0
    removed: int = 0
    kept: int = 0
    embedded: int = 0
    embedded_tokens: int = 0
    reused: int = 0
    tokens: int = 0
    pages: int = 0
    notices: list[Notice] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def spend(self, stage: str, seconds: float) -> None:
        """Add to the time of a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time that the block takes to a stage's."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.spend(stage, time.monotonic() - began)
