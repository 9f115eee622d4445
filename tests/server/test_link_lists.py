"""Lists of links are told from text that has a link in it."""

from server.search.link_lists import link_share
from server.search.ranking import rank_sections
from store.records import ScoredPassage
from tests.contract.passages import make_passage

LISTED = (
    "- [Thunks in depth](https://blog.example/thunks): an article\n"
    "- [Why thunks](https://talks.example/why-thunks): a talk\n"
)
TOLD = "A thunk is a function that is handed `dispatch`, so it can wait before it dispatches."


def test_the_more_words_around_its_links_the_less_a_text_is_a_list() -> None:
    assert link_share(LISTED) == 0.15
    assert 0 < link_share(f"{TOLD * 5} See [the post](https://blog.example/thunks).") < 0.02


def test_links_within_the_docs_and_addresses_in_code_are_no_list() -> None:
    assert link_share("See [thunks](thunks.md) and [stores](/api/store/).") == 0
    assert link_share("curl https://api.example/users") == 0


def test_what_explains_comes_before_what_lists() -> None:
    found = [
        ScoredPassage(make_passage(LISTED, name="links"), 0.9, 0.6),
        ScoredPassage(make_passage(TOLD, name="thunks"), 0.85, 0.6),
    ]
    assert [scored.passage.text for scored in rank_sections("what are they for", found)] == [
        TOLD,
        LISTED,
    ]
