"""What embedders charge."""

from typing import Final

# US dollars for a million tokens, as OpenAI had them in 2025; others are priced elsewhere.
_PRICES: Final = {"text-embedding-3-small": 0.02, "text-embedding-3-large": 0.13}


def price(tokens: int, embedder: str) -> float | None:
    """Return what an embedder's tokens cost in US dollars, None when its price isn't known."""
    prices = (price for model, price in _PRICES.items() if embedder.endswith(f":{model}"))
    found = next(prices, None)
    return None if found is None else tokens * found / 1_000_000
