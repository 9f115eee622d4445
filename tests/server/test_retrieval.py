"""A question becomes ranked passages."""

import pytest

from server.errors import RetrievalUnavailable
from server.search.retrieval import Retriever
from tests.contract.passages import make_passage
from tests.server.doubles import ConstantEmbedder, ListedIndex
from tests.server.sections import section


async def test_each_section_is_represented_by_its_best_passage() -> None:
    install = [make_passage(text, name="a", anchor="install") for text in ("best", "second")]
    index = ListedIndex([install[0], section("Run"), install[1], section("Stop")])
    found = await Retriever(ConstantEmbedder(), index).search("x", limit=2)
    assert [scored.passage for scored in found] == [install[0], section("Run")]


async def test_an_empty_question_finds_nothing_and_asks_no_engine() -> None:
    index = ListedIndex([section("Run")])
    assert await Retriever(ConstantEmbedder(), index).search(" \n ") == []
    assert index.asked == []


async def test_a_failing_engine_is_not_an_empty_result() -> None:
    with pytest.raises(RetrievalUnavailable):
        await Retriever(ConstantEmbedder(), ListedIndex([], fails=True)).search("x")


async def test_a_misspelled_question_is_searched_again_as_it_is_meant() -> None:
    index = ListedIndex([section("Backup"), section("Conversations")])
    await Retriever(ConstantEmbedder(), index).search("how to bakcup conversations")
    assert index.asked == ["how to bakcup conversations", "how to backup conversations"]


async def test_any_other_question_is_searched_once() -> None:
    index = ListedIndex([section("Backup")])
    await Retriever(ConstantEmbedder(), index).search("how to restore a backup")
    assert index.asked == ["how to restore a backup"]
