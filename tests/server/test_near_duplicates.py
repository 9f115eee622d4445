"""The same text in several places fills no list."""

from dataclasses import replace

from server.search.near_duplicates import release_order, without_near_duplicates
from store.records import ScoredPassage
from tests.contract.passages import make_passage

TEXT = (
    "Run the server behind a proxy and set the forwarded headers, so that links are made with the "
    "address that readers see. Without them each link leads to the inner address of the machine."
)


def scored(name: str, text: str, similarity: float | None = 0.6) -> ScoredPassage:
    return ScoredPassage(make_passage(text, name=name), 1.0, similarity)


def kept(*found: ScoredPassage, limit: int = 10) -> list[str]:
    return [one.passage.path for one in without_near_duplicates(found, limit=limit)]


def test_the_first_of_several_versions_is_kept() -> None:
    older = TEXT.replace("forwarded", "proxied")
    assert kept(scored("v2", TEXT), scored("v1", older), scored("other", "Stop it.")) == [
        "v2.md",
        "other.md",
    ]


def test_markup_and_case_make_no_difference() -> None:
    assert kept(scored("a", TEXT), scored("b", f"**{TEXT.upper()}**")) == ["a.md"]


def test_a_text_that_says_more_is_kept() -> None:
    more = f"{TEXT} Restart the proxy after each change of its own configuration files, too."
    assert kept(scored("a", TEXT), scored("b", more)) == ["a.md", "b.md"]


def test_passages_that_are_not_near_each_other_are_not_compared() -> None:
    assert kept(scored("a", TEXT, 0.8), scored("b", TEXT, 0.3)) == ["a.md", "b.md"]
    assert kept(scored("a", TEXT, None), scored("b", TEXT, 0.3)) == ["a.md"]


def test_passages_without_words_are_all_kept() -> None:
    assert kept(scored("a", "---"), scored("b", "***")) == ["a.md", "b.md"]


def version(name: str, version: str, score: float = 1.0) -> ScoredPassage:
    passage = replace(make_passage(TEXT, name=name), version=version)
    return ScoredPassage(passage, score, similarity=0.6)


def test_of_equally_good_copies_the_newest_version_is_kept_in_place() -> None:
    other = scored("other", "Stop it.")
    found = [version("a", "2.9"), other, version("b", "2.10", 0.99), version("c", "2.1")]
    newest, second = without_near_duplicates(found, limit=10)
    assert (newest.passage.path, newest.score) == ("b.md", 1.0)
    assert second == other
    assert kept(version("a", "2.9", 1.05), version("b", "2.10")) == ["a.md"]


def test_versions_are_ordered_by_age() -> None:
    ordered = ["next", "v1", "1.9", "1.10", "2.0", "latest"]
    shuffled = ["1.10", "latest", "1.9", "next", "2.0", "v1"]
    assert sorted(shuffled, key=release_order) == ordered
    assert release_order("") == release_order("stable")


def test_copies_make_room_within_the_limit() -> None:
    found = [scored("a", TEXT), scored("b", TEXT), scored("c", "Stop it."), scored("d", "Start.")]
    assert kept(*found, limit=2) == ["a.md", "c.md"]
    assert kept(replace(found[0], score=0.5), limit=0) == []
