"""How sections are ordered once their passages have scores."""

from dataclasses import replace

from server.search.ranking import rank_sections
from store.records import ScoredPassage
from tests.contract.passages import make_passage


def scored(
    score: float, page: str, heading: str = "Notes", text: str = "Some words."
) -> ScoredPassage:
    passage = make_passage(
        f"{text} {score}", name=page, headings=(page.title(), heading), anchor=heading.lower()
    )
    return ScoredPassage(passage, score, similarity=score)


def of_tokens(found: ScoredPassage, tokens: int) -> ScoredPassage:
    return replace(found, passage=replace(found.passage, tokens=tokens))


def ranked(
    question: str, found: list[ScoredPassage], *, reading: str = ""
) -> list[tuple[str, str]]:
    sections = rank_sections(question, found, reading=reading)
    return [
        (section.passage.path.removesuffix(".md"), section.passage.heading) for section in sections
    ]


def test_a_section_is_represented_by_its_best_passage() -> None:
    found = rank_sections("x", [scored(0.5, "a"), scored(0.9, "a"), scored(0.7, "a")])
    assert [section.passage.text for section in found] == ["Some words. 0.9"]


def test_a_page_that_answers_at_length_comes_before_one_that_mentions_it() -> None:
    at_length = [scored(0.8, "guide", heading) for heading in ("One", "Two", "Three")]
    found = [scored(0.9, "mention"), *at_length]
    assert ranked("x", found)[0] == ("guide", "One")
    assert ranked("x", [found[0], at_length[0]])[0] == ("mention", "Notes")


def test_a_long_page_gains_no_more_than_three_passages_give() -> None:
    three = rank_sections("x", [scored(0.8, "a", heading) for heading in "BCD"])
    thirty = rank_sections("x", [scored(0.8, "a", str(number)) for number in range(30)])
    assert three[0].score == thirty[0].score


def test_several_pages_come_early() -> None:
    strong = [scored(0.9, "strong", heading) for heading in "BCDEFG"]
    others = [scored(0.7, name, heading) for name in ("p", "q", "r") for heading in "BC"]
    first = ranked("x", [*strong, *others])[:6]
    assert first[0] == ("strong", "B")
    assert {page for page, _ in first} == {"strong", "p", "q", "r"}


def test_a_heading_that_the_question_names_is_lifted() -> None:
    found = [scored(0.85, "a", "Overview"), scored(0.8, "b", "Installing plugins")]
    assert ranked("How do I install a plugin?", found)[0] == ("b", "Installing plugins")
    assert ranked("How do I begin?", found)[0] == ("a", "Overview")


def test_a_page_that_the_question_names_by_its_title_is_lifted() -> None:
    named = make_passage(name="b", headings=("Installing plugins",))
    found = [scored(0.85, "a", "Overview"), ScoredPassage(named, 0.8)]
    assert ranked("How do I install a plugin?", found)[0] == ("b", "Installing plugins")
    assert ranked("How do I begin?", found)[0] == ("a", "Overview")


def test_a_name_as_written_comes_before_its_parts() -> None:
    parts = scored(0.9, "parts", text="To create an engine, create a pool.")
    exact = scored(0.6, "exact", text="Call create_engine once.")
    assert ranked("create_engine", [parts, exact])[0][0] == "exact"
    assert ranked("create an engine", [parts, exact])[0][0] == "parts"


def test_a_name_in_the_heading_counts_too() -> None:
    found = [scored(0.9, "a"), scored(0.7, "b", "--no-cache")]
    assert ranked("What is --no-cache for?", found)[0] == ("b", "--no-cache")


def test_a_changelog_comes_later_unless_changes_are_asked_for() -> None:
    found = [scored(0.9, "release-notes"), scored(0.8, "guide")]
    assert ranked("How do I upload files?", found)[0][0] == "guide"
    assert ranked("What changed for uploads?", found)[0][0] == "release-notes"
    assert ranked("Which version can upload?", found)[0][0] == "release-notes"


def test_a_passage_of_hardly_any_text_falls_the_further_the_less_there_is() -> None:
    found = [of_tokens(scored(0.8, f"of-{tokens}"), tokens) for tokens in (1, 10, 20, 300)]
    assert [page for page, _ in ranked("x", found)] == ["of-20", "of-300", "of-10", "of-1"]
    near = [of_tokens(scored(0.9, "brief"), 1), of_tokens(scored(0.79, "text"), 300)]
    assert ranked("x", near)[0][0] == "brief"


def test_the_page_that_is_being_read_decides_between_equals() -> None:
    found = [scored(0.8, "a"), scored(0.8, "b"), scored(0.9, "c")]
    assert [page for page, _ in ranked("x", found)] == ["c", "a", "b"]
    for reading in ("b.md", "https://docs.example/b/?theme=dark#notes", "/b.html"):
        assert [page for page, _ in ranked("x", found, reading=reading)] == ["c", "b", "a"]
    assert ranked("x", found, reading="https://docs.example/") == ranked("x", found)


def test_scores_are_in_order_and_the_similarity_stays() -> None:
    found = [
        scored(number / 10, page, heading)
        for number in range(9)
        for page in "ab"
        for heading in "XY"
    ]
    sections = rank_sections("x", found)
    assert [section.score for section in sections] == sorted(
        (section.score for section in sections), reverse=True
    )
    assert all(section.similarity == 0.8 for section in sections)
    assert rank_sections("x", []) == []
