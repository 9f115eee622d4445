"""Token counts in cl100k_base, the encoding of OpenAI's embedding models."""

from store.embedders.cl100k import count_cl100k_tokens as count_tokens

__all__ = ["count_tokens"]
