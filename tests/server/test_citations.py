from itertools import cycle

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.answer.citations import Citation, CitationFilter, Piece, marked_text
from server.answer.evidence import Evidence
from tests.contract.passages import make_passage

INSTALL = make_passage("Run make serve.", name="install", anchor="run")
INSTALL_MORE = make_passage("It takes a minute.", name="install", anchor="run")
DOCKER = make_passage("Use compose.", name="docker")
QDRANT = make_passage("Qdrant keeps vectors.", name="qdrant")


def evidence() -> Evidence:
    """Hand over 1 and 4 of one section, 2 and 3 of others."""
    handed = Evidence()
    handed.add([INSTALL, DOCKER, QDRANT, INSTALL_MORE])
    return handed


def run(*deltas: str) -> tuple[CitationFilter, list[Piece]]:
    citations = CitationFilter(evidence())
    pieces = [piece for delta in deltas for piece in citations.feed(delta)]
    return citations, pieces + citations.finish()


def shown(pieces: list[Piece]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


def test_a_marker_leaves_the_text_with_the_space_in_front_of_it() -> None:
    citations, pieces = run("Vectors are in Qdrant [3]. Start with make [1].")

    assert shown(pieces) == "Vectors are in Qdrant. Start with make."
    assert citations.citations == (
        Citation(1, QDRANT, len("Vectors are in Qdrant")),
        Citation(2, INSTALL, len("Vectors are in Qdrant. Start with make")),
    )
    assert (citations.dropped, citations.missing) == (0, False)


def test_an_index_counts_code_points() -> None:
    citations, pieces = run("🧭🧭 [2] 中文[3]。")

    assert shown(pieces) == "🧭🧭 中文。"
    assert [citation.index for citation in citations.citations] == [2, 5]


def test_markers_are_numbered_by_the_first_use_of_their_section() -> None:
    _, pieces = run("One [3]. Two [1]. Three [3]. Four [4]. Five [2].")

    assert marked_text(pieces) == "One[1]. Two[2]. Three[1]. Four[2]. Five[3]."


def test_unknown_numbers_are_dropped_and_counted() -> None:
    citations, pieces = run("Sure [9]. Surely [2, 8, 7]. Certainly[12].")

    assert marked_text(pieces) == "Sure. Surely[1]. Certainly."
    assert citations.dropped == 4


def test_nothing_can_be_cited_without_evidence() -> None:
    citations = CitationFilter(Evidence())

    assert citations.feed("So it is [1].") + citations.finish() == ["So it is."]
    assert citations.dropped == 1


def test_zero_says_that_the_docs_do_not_say() -> None:
    citations, pieces = run("The docs don't say. [0]")

    assert shown(pieces) == "The docs don't say."
    assert citations.missing
    assert (citations.citations, citations.dropped) == ((), 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A [2][3].", "A[1][2]."),
        ("A [2] [3].", "A[1][2]."),
        ("A [2], [3].", "A[1][2]."),
        ("A [2, 3].", "A[1][2]."),
        ("A [2; 3].", "A[1][2]."),
        ("A [1-3].", "A[1][2][3]."),
        ("A [1–3].", "A[1][2][3]."),
        ("A [1 - 3].", "A[1][2][3]."),
        ("A [3-1].", "A[1][2][3]."),
        ("A [2][2].", "A[1]."),
        ("A [2, 2].", "A[1]."),
        ("A [1][4].", "A[1]."),
        ("A 【2】.", "A[1]."),
        ("A【2†source】【3†L1-L9】.", "A[1][2]."),
        ("A [2†source, 3†Page].", "A[1][2]."),
        ("A ［2］.", "A[1]."),
        ("A ([2]).", "A[1]."),
        ("A ([2], [3]).", "A[1][2]."),
        ("说明（[2]）。", "说明[1]。"),
        ("A [[2]].", "A[1]."),
        ("A [ 2 ].", "A[1]."),
        ("A[2].", "A[1]."),
        ("A, [2] and so.", "A,[1] and so."),
        ("`code` [2].", "`code`[1]."),
        ("**A [2]**", "**A[1]**"),
        ("| A [2] | B [3] |", "| A[1] | B[2] |"),
        ("[2] says so.", "[1]says so."),
        ("- [2] [3] says so.", "-[1][2] says so."),
        ("A\n[2]\nB", "A\n[1]\nB"),
        ("# Title [2]\n\nText.", "# Title[1]\n\nText."),
        ("As in the [guide [2]](/guide).", "As in the [guide[1]](/guide)."),
        ("A [2]", "A[1]"),
        ("A [2]\n\nB [3]", "A[1]\n\nB[2]"),
        ("```sh\nmake serve\n``` [2]\nB", "```sh\nmake serve\n``` [1]\nB"),
        ("```sh\nmake serve\n```\n[2]\n\nB", "```sh\nmake serve\n```\n[1]\n\nB"),
        ("Stray ` backtick [2].\n\nB", "Stray ` backtick[1].\n\nB"),
        ("- stray ` here [2]\n- and ` there [3]", "- stray ` here[1]\n- and ` there[2]"),
        ("`` ` `` [2]", "`` ` ``[1]"),
        ("`` unclosed `a` [2]", "`` unclosed `a`[1]"),
    ],
)
def test_what_is_a_citation(text: str, expected: str) -> None:
    citations, pieces = run(text)

    assert marked_text(pieces) == expected
    assert citations.dropped == 0


