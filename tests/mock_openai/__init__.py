"""A scripted OpenAI server on loopback, spoken to by the real client over real HTTP.

    with MockOpenAI([Call("search_docs", {"query": "x"}), Text("Hel", "lo")]) as mock:
        client = AsyncOpenAI(base_url=mock.base_url, api_key="any")
        ...
    mock.assert_complete()

It speaks Responses, Chat Completions (both also streamed) and Embeddings. Each request for an
answer takes one step; embeddings are computed from the text and take none. As OpenAI does, it
refuses requests without a key, tool outputs without their call and ids it can't have made.
"""

from tests.mock_openai.server import MockOpenAI, RecordedRequest, Step
from tests.mock_openai.steps import Call, Failure, Pause, Raw, Reply, Reset, Text, Thought

__all__ = [
    "Call",
    "Failure",
    "MockOpenAI",
    "Pause",
    "Raw",
    "RecordedRequest",
    "Reply",
    "Reset",
    "Step",
    "Text",
    "Thought",
]
