"""What a run would cost, before anything is embedded."""

from dataclasses import dataclass

from ingest.chunking import Chunker
from ingest.indexed_text import embedded_text
from ingest.plan import Plan
from ingest.site import Site
from ingest.sources import read_source
from ingest.tokens import count_tokens
from store.ports import Embedder

# US dollars for a million tokens, as OpenAI had them in 2025; others are priced elsewhere.
_PRICES = {"text-embedding-3-small": 0.02, "text-embedding-3-large": 0.13}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would read and embed at most: passages that are there already cost nothing.

    `tokens` counts cl100k_base; `dollars` is None for an embedder without a price that is known.
    """

    plan: Plan
    passages: int
    tokens: int
    dollars: float | None


def estimate(plan: Plan, site: Site, embedder: Embedder) -> Estimate:
    """Read and chunk what `plan` has to read, and count."""
    chunker = Chunker(max_tokens=embedder.max_tokens, count=embedder.count_tokens)
    passages = tokens = 0
    for file in plan.to_read:
        document = site.read(file.path, read_source(file).text)
        for passage in chunker.passages(file.path, site.url(file.path, document), document):
            passages += 1
            tokens += count_tokens(embedded_text(passage.heading_path, passage.text))
    price = next((price for model, price in _PRICES.items() if model in embedder.name), None)
    dollars = None if price is None else tokens * price / 1_000_000
    return Estimate(plan, passages, tokens, dollars)
