"""The agent's loop, over scripted models and listed passages."""

from collections.abc import Sequence

import pytest
from agents.models.interface import Model
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call

from server.agent.answers import Answer
from server.agent.assistant import Assistant
from server.errors import RetrievalUnavailable
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from store.records import Passage
from tests.server.doubles import ConstantEmbedder, ListedIndex
from tests.server.sections import section

QUESTION = "How do I run it?"


def search(query: str = QUESTION, call: str = "call_1") -> ModelStep:
    return ModelStep(output=[function_call("search_docs", {"query": query}, call_id=call)])


def say(text: str) -> ModelStep:
    return ModelStep(output=[assistant_message(text)])


async def ask(
    *steps: ModelStep, found: Sequence[Passage] = (), fails: bool = False, handed: int = 8
) -> Answer:
    model = ScriptedModel(steps)
    settings = ServerSettings(passages_per_search=handed)
    answer = await assistant(settings, ListedIndex(found, fails=fails), model).ask(QUESTION)
    model.assert_complete()
    return answer


def assistant(settings: ServerSettings, index: ListedIndex, model: Model) -> Assistant:
    return Assistant(settings, Retriever(ConstantEmbedder(), index), model)


async def test_an_answer_rests_on_what_it_cites() -> None:
    answer = await ask(
        search(), say("Run it [2]. Then stop it [1]."), found=[section("Stop"), section("Run")]
    )
    assert answer.text == "Run it[1]. Then stop it[2]."
    assert [citation.passage.heading for citation in answer.citations] == ["Run", "Stop"]
    assert answer.status == "answered"
    assert [scored.passage.heading for scored in answer.retrieved] == ["Stop", "Run"]
    assert 0 < answer.seconds["search"] < answer.seconds["total"]


async def test_what_is_said_to_be_missing_makes_an_answer_partial() -> None:
    answer = await ask(search(), say("Run it [1]. Not why [0]."), found=[section("Run")])
    assert answer.status == "partial"


@pytest.mark.parametrize("text", ["The docs don't say [0].", "Surely it is 42.", "It is 42 [7]."])
async def test_an_answer_without_an_accepted_citation_is_not_found(text: str) -> None:
    assert (await ask(search(), say(text), found=[section("Run")])).status == "not_found"


async def test_only_the_passages_that_were_handed_over_can_be_cited() -> None:
    found = [section(name) for name in ("Run", "Stop", "Wait")]
    answer = await ask(search(), say("Wait [3], run [1]."), found=found, handed=2)
    assert [citation.passage.heading for citation in answer.citations] == ["Run"]
    assert len(answer.retrieved) == 3


async def test_numbers_go_on_in_a_second_search() -> None:
    answer = await ask(search(), search("again", "call_2"), say("Run [1]."), found=[section("Run")])
    assert len(answer.retrieved) == 1


async def test_a_search_that_fails_is_raised_and_not_answered() -> None:
    with pytest.raises(RetrievalUnavailable):
        await ask(search(), say("The docs say nothing [0]."), fails=True)


async def test_the_model_is_told_that_a_search_failed_and_not_that_nothing_was_found() -> None:
    told = []
    for fails in (True, False):
        model = ScriptedModel([search(), say("...")])
        asked = assistant(ServerSettings(), ListedIndex([], fails=fails), model)
        if fails:
            with pytest.raises(RetrievalUnavailable):
                await asked.ask(QUESTION)
        else:
            await asked.ask(QUESTION)
        told.append(str(model.calls[-1].input))
    assert "failed" in told[0]
    assert "failed" not in told[1]


async def test_the_prompt_names_the_docs_and_is_sent_once() -> None:
    model = ScriptedModel([say("Hello")])
    await assistant(ServerSettings(docs_name="Gromit's manual"), ListedIndex([]), model).ask("Hi")
    instructions = str(model.calls[0].system_instructions)
    assert "Gromit's manual" in instructions
    assert "$" not in instructions


async def test_a_page_that_is_not_there_is_told_to_the_model() -> None:
    call = ModelStep(output=[function_call("read_page", {"page": "nowhere.md"}, call_id="call_1")])
    model = ScriptedModel([call, say("The docs don't say [0].")])
    await assistant(ServerSettings(), ListedIndex([]), model).ask(QUESTION)
    assert "has no page nowhere.md" in str(model.calls[-1].input)
