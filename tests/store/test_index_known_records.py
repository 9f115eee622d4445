"""What a reader keeps of a generation: what was used last, and no more than so much."""

from dataclasses import replace

from store.index.known_records import KnownRecords
from tests.contract.passages import make_passage

FIRST, SECOND, THIRD = (make_passage(name=name) for name in "abc")


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    known = KnownRecords(passages=2)
    known.keep([FIRST, SECOND])
    assert known.of([FIRST.id]) == {FIRST.id: FIRST}
    known.keep([THIRD])
    assert known.of([FIRST.id, SECOND.id, THIRD.id]) == {FIRST.id: FIRST, THIRD.id: THIRD}


def test_a_section_is_kept_in_its_order_and_a_whole_page_is_not() -> None:
    known = KnownRecords(sections=1)
    later = replace(SECOND, position=1)
    for anchor in ("top", None):
        assert known.section("a.md", anchor) is None
        assert known.keep_section("a.md", anchor, [later, FIRST]) == [FIRST, later]
    assert known.section("a.md", "top") == [FIRST, later]
    assert known.section("a.md", None) is None
    known.keep_section("b.md", "top", [])
    assert known.section("b.md", "top") == []
    assert known.section("a.md", "top") is None


def test_a_passage_of_a_section_is_not_kept_twice() -> None:
    known = KnownRecords()
    known.keep([FIRST])
    [kept] = known.keep_section("a.md", "top", [replace(FIRST)])
    assert kept is FIRST


def test_what_is_handed_out_may_be_changed() -> None:
    known = KnownRecords()
    known.keep_section("a.md", "top", [FIRST]).clear()
    section = known.section("a.md", "top")
    assert section == [FIRST]
