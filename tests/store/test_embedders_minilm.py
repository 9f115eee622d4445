"""The bundled embedder, for real."""

import hashlib
import json
import pickle
import weakref
from functools import partial
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.embedders import minilm
from store.embedders.bundled import MODEL, TOKENIZER, BundledFile
from store.embedders.minilm import MiniLmEmbedder
from store.embedders.shared import SharedFile
from store.embedders.wordpiece import WordPiece
from store.errors import BundledModelError
from tests.contract.embedder import EmbedderContract, cosine

WORDPIECE = WordPiece(TOKENIZER.locate())


@pytest.fixture
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder.bundled()


class TestMiniLm(EmbedderContract):
    """The contract on the bundled model."""


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        (
            "How do I install it?",
            "Set the package up with pip in a virtual environment.",
            "Answers are streamed as server-sent events.",
        ),
        (
            "the page does not load behind nginx",
            "Running behind a reverse proxy",
            "Choosing a colour for the button",
        ),
        ("delete my data", "Erase what is stored about a user.", "Draw a chart of the data."),
    ],
)
async def test_meaning_is_near(
    embedder: MiniLmEmbedder, question: str, near: str, far: str
) -> None:
    asked, *documents = await embedder.embed([question, near, far], kind="query")
    assert cosine(asked, documents[0]) > cosine(asked, documents[1]) + 0.1


async def test_the_vector_is_the_model_authors(embedder: MiniLmEmbedder) -> None:
    """The first numbers of the fp32 model's vector for its model card's first sentence."""
    (vector,) = await embedder.embed(["This is an example sentence"], kind="document")
    assert vector[:4] == pytest.approx([0.0676, 0.0635, 0.0487, 0.0793], abs=0.01)


async def test_special_tokens_are_counted(embedder: MiniLmEmbedder) -> None:
    assert embedder.count_tokens("") == 2
    assert embedder.count_tokens("install") == 3
    assert embedder.count_tokens("create_engine") == 5


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([*"aZ9_-.,'[]é日\t\x00", " ", "[MASK]", "[mask]", "tokenizing", "x" * 101]),
        max_size=12,
    ).map("".join)
)
def test_counts_are_those_of_the_tokenizer(text: str) -> None:
    assert WORDPIECE.count(text) == len(WORDPIECE.ids([text])[0])


async def test_truncation_keeps_the_first_254_tokens(embedder: MiniLmEmbedder) -> None:
    exact = " ".join(["word"] * 254)
    short, longer = await embedder.embed([exact, f"{exact} snow"], kind="document")
    assert embedder.count_tokens(exact) == embedder.max_tokens
    assert short == pytest.approx(longer, abs=1e-6)


async def test_questions_at_the_same_time_load_one_model(embedder: MiniLmEmbedder) -> None:
    found: dict[int, list[float]] = {}

    async def ask(number: int) -> None:
        (found[number],) = await embedder.embed(["How do I install it?"], kind="query")

    async with anyio.create_task_group() as tasks:
        for number in range(4):
            tasks.start_soon(ask, number)
    assert len(found) == 4
    for vector in found.values():
        assert vector == pytest.approx(found[0], abs=1e-6)


async def test_embedders_share_one_model_until_the_last_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = SharedFile(partial(minilm._load, threads=1))
    monkeypatch.setattr(minilm, "_SESSIONS", {"query": loaded})
    one, other = MiniLmEmbedder.bundled(), MiniLmEmbedder.bundled()
    one.load()
    other.load()
    assert one._sessions == other._sessions
    model = weakref.ref(one._sessions["query"])
    await one.close()
    assert model() is not None
    await other.close()
    assert model() is None


def test_the_vocabulary_is_that_of_bert_base_uncased() -> None:
    vocabulary = json.loads(TOKENIZER.locate().read_bytes())["model"]["vocab"]
    lines = "".join(f"{word}\n" for word in sorted(vocabulary, key=vocabulary.__getitem__))
    digest = hashlib.sha256(lines.encode()).hexdigest()
    assert digest == "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"


@pytest.mark.parametrize("damaged", ["model.onnx", "tokenizer.json"])
async def test_a_file_that_is_not_the_expected_one_is_refused(tmp_path: Path, damaged: str) -> None:
    other = tmp_path / damaged
    other.write_bytes(b"something else")
    embedder = MiniLmEmbedder(
        other if damaged == "model.onnx" else MODEL.locate(),
        other if damaged == "tokenizer.json" else TOKENIZER.locate(),
    )
    with pytest.raises(BundledModelError, match=rf"{damaged} is not the file.*make setup"):
        await embedder.embed(["Install."], kind="query")


async def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    embedder = MiniLmEmbedder(tmp_path / "none.onnx", TOKENIZER.locate())
    with pytest.raises(BundledModelError, match=r"none.onnx can't be read \(No such file"):
        await embedder.embed(["Install."], kind="query")


async def test_what_was_read_is_counted(embedder: MiniLmEmbedder) -> None:
    await embedder.embed(["install", "install", "create_engine"], kind="document")
    assert embedder.tokens_embedded == 3 + 5


def test_counting_tokens_can_be_sent_to_another_process(embedder: MiniLmEmbedder) -> None:
    count = pickle.loads(pickle.dumps(embedder.count_tokens))
    assert count("create_engine") == 5


def test_a_missing_package_is_one_line() -> None:
    missing = BundledFile("no_such_package", ("model.onnx",), "")
    with pytest.raises(BundledModelError, match="no_such_package is not installed"):
        missing.locate()
