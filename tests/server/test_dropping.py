"""Sentences that their passage does not hold are left out, with `UNSUPPORTED_CITATIONS=drop`."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.answer.answer_text import AnswerText, TextRules
from server.answer.citations import Citation, marked_text
from server.answer.evidence import Evidence
from tests.server.sections import section

WHALE = "A whale is the largest animal of the sea"
PARTS = [
    *("How to run [1].", f"{WHALE} [2].", "How to stop [2].", " ", "\n", "\n\n", "- ", "1. ", "> "),
    *("| How to run [1] |", "```\nrun\n```", "`run`", "[2]", "[9]", ", and", "How to run", "é"),
    *("me@run.at", "\t", "~~~", ". ."),
]


def written(text: str, *, size: int = 1000, drop: bool = True) -> tuple[str, AnswerText]:
    evidence = Evidence()
    evidence.add([section("Run"), section("Stop")])
    answer = AnswerText(evidence, TextRules(drop_unsupported=drop))
    deltas = [text[start : start + size] for start in range(0, len(text), size)]
    pieces = [piece for delta in deltas for piece in answer.feed(delta)] + answer.finish()
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == answer.text
    shown = 0
    for piece in pieces:
        if isinstance(piece, Citation):
            assert piece.index == shown
        else:
            shown += len(piece)
    return marked_text(pieces), answer


@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"How to run [1]. {WHALE} [2]. How to stop [2].", "How to run[1]. How to stop[2]."),
        (f"{WHALE} [2]. How to stop [2].", "How to stop[1]."),
        (f"How to run [1]. {WHALE}. [2]", "How to run[1]. "),
        (f"- How to run [1].\n- {WHALE} [2].\n- How to stop [2].", "- How to run[1].\n- How to"),
        (f"1. {WHALE} [2]\n2. How to stop [2]", "\n2. How to stop[1]"),
        (f"How to run [1].\n\n{WHALE} [1][2].\n\nBye.", "How to run[1].\n\n\n\nBye."),
        (f"| {WHALE} [2] |\n| How to run [1] |", f"| {WHALE} |\n| How to run[1] |"),
        (f"{WHALE} [2], and so on.", f"{WHALE}, and so on."),
        ("```\nwhale --sea\n``` [2]\nHow to run [1].", "```\nwhale --sea\n```\n\nHow to run[1]."),
        ("Hello. How are you? Fine.", "Hello. How are you? Fine."),
    ],
)
def test_what_is_not_held_by_its_passage_is_left_out(text: str, expected: str, size: int) -> None:
    shown, answer = written(text, size=size)
    assert shown.startswith(expected)
    assert answer.unsupported == []
    assert bool(answer.unsupported_dropped) is (text != "Hello. How are you? Fine.")


@example(f"me@run.at~~~[9]How to run [1].~~~{WHALE} [2]| How to run [1] |", 1)
@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join), st.integers(1, 9))
def test_the_deltas_make_no_difference(text: str, size: int) -> None:
    assert written(text, size=size)[0] == written(text)[0]


@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join))
def test_what_holds_is_never_touched(text: str) -> None:
    kept, first = written(text, drop=False)
    if not first.unsupported:
        assert written(text)[0] == kept
