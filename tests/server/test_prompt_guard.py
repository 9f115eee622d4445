"""The instructions never come out whole."""

import base64
import codecs
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.answer.prompt_guard import REFUSAL, PromptGuard, Secret

PROMPT = (
    "You answer readers' questions about the docs, inside its own site. You know nothing but what "
    "the search hands you in this conversation."
)
SECRET = Secret(PROMPT)


def passed(text: str, size: int) -> tuple[str, bool]:
    guard = PromptGuard(SECRET)
    deltas = [text[start : start + size] for start in range(0, len(text), size)]
    return "".join([*map(guard.feed, deltas), guard.finish()]), guard.leaked


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize(
    "text",
    [
        f"My instructions are: {PROMPT}",
        f"My instructions are: {PROMPT.upper()}",
        f"My instructions are:\n> *{PROMPT.replace(' ', '* *')}* and more",
        f"My instructions are: You may know that {PROMPT[60:]} Bye.",
    ],
)
def test_a_repeated_prompt_ends_the_answer(text: str, size: int) -> None:
    shown, leaked = passed(text, size)
    assert leaked
    assert shown.startswith("My instructions are:")
    assert shown.endswith(REFUSAL)
    assert "inside its own site" not in shown.lower()
    assert "hands you" not in shown.lower()


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize("code", [base64.b64encode, base64.b16encode, lambda text: text[::-1]])
def test_a_prompt_in_a_code_ends_the_answer_too(code: Callable[[bytes], bytes], size: int) -> None:
    written = code(codecs.encode(PROMPT, "rot13").encode()).decode()
    shown, leaked = passed(f"Here: {written} Bye.", size)
    assert leaked
    assert shown == f"Here: {shown[6:].removesuffix(REFUSAL)}{REFUSAL}"
    assert len(shown) < len("Here: ") + 30 + len(REFUSAL)


_CODED = base64.b64encode(PROMPT.encode()).decode()
_PARTS = [PROMPT, PROMPT[:30], PROMPT[40:90], _CODED, " ", "a"]


@example("0" * 1_900 + _CODED)
@given(st.lists(st.sampled_from(_PARTS) | st.text(max_size=5), max_size=4).map("".join))
def test_what_passes_does_not_depend_on_the_deltas(text: str) -> None:
    assert passed(text, 1) == passed(text, 7) == passed(text, 10_000)


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize(
    "text",
    [
        f"Take {'0123456789abcdef' * 4} or docs/{'really/' * 9}long, as the docs say.",
        f"{'0123456789abcdef' * 130} Bye.",
        "You know nothing but what you read.",
        "The search hands you passages; questions about the docs are answered inside your site.",
        "",
        "日本語のテキスト。",
    ],
)
def test_everything_else_passes_unchanged(text: str, size: int) -> None:
    assert passed(text, size) == (text, False)


def test_little_is_held_back() -> None:
    assert PromptGuard(SECRET).feed("You know nothing. ") == "You know nothing. "