@pytest.mark.parametrize(
    "text",
    [
        "`items[1]` and ``a ` [2]``.",
        "`a code span\nover two lines [1]`",
        "```py\nitems[1]\n[2]\n```\n",
        "~~~\nitems [1]\n```\n[2]\n~~~\n",
        "````md\n```\n[1]\n```\n[2]\n````\n",
        "- step\n\n  ```py\n  items[1]\n  ```\n",
        "1. ```py\n   items [1]\n   ```\n",
        "> ```\n> items [1]\n> ```\n",
        "```\nnever closed [1]\n\n[2]",
        "```inline [1]``` code",
        "Read [1](https://example.com) first.",
        "Read ![1](a.png) first.",
        "See [the guide](/a[1]/b) now.",
        "[1]: https://example.com\n",
        "  [2]: https://example.com\n",
        "A note[^1].",
        "- [ ] open\n- [x] done",
        r"An escaped \[1\] bracket.",
        "Call items[1].name or set items[2]=5.",
        "The first is items[0] in Python.",
        "A probability in [0, 1].",
        "Any port in [1-100].",
        "In [2024] and [1999-2003].",
        "[] [,] [1 [a] [1a] [-1] [1.5] [†]",
        "Empty () and (1, 2) and (see).",
    ],
)
def test_what_is_no_citation_stays_as_written(text: str) -> None:
    citations, pieces = run(text)

    assert shown(pieces) == text
    assert (citations.citations, citations.dropped, citations.missing) == ((), 0, False)


def test_a_code_fence_that_a_marker_would_keep_open_is_closed() -> None:
    _, pieces = run("```\na\n``` [2]\n\nThen b [3].")

    assert shown(pieces) == "```\na\n``` \n\nThen b."


_FRAGMENTS = (
    "[|]|[1]|[2]|[9]|[0]|1|2|, |,|-|–|†|【|】|[[|]]|(|)|[1](|]( |]:|:|`|``|```|~~~|\n|\n\n|  | "
    "|word|.|=|a[1]|- |> |1. |# |\\|(|（|）|🧭|中|\t|[1|, 2]|```py\n"
)
markdown = st.lists(st.sampled_from(_FRAGMENTS.split("|")) | st.text(max_size=3), max_size=40).map(
    "".join
)


@given(markdown, st.data())
@settings(max_examples=40)
def test_the_pieces_do_not_depend_on_how_the_text_is_cut(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    deltas = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    whole, whole_pieces = run(text)
    for pieces_by in (deltas, list(text)):
        filtered, pieces = run(*pieces_by)
        assert shown(pieces) == shown(whole_pieces)
        assert filtered.citations == whole.citations
        assert (filtered.dropped, filtered.missing) == (whole.dropped, whole.missing)


@pytest.mark.slow
@given(markdown, st.lists(st.integers(1, 5), min_size=1, max_size=20))
@settings(max_examples=5_000, deadline=None)
def test_the_pieces_do_not_depend_on_many_cuts(text: str, sizes: list[int]) -> None:
    deltas, start = [], 0
    for size in cycle(sizes):
        if start >= len(text):
            break
        deltas.append(text[start : start + size])
        start += size
    whole, whole_pieces = run(text)
    filtered, pieces = run(*deltas)
    assert shown(pieces) == shown(whole_pieces)
    assert filtered.citations == whole.citations
    assert (filtered.dropped, filtered.missing) == (whole.dropped, whole.missing)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https[1]://evil.example", "https ://evil.example"),
        ("me[9]@evil.example", "me @evil.example"),
        ("<[1]a href=x>", "< a href=x>"),
        ("Run it[1].", "Run it."),
        ("Run it [1], then stop.", "Run it, then stop."),
        ("Run it [1]:\n\n- now", "Run it:\n\n- now"),
        ("Run it so [1]:", "Run it so:"),
        ("[run it][1]: https://evil.example", "[run it] : https://evil.example"),
    ],
)
def test_what_a_marker_was_between_is_kept_apart(text: str, expected: str) -> None:
    assert shown(run(text)[1]) == expected


@given(markdown)
def test_a_citation_lies_where_its_index_says(text: str) -> None:
    citations, pieces = run(text)
    position = 0
    for piece in pieces:
        if isinstance(piece, Citation):
            assert piece.index == position
        else:
            position += len(piece)

    assert tuple(piece for piece in pieces if isinstance(piece, Citation)) == citations.citations
    keys = [(citation.index, citation.marker) for citation in citations.citations]
    assert len(set(keys)) == len(keys)
    assert keys == sorted(keys, key=lambda key: key[0])


@given(st.text(alphabet=st.characters(exclude_characters="[【［"), max_size=60))
@example("Stray ` backtick\n\nand (more) text, or so.")
def test_text_without_brackets_is_never_changed(text: str) -> None:
    assert shown(run(text)[1]) == text


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Plain text flows", ""),
        ("Plain text flows ", " "),
        ("Half a marker [1", " [1"),
        ("Half a marker [12, ", " [12, "),
        ("No marker [a", ""),
        ("```py\nitems[1", ""),
        ("See [guide](/a[1", ""),
        ("Inside `code", "`code"),
        ("(see", ""),
        ("[" + "1," * 60, ""),
        ("`" + "x" * 500, ""),
        ("```" + "x" * 500, ""),
    ],
)
def test_little_is_held_back(text: str, held: str) -> None:
    citations = CitationFilter(evidence())

    assert shown(citations.feed(text)) == text.removesuffix(held)
    assert shown(citations.finish()) == held
