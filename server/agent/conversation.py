"""What the offline model needs to know of the conversation that it is handed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# How the ChatKit SDK begins the messages that it adds behind a reader's own words.
_QUOTED = "The user is referring to this in particular:"
_ATTACHED = "<attachment "
_MENTIONED = "# User-provided context"

CHOICE = "The reader was asked which version of the docs is meant, and said: "
"""How a message begins that tells what a reader has answered; it is no question by itself."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The reader's questions in order, and what came with the last of them.

    `quoted` is the part of an earlier answer that it refers to, or "". `mentioned` is what was read
    of the pages that it mentions. `search_outputs` are the outputs of the searches made for it.
    """

    questions: tuple[str, ...]
    quoted: str = ""
    search_outputs: tuple[str, ...] = ()
    mentioned: str = ""

    @property
    def question(self) -> str:
        """The question to answer now."""
        return self.questions[-1] if self.questions else ""


def read_conversation(model_input: str | Sequence[Any]) -> Conversation:
    """Read a model's input in the Responses API's format."""
    if isinstance(model_input, str):
        return Conversation((model_input,))
    questions: list[str] = []
    quoted = ""
    mentioned = ""
    outputs: list[str] = []
    for item in model_input:
        match item:
            case {"role": "user", "content": content}:
                text = _text(content)
                if text.startswith(_QUOTED):
                    quoted = text.removeprefix(_QUOTED).strip()
                elif text.startswith(_MENTIONED):
                    mentioned = text
                elif text.startswith(CHOICE):
                    continue
                else:
                    questions.append(text)
                    quoted = mentioned = ""
                    outputs = []
            case {"type": "function_call_output", "output": output}:
                outputs.append(_text(output))
    return Conversation(tuple(questions), quoted, tuple(outputs), mentioned)


def _text(content: object) -> str:
    match content:
        case str():
            return content
        case list():
            return "\n".join(
                part["text"]
                for part in content
                if isinstance(part, dict)
                and "text" in part
                and not part["text"].startswith(_ATTACHED)
            )
        case _:
            return ""
