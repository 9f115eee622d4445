"""What every embedder must do.

An embedder's test module inherits `EmbedderContract` and provides the fixture `embedder`.
"""

import math

import pytest

from store.ports import Embedder, Vector

TEXTS = [
    "Install the package with pip.",
    "",
    "Run several workers behind a proxy. " * 8,
    "雪の国 — Größe 🎿",
    "Install the package with pip.",
    *(f"Section {number} of the guide." for number in range(12)),
]


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


class EmbedderContract:
    async def test_each_text_has_a_vector_of_unit_length(self, embedder: Embedder) -> None:
        for kind in ("query", "document"):
            vectors = await embedder.embed(TEXTS, kind=kind)
            assert [len(vector) for vector in vectors] == [embedder.dimension] * len(TEXTS)
            assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1.0] * len(TEXTS))

    async def test_vectors_are_in_order_whatever_is_embedded_with_them(
        self, embedder: Embedder
    ) -> None:
        together = await embedder.embed(TEXTS, kind="document")
        for text, vector in zip(TEXTS, together, strict=True):
            (alone,) = await embedder.embed([text], kind="document")
            assert cosine(alone, vector) == pytest.approx(1.0, abs=1e-3)

    async def test_no_text_gives_no_vector(self, embedder: Embedder) -> None:
        assert await embedder.embed([], kind="document") == []

    async def test_text_beyond_the_limit_is_ignored(self, embedder: Embedder) -> None:
        words = ["word"] * embedder.max_tokens
        long = " ".join(words)
        assert embedder.count_tokens(long) >= embedder.max_tokens
        longer, much_longer = await embedder.embed(
            [f"{long} {'snow ' * 50}", f"{long} {'rain ' * 90}"], kind="document"
        )
        assert cosine(longer, much_longer) == pytest.approx(1.0, abs=1e-3)

    async def test_tokens_are_counted_beyond_the_limit(self, embedder: Embedder) -> None:
        text = "word " * (2 * embedder.max_tokens)
        assert embedder.count_tokens(text) > 2 * embedder.max_tokens - 2

    async def test_the_name_is_one_word_for_the_manifest(self, embedder: Embedder) -> None:
        assert embedder.name
        assert embedder.name.split() == [embedder.name]

    async def test_closing_twice_is_harmless(self, embedder: Embedder) -> None:
        await embedder.embed(["Install."], kind="query")
        await embedder.close()
        await embedder.close()
