"""What `Assistant.ask` is told of the conversation, and tells of its cost."""

from agents import Usage
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call

from server.agent.answers import Exchange
from server.agent.assistant import Assistant
from server.search.retrieval import Retriever
from server.settings import ServerSettings
from tests.server.doubles import ConstantEmbedder, ListedIndex
from tests.server.sections import section


def search(call: str) -> ModelStep:
    return ModelStep(
        output=[function_call("search_docs", {"query": "run"}, call_id=call)],
        usage=Usage(requests=1, input_tokens=100, output_tokens=10, total_tokens=110),
    )


def assistant(model: ScriptedModel) -> Assistant:
    retriever = Retriever(ConstantEmbedder(), ListedIndex([section("Run")]))
    return Assistant(ServerSettings(), retriever, model)


async def test_the_model_is_shown_what_was_said_before() -> None:
    model = ScriptedModel([ModelStep(output=[assistant_message("In Docker too [0].")])])
    history = [Exchange("How do I run it?", "With make [1]."), Exchange("Really?", "Yes.")]
    await assistant(model).ask("And in Docker?", history=history)
    [call] = model.calls
    assert call.input == [
        {"role": "user", "content": "How do I run it?"},
        {"role": "assistant", "content": "With make [1]."},
        {"role": "user", "content": "Really?"},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "And in Docker?"},
    ]


async def test_tools_and_tokens_of_all_calls_are_told() -> None:
    answered = ModelStep(
        output=[assistant_message("Run it [1].")],
        usage=Usage(requests=1, input_tokens=300, output_tokens=20, total_tokens=320),
    )
    model = ScriptedModel([search("call_1"), search("call_2"), answered])
    answer = await assistant(model).ask("How do I run it?")
    assert answer.tools == ("search_docs", "search_docs")
    assert answer.tokens == {"input": 500, "cached": 0, "output": 40, "reasoning": 0}


async def test_a_model_that_counts_no_tokens_is_not_said_to_use_none() -> None:
    model = ScriptedModel([ModelStep(output=[assistant_message("Hello.")])])
    answer = await assistant(model).ask("Hi")
    assert answer.tokens == {}
    assert answer.tools == ()
