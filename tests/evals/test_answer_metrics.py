"""Cases worked by hand."""

import pytest

from evals.answer_metrics import (
    Sentence,
    agrees_yes_no,
    citation_support,
    completeness,
    groundedness,
    meets_checks,
    overlap,
    sentences,
    token_f1,
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Run it [1]. Then stop.", [("Run it .", {1}), ("Then stop.", set())]),
        ("Run it. [1][2] Then stop.", [("Run it.", {1, 2}), ("Then stop.", set())]),
        ("- Run `make`\n- Stop it [3]\n\n[4]", [("- Run `make`", set()), ("- Stop it", {3})]),
        ("Write:\n\n```python\nx[0] = 1\n```\n\nDone [2].", [("Write:", set()), ("Done .", {2})]),
        ("See:\n\n```\nunclosed [1]", [("See:", set())]),
        ("Version 3.11 runs it.", [("Version 3.11 runs it.", set())]),
        ("先に停止する。[1]次に起動する[2]。", [("先に停止する。", {1}), ("次に起動する。", {2})]),
        ("", []),
    ],
)
def test_sentences_keep_their_own_markers(
    answer: str, expected: list[tuple[str, set[int]]]
) -> None:
    wanted = [Sentence(text, frozenset(markers)) for text, markers in expected]
    assert sentences(answer) == wanted


def test_token_f1() -> None:
    # Shared: restart, server (2); the answer has 3 content words, the reference 2.
    assert token_f1("Restart the server twice [1].", "Restart server") == pytest.approx(4 / 5)
    assert token_f1("Restart the server.", "the server: RESTART") == 1
    assert token_f1("停止する", "停止した") == pytest.approx(2 * 2 / 8)
    assert token_f1("Nothing alike", "other words") == 0
    assert token_f1("", "other words") == 0


def test_overlap_counts_different_content_words() -> None:
    assert overlap("the port, the port and the host", "A host has a name.") == 1 / 2
    assert overlap("the", "the") == 0


def test_completeness_weighs_each_fact_of_the_reference_alike() -> None:
    reference = "Install Docker. Open port 8000 for visitors."
    # The first fact is there whole, of the second only "port" and "8000" of four words.
    answer = "Docker: install, port 8000 [1]"
    assert completeness(answer, reference) == pytest.approx((1 + 2 / 4) / 2)


def test_support_asks_each_sentence_of_the_passages_that_it_cites() -> None:
    answer = "The port is 8000 [1]. The host is local [2]. Nothing cited here."
    passages = {1: ["Listens on port 8000."], 2: ["Listens on port 8000."]}
    assert citation_support(answer, passages) == pytest.approx((1 + 0) / 2)
    assert citation_support(answer, {}) == 0
    assert citation_support("Nothing cited here.", passages) is None


def test_groundedness_asks_every_sentence_of_all_passages() -> None:
    answer = "The port is 8000 [1]. Nothing cited here."
    assert groundedness(answer, ["port 8000", "here"]) == pytest.approx((1 + 1 / 3) / 2)
    assert groundedness("[1]", ["port"]) is None


@pytest.mark.parametrize(
    ("answer", "reference", "agrees"),
    [
        ("Yes, it does [1].", "Yes.", True),
        ("**No**, it doesn't.", "Yes.", False),
        ("It does.", "No, never", False),
        ("Now it does.", "Nothing does.", None),
    ],
)
def test_yes_no(answer: str, reference: str, agrees: bool | None) -> None:
    assert agrees_yes_no(answer, reference) is agrees


@pytest.mark.parametrize(
    ("contain", "lacks", "match", "passes"),
    [
        (["make serve"], [], [], True),
        (["MAKE SERVE"], [], [], True),
        (["make serve", "docker"], [], [], False),
        ([], ["SERVE"], [], False),
        ([], ["docker"], [r"make \w+$"], False),
        ([], ["docker"], [r"make \w+"], True),
    ],
)
def test_checks(contain: list[str], lacks: list[str], match: list[str], passes: bool) -> None:
    found = meets_checks(
        "Run make serve [1].", must_contain=contain, must_not_contain=lacks, must_match=match
    )
    assert found is passes


def test_markers_are_no_part_of_what_is_checked() -> None:
    answer = "The port is 8000[1]. Stop it.[2]"
    checks = {"must_contain": ["8000. stop"], "must_match": [r"8000\. S", r"it\.$"]}
    assert meets_checks(answer, must_not_contain=["[1]"], **checks)
