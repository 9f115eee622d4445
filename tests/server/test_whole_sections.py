"""Sections are read whole as far as the budget goes."""

from collections.abc import Sequence
from dataclasses import replace

from server.search.retrieval import Retriever
from store.records import Passage
from tests.contract.passages import make_passage
from tests.server.doubles import ConstantEmbedder, ListedIndex


class SectionedIndex(ListedIndex):
    """Knows the sections that its passages are from."""

    async def passages(self, path: str, *, anchor: str | None = None) -> list[Passage]:
        return [part for part in self.held if (part.path, part.anchor) == (path, anchor)]

    def __init__(self, held: Sequence[Passage]) -> None:
        super().__init__(held)
        self.held = held


def section(anchor: str, *tokens: int) -> list[Passage]:
    """Make a section's passages of so many tokens each."""
    return [
        replace(
            make_passage(f"{anchor}{place}", name="page", anchor=anchor),
            tokens=count,
            position=place,
            start_line=place * 10 + 1,
            end_line=place * 10 + 9,
        )
        for place, count in enumerate(tokens)
    ]


async def read(index: SectionedIndex, found: Sequence[Passage], budget: int) -> list[Passage]:
    return await Retriever(ConstantEmbedder(), index).read(found, budget_tokens=budget)


async def test_a_section_that_fits_is_read_whole() -> None:
    parts = section("a", 100, 100, 100)
    (whole,) = await read(SectionedIndex(parts), [parts[1]], 300)
    assert whole == replace(parts[1], text="a0\n\na1\n\na2", start_line=1, end_line=29, tokens=300)


async def test_a_section_that_is_too_long_is_cut_around_its_passage() -> None:
    parts = section("a", 100, 100, 100, 100, 100)
    index = SectionedIndex(parts)
    assert [part.text for part in await read(index, [parts[2]], 299)] == ["a2\n\na3"]
    assert [part.text for part in await read(index, [parts[2]], 300)] == ["a2\n\na3\n\na4"]
    assert [part.text for part in await read(index, [parts[4]], 300)] == ["a2\n\na3\n\na4"]


async def test_all_found_are_seated_before_one_is_widened() -> None:
    first, second = section("a", 100, 100, 100), section("b", 100, 100)
    index = SectionedIndex([*first, *second])
    found = await read(index, [first[0], second[0]], 300)
    assert [part.text for part in found] == ["a0\n\na1", "b0"]
    found = await read(index, [first[0], second[0]], 500)
    assert [part.text for part in found] == ["a0\n\na1\n\na2", "b0\n\nb1"]


async def test_what_no_longer_fits_is_left_out_but_never_the_first() -> None:
    first, second = section("a", 400), section("b", 100)
    index = SectionedIndex([*first, *second])
    assert await read(index, [first[0], second[0]], 300) == first
    assert await read(index, [second[0], first[0]], 300) == second
    assert await read(index, [], 300) == []


async def test_a_passage_of_an_older_generation_is_read_as_it_was_found() -> None:
    (gone,) = section("a", 100)
    assert await read(SectionedIndex(section("b", 100)), [gone], 300) == [gone]
