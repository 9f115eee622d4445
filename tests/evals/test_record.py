from dataclasses import replace
from pathlib import Path

import pytest

from evals.questions import Gold, Question
from evals.record import RecordError, make_conditions, make_record, read_record, write_record
from evals.results import Result, Retrieved
from evals.scoring import Scores, score
from store.records import Manifest, Page

MANIFEST = Manifest(
    generation=3,
    embedder="minilm",
    dimension=384,
    chunker="v1",
    docs="docs",
    base_url="",
    pages=2,
    passages=9,
    created_at="2026-01-01T00:00:00+00:00",
)
QUESTION = Question(id="q", question="How?", gold=(Gold(path="a.md"),))


def page(path: str, content: str) -> Page:
    return Page(path=path, title=path, url=path, content_hash=content, sections=(), text="")


def scores_of(question: Question) -> Scores:
    place = Retrieved(rank=1, path="a.md", anchor="", url="a.md", score=1.0)
    result = Result(id="q", question="How?", retrieved=(place,), seconds={"search": 0.1234567})
    return score([question], [result])


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    conditions = make_conditions(MANIFEST, [page("a.md", "1")], model="offline", scope="retrieval")
    record = make_record(scores_of(QUESTION), conditions)
    path = tmp_path / "baseline.json"
    write_record(path, record)
    assert read_record(path) == record
    assert record.means["page.hit@1"] == 1
    assert record.totals["seconds.search.p50"] == 0.123457
    assert record.questions["q"].figures["page.mrr@10"] == 1


def test_the_corpus_is_known_by_its_content_alone() -> None:
    def corpus(*pages: Page, **changed: object) -> str:
        manifest = replace(MANIFEST, **changed)  # type: ignore[arg-type]
        return make_conditions(manifest, pages, model="offline", scope="retrieval").corpus

    one, two = page("a.md", "1"), page("b.md", "2")
    assert corpus(one, two) == corpus(two, one, generation=9, docs="elsewhere")
    assert corpus(one, two) != corpus(one)
    assert corpus(one, two) != corpus(one, page("b.md", "3"))
    assert corpus(one, two) != corpus(one, page("c.md", "2"))


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"question": "Why?"}, False),
        ({"gold": (Gold(path="b.md"),)}, False),
        ({"answer": "So."}, False),
        ({"tags": ("typo",)}, True),
        ({"weight": 2.0}, True),
    ],
)
def test_a_question_is_another_when_what_is_asked_or_wanted_changed(
    changed: dict[str, object], same: bool
) -> None:
    conditions = make_conditions(MANIFEST, [], model="offline", scope="retrieval")
    before = make_record(scores_of(QUESTION), conditions).questions["q"].asked
    other = QUESTION.model_copy(update=changed)
    after = make_record(scores_of(other), conditions).questions["q"].asked
    assert (before == after) is same


def test_what_is_no_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="can't be read"):
        read_record(tmp_path / "missing.json")
    path = tmp_path / "other.json"
    path.write_text('{"format": 2}')
    with pytest.raises(RecordError, match="is not the record of a run"):
        read_record(path)
