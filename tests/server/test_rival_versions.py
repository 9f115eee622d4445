"""Questions that several versions of the docs answer equally well."""

from dataclasses import replace

import pytest

from server.search.rival_versions import named_versions, rival_versions
from store.records import ScoredPassage
from tests.server.sections import section


def found(*results: tuple[str, float]) -> list[ScoredPassage]:
    return [
        ScoredPassage(replace(section(f"Run {number}"), version=version), score)
        for number, (version, score) in enumerate(results)
    ]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([("1.x", 1.19), ("2.x", 1.15), ("", 0.2)], ("2.x", "1.x")),
        ([("1.9", 1.0), ("1.10", 0.95), ("next", 0.94)], ("1.10", "1.9", "next")),
        ([("2.x", 1.26), ("1.x", 0.73)], ()),
        ([("2.x", 1.0), ("2.x", 0.99), ("1.x", 0.5)], ()),
        ([("", 1.0), ("1.x", 0.99), ("2.x", 0.99)], ()),
        ([("1.x", 1.0), ("", 0.99)], ()),
        ([], ()),
    ],
)
def test_versions_are_rivals_when_they_answer_equally_well(
    results: list[tuple[str, float]], expected: tuple[str, ...]
) -> None:
    assert rival_versions(found(*results)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do I upgrade?", set()),
        ("How do I upgrade to 2.x?", {"2.x"}),
        ("Is that so in 2.4", {"2.x"}),
        ("What about V1?", {"1.x"}),
        ("And in version 1.", {"1.x"}),
        ("From 1.x to 2.x", {"1.x", "2.x"}),
        ("Does it run on 2 machines, at 0.2.x?", set()),
        ("What is 2.x.y or 12.x?", set()),
        ("On Cloud, please", {"cloud"}),
        ("What is cloudy?", set()),
        ("In v3 and on 3 machines", {"3"}),
        ("On 3 machines", set()),
    ],
)
def test_versions_are_found_in_a_text(text: str, expected: set[str]) -> None:
    assert named_versions(text, ["1.x", "2.x", "cloud", "3"]) == expected
