import json
from pathlib import Path
from typing import Any

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message
from typer.testing import CliRunner

from evals.__main__ import app
from evals.drafting import draft_questions, heading_question
from evals.model_drafting import draft_with_model, sections_of
from evals.question_files import read_questions
from ingest.__main__ import app as ingest_app
from store.records import Page, Passage, Section
from tests.mock_openai import MockOpenAI, Text


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Restore a backup", "How do I restore a backup?"),
        ("How to set `PORT`", "How do I set PORT?"),
        ("Does it scale?", "Does it scale?"),
        ("Run", "Run"),
        ("Rate limits", "Rate limits"),
        ("Where things are kept", "Where things are kept"),
    ],
)
def test_a_heading_becomes_what_a_reader_would_type(heading: str, question: str) -> None:
    assert heading_question(heading) == question


def corpus(path: str, title: str, parts: dict[str, str]) -> tuple[Page, list[Passage]]:
    """Make a page with a section for each heading."""
    names = {heading: heading.lower().replace(" ", "-").strip("?") for heading in parts}
    sections = tuple(Section(name, 2, names[name], 1, (title, name)) for name in parts)
    page = Page(path, title, f"/docs/{path}", "0", sections, "")
    passages = [
        Passage(
            id=f"{path}#{names[heading]}",
            path=path,
            title=title,
            heading_path=(title, heading),
            anchor=names[heading],
            url=f"/docs/{path}#{names[heading]}",
            text=text,
            position=position,
            start_line=1,
            end_line=1,
            tokens=1,
        )
        for position, (heading, text) in enumerate(parts.items())
        if text
    ]
    return page, passages


def drafted(*pages: tuple[Page, list[Passage]]) -> list[dict[str, Any]]:
    passages = {page.path: found for page, found in pages}
    drafts = draft_questions([page for page, _ in pages], passages, path_prefix="docs/")
    return [draft.model_dump(include={"question", "answer"}) for draft in drafts]


def test_sections_are_asked_about_and_answered_by_their_first_sentence() -> None:
    text = "| a | b |\n|---|---|\n\n```sh\nmake.\n```\n\nIt is stopped with `Ctrl-C`. Then wait."
    assert drafted(corpus("a.md", "A", {"Stop it": text, "Empty": ""})) == [
        {"question": "How do I stop it?", "answer": "It is stopped with `Ctrl-C`."}
    ]


def test_a_heading_that_several_pages_have_is_told_apart_by_the_page() -> None:
    one, two = (corpus(f"{title}.md", title, {"Options": "Some."}) for title in ("Ingest", "Serve"))
    assert [draft["question"] for draft in drafted(one, two)] == [
        "Options (Ingest)",
        "Options (Serve)",
    ]


def test_questions_that_an_faq_has_written_out_are_taken() -> None:
    text = "**Does it cost anything?** No, nothing.\n\n**Is there an app for iOS?**\n\nNot yet."
    assert drafted(corpus("faq.md", "FAQ", {"Common questions": text})) == [
        {"question": "Does it cost anything?", "answer": "No, nothing."},
        {"question": "Is there an app for iOS?", "answer": "Not yet."},
    ]


async def test_the_model_drafts_from_what_has_words_enough() -> None:
    long = "The server listens on port 8000 unless the setting PORT says another. " * 2
    page, passages = corpus("a.md", "A", {"Ports": long, "Stub": "See there."})
    sections = list(sections_of([page], {"a.md": passages}))
    assert [section.title for section in sections] == ["A › Ports"]
    reply = {"questions": [{"question": q, "answer": "8000."} for q in ("port?", "which port")]}
    model = ScriptedModel([ModelStep(output=[assistant_message(json.dumps(reply))])])
    done: list[int] = []
    [question] = await draft_with_model(
        model, sections, per_section=1, concurrency=1, on_done=lambda: done.append(1)
    )
    model.assert_complete()
    assert (question.question, question.answer) == ("port?", "8000.")
    assert question.gold_sections == {("a.md", "ports")}
    assert done == [1]


async def test_a_reply_that_can_not_be_read_costs_one_section_only() -> None:
    text = "word " * 30
    page, passages = corpus("a.md", "A", {"One": text, "Two": text})
    good = json.dumps({"questions": [{"question": "How?", "answer": "So."}]})
    steps = [ModelStep(output=[assistant_message(said)]) for said in ("I can't.", good)]
    sections = list(sections_of([page], {"a.md": passages}))
    found = await draft_with_model(
        ScriptedModel(steps), sections, per_section=1, concurrency=1, on_done=lambda: None
    )
    assert [question.gold_sections for question in found] == [{("a.md", "two")}]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drafting")
    (folder / "docs").mkdir()
    text = "The server listens on port 8000 unless the setting PORT says another. " * 2
    (folder / "docs" / "a.md").write_text(f"# A\n\n## Change the port\n\n{text}\n")
    result = CliRunner().invoke(ingest_app, [str(folder / "docs"), "--index", str(folder / "i")])
    assert result.exit_code == 0, result.output
    return folder / "i"


def test_drafts_are_a_question_set_that_is_never_overwritten(index: Path, tmp_path: Path) -> None:
    output = tmp_path / "set.jsonl"
    first = CliRunner().invoke(app, ["new", str(output), "--index", str(index)])
    assert first.exit_code == 0, first.output
    [question] = read_questions(output)
    assert question.question == "How do I change the port?"
    assert question.gold_sections == {("a.md", "change-the-port")}
    assert question.tags == ("draft",)
    again = CliRunner().invoke(app, ["new", str(output), "--index", str(index)])
    assert "it is there already" in str(again.exception)


def test_a_model_that_is_configured_writes_the_drafts(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = {"questions": [{"question": "8000 is taken", "answer": "Set PORT."}]}
    with MockOpenAI([Text(json.dumps(reply))]) as mock:
        monkeypatch.setenv("OPENAI_BASE_URL", mock.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "any")
        output = tmp_path / "set.jsonl"
        result = CliRunner().invoke(app, ["new", str(output), "--index", str(index)])
    assert result.exit_code == 0, result.output
    mock.assert_complete()
    assert [question.question for question in read_questions(output)] == ["8000 is taken"]
