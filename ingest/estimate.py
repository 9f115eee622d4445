"""What a run would cost, before anything is embedded."""

from contextlib import aclosing
from dataclasses import dataclass

from ingest.parsing import Parser
from ingest.plan import Plan
from ingest.prices import price
from ingest.processes import forked_workers, parse_files
from ingest.site import Site
from store.embedders.cl100k import count_cl100k_tokens
from store.ports import Embedder


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would read and embed at most: passages that are there already cost nothing.

    `tokens` counts cl100k_base; `dollars` is None for an embedder without a price that is known.
    """

    plan: Plan
    passages: int
    tokens: int
    dollars: float | None


async def estimate(plan: Plan, site: Site, embedder: Embedder) -> Estimate:
    """Read and chunk what `plan` has to read, and count."""
    parser = Parser(site, max_tokens=embedder.max_tokens, count=embedder.count_tokens)
    passages = tokens = 0
    with forked_workers(parser.parse, plan.to_read) as workers:
        async with aclosing(parse_files(parser.parse, plan.to_read, workers=workers)) as pages:
            async for parsed in pages:
                passages += len(parsed.passages)
                tokens += sum(count_cl100k_tokens(cut.embedded_text) for cut in parsed.passages)
    return Estimate(plan, passages, tokens, price(tokens, embedder.name))
