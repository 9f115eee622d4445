from chatkit.types import UserMessageItem

from server.agent.conversation import Conversation, read_conversation
from server.chat.history import HistoryConverter


def test_one_question() -> None:
    assert read_conversation("How?") == Conversation(("How?",))
    assert read_conversation([]).question == ""


def test_questions_in_order_and_the_searches_since_the_last() -> None:
    conversation = read_conversation(
        [
            {"role": "user", "content": "One?"},
            {"type": "function_call", "call_id": "a", "name": "search_docs", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "a", "output": "old"},
            {"type": "message", "role": "assistant", "content": [{"text": "Yes."}]},
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "Two?"}],
            },
            {"type": "function_call_output", "call_id": "b", "output": "new"},
            {"type": "function_call_output", "call_id": "c", "output": [{"text": "newer"}]},
        ]
    )

    assert conversation == Conversation(("One?", "Two?"), "", ("new", "newer"))
    assert conversation.question == "Two?"


async def test_what_the_chat_server_adds_is_no_question_of_the_reader() -> None:
    item = UserMessageItem.model_validate(
        {
            "id": "msg_1",
            "thread_id": "thr_1",
            "created_at": "2026-01-01T00:00:00",
            "content": [
                {"type": "input_text", "text": "What does this mean, "},
                {
                    "type": "input_tag",
                    "id": "page",
                    "text": "Guide",
                    "data": {},
                    "interactive": False,
                },
            ],
            "quoted_text": "The manifest is checked.",
            "inference_options": {},
        }
    )

    conversation = read_conversation(await HistoryConverter().to_agent_input([item]))

    assert conversation.questions == ("What does this mean, @Guide",)
    assert conversation.quoted == "The manifest is checked."
