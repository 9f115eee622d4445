import json
from pathlib import Path

import pytest

from evals.imports.beir import beir_drafts, page_name, write_pages
from evals.imports.drafts import Draft, ImportSourceError
from evals.imports.locate import Locator
from evals.imports.ragas_sets import ragas_drafts, read_json_rows
from evals.imports.tables import read_table, table_drafts
from store.records import Page, Passage


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def drafts_of(path: Path) -> list[Draft]:
    return list(table_drafts(path, read_table(path)))


def test_columns_are_known_by_several_names(tmp_path: Path) -> None:
    text = (
        "Query,Pages,Reference,Category,Remark\n"
        '"How, please?",a.md#one | b.md,So.,run; docker,x\n'
        "Why?,,,,\n"
    )
    first, second = (draft.complete(()) for draft in drafts_of(written(tmp_path / "a.csv", text)))
    assert (first.id, first.question, first.answer) == ("row-1", "How, please?", "So.")
    assert [(gold.path, gold.anchor) for gold in first.gold] == [("a.md", "one"), ("b.md", None)]
    assert first.tags == ("run", "docker")
    assert (second.id, second.gold, second.answer) == ("row-2", (), None)


def test_tabs_ids_and_addresses(tmp_path: Path) -> None:
    text = "id\tquestion\tgold\nq7\tHow?\thttps://docs.example.com/a/#one\n"
    [draft] = drafts_of(written(tmp_path / "a.tsv", text))
    assert draft.urls == ("https://docs.example.com/a/#one",)
    assert draft.complete([{"path": "a.md"}]).id == "q7"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("text,gold\nHow?,a.md\n", r"a\.csv:1: has no column for the question"),
        ("question,answer\nHow?,So.\n", r"a\.csv:1: has no column for the gold"),
        ("question,gold\nHow?,a.md\n ,a.md\n", r"a\.csv:3: question: Field required"),
    ],
)
def test_a_mistake_of_a_table_is_named_by_its_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ImportSourceError, match=problem):
        _ = [draft.complete(()) for draft in drafts_of(written(tmp_path / "a.csv", text))]


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "beir"
    corpus = [
        {"_id": "d/1", "title": "One", "text": "First."},
        {"_id": "_2", "title": "", "text": "Second."},
    ]
    queries = [{"_id": "q1", "text": "Which?"}, {"_id": "q2", "text": "Unjudged?"}]
    written(folder / "corpus.jsonl", "\n".join(map(json.dumps, corpus)))
    written(folder / "queries.jsonl", "\n".join(map(json.dumps, queries)) + "\n")
    judged = "query-id\tcorpus-id\tscore\nq1\td/1\t2\nq1\t_2\t0\nq9\td/1\t1\n"
    written(folder / "qrels" / "test.tsv", judged)
    return folder


def test_relevant_documents_are_gold(beir: Path) -> None:
    [draft] = beir_drafts(beir, split="test", as_pages=False)
    question = draft.complete(())
    assert (question.id, question.question) == ("q1", "Which?")
    assert question.gold_pages == {"d/1"}


def test_a_corpus_becomes_pages_that_the_gold_names(beir: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    assert write_pages(beir, docs) == 2
    [draft] = beir_drafts(beir, split="test", as_pages=True)
    [gold] = draft.complete(()).gold
    assert (docs / gold.path).read_text() == "# One\n\nFirst.\n"
    # An ingest leaves out what begins with an underscore.
    assert page_name("_2") == "%5F2.md"
    assert (docs / "%5F2.md").read_text() == "# _2\n\nSecond.\n"


def test_a_split_that_is_not_there_is_named(beir: Path) -> None:
    with pytest.raises(ImportSourceError, match=r"qrels/dev\.tsv: No such file"):
        list(beir_drafts(beir, split="dev", as_pages=False))


def test_contexts_are_texts_also_as_a_table_writes_them(tmp_path: Path) -> None:
    rows = [
        {"user_input": "How?", "reference": "So.", "reference_contexts": ["One.", "Two."]},
        {"question": "Why?", "contexts": "['Three.']", "synthesizer_name": "multi_hop_abstract"},
    ]
    path = written(tmp_path / "set.jsonl", "\n".join(map(json.dumps, rows)))
    first, second = ragas_drafts(path, read_json_rows(path))
    assert first.contexts == ("One.", "Two.")
    assert first.complete(()).answer == "So."
    assert second.contexts == ("Three.",)
    assert second.complete([{"path": "a.md"}]).require == "all"


def passage(path: str, anchor: str, text: str) -> Passage:
    return Passage(
        id=f"{path}#{anchor}",
        path=path,
        title="Page",
        heading_path=("Page",),
        anchor=anchor,
        url=f"/docs/{path}#{anchor}",
        text=text,
        position=0,
        start_line=1,
        end_line=1,
        tokens=1,
    )


LOCATOR = Locator(
    [Page("a.md", "A", "/docs/a", "0", (), ""), Page("b.md", "B", "/docs/b", "0", (), "")],
    [
        passage("a.md", "backup", "Copy the database file every night and keep it elsewhere."),
        passage("b.md", "", "The server listens on port 8000 unless PORT says another."),
    ],
)


def located(**where: tuple[str, ...]) -> list[dict[str, str]]:
    return LOCATOR.locate(Draft({}, Path("set.csv"), 1, **where))


def test_a_text_is_found_in_a_longer_or_shorter_passage() -> None:
    longer = "Backups. Copy the database file every night and keep it elsewhere. Never skip one."
    assert located(contexts=(longer,)) == [{"path": "a.md", "anchor": "backup"}]
    assert located(contexts=("server listens on port 8000",)) == [{"path": "b.md"}]


def test_what_the_index_lacks_is_not_guessed() -> None:
    assert located(contexts=("The weather in Lisbon is fine today.",)) == []
    assert located(contexts=("server listens on port 8000", "The weather is fine.")) == []
    assert located(urls=("/docs/c",)) == []


def test_addresses_lead_to_pages() -> None:
    assert located(urls=("/docs/a#backup", "/docs/b", "/docs/b")) == [
        {"path": "a.md", "anchor": "backup"},
        {"path": "b.md"},
    ]
