"""`python -m evals` over a real index."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.__main__ import app
from evals.judge_agreement import labelled_answers
from evals.record import read_record
from evals.results import read_results
from ingest.__main__ import app as ingest_app
from store.console import run_command
from tests.mock_openai import Call, Failure, MockOpenAI, Step, Text

PAGES = {
    "install.md": "# Install\n\nWhat to install.\n\n## Docker\n\nRun the container with "
    "`docker compose up`. It needs Docker 24.\n\n## From source\n\nClone the repository, "
    "then run `make setup`.\n",
    "limits.md": "# Limits\n\n## Rate limits\n\nEach reader may send ten messages a minute. "
    "After that the server answers 429.\n",
    "sub/backup.md": "# Backups\n\n## Restore a backup\n\nStop the server, copy the dump back "
    "and start the server.\n",
}
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "docker",
        "question": "how do I run it with docker compose",
        "gold": [{"path": "docs/install.md", "anchor": "docker"}],
        "answer": "Run docker compose up.",
    },
    {
        "id": "limit",
        "question": "how many messages a minute may a reader send",
        "gold": [{"path": "docs/limits.md"}],
    },
    {
        "id": "restore",
        "question": "copy the dump back after a crash",
        "gold": [{"path": "docs/sub/backup.md", "anchor": "restore-a-backup"}],
    },
    {
        "id": "source",
        "question": "clone the repository and run make setup",
        "gold": [{"path": "docs/install.md", "anchor": "from-source"}],
    },
    {"id": "none", "question": "qwertz asdfgh", "gold": []},
]
Evaluate = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evals")
    for path, text in PAGES.items():
        (folder / "docs" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "docs" / path).write_text(text, encoding="utf-8")
    arguments = [str(folder / "docs"), "--index", str(folder / "index")]
    result = CliRunner().invoke(ingest_app, arguments)
    assert result.exit_code == 0, result.output
    return folder / "index"


@pytest.fixture
def evaluate(
    index: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Evaluate:
    """Run the command over the questions in `tmp_path`; return its exit code and what it said."""
    rows = "\n".join(json.dumps(question) for question in QUESTIONS)
    (tmp_path / "questions.jsonl").write_text(rows, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, at: Path = index) -> tuple[int, str]:
        command = ["evals", "questions.jsonl", "--index", str(at), "--path-prefix", "docs/"]
        monkeypatch.setattr(sys, "argv", [*command, *arguments])
        with pytest.raises(SystemExit) as exited:
            run_command(app)
        assert isinstance(exited.value.code, int)
        captured = capsys.readouterr()
        return exited.value.code, captured.out + captured.err

    return run


def test_retrieval_alone_is_measured_and_written(evaluate: Evaluate, tmp_path: Path) -> None:
    code, output = evaluate("--retrieval-only", "--results", "results.jsonl")
    assert code == 0
    assert [line.split() for line in output.splitlines() if " page " in line] == [
        ["page", *["1.000"] * 7, "4"]
    ]
    assert "an answer is" not in output
    rows = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == [question["id"] for question in QUESTIONS]
    first = rows[0]["retrieved"][0]
    assert (first["rank"], first["path"], first["anchor"]) == (1, "docs/install.md", "docker")
    assert first["url"].endswith("#docker")
    assert rows[0]["status"] is None


def test_gold_that_the_index_does_not_have_is_told(evaluate: Evaluate, tmp_path: Path) -> None:
    code, output = evaluate("--retrieval-only")
    assert (code, "warning" in output) == (0, False)
    lost = [
        {"path": "docs/install.md", "anchor": "podman"},
        {"path": "install.md"},
        {"path": "docs/limits.md"},
        {"path": "install.md"},
    ]
    row = {"id": "lost", "question": "how do I run it", "gold": lost}
    (tmp_path / "questions.jsonl").write_text(json.dumps(row), encoding="utf-8")
    code, output = evaluate("--retrieval-only")
    assert code == 0
    told = "2 of the places named as gold are not in the index, so they count as not found: "
    assert f"warning: {told}docs/install.md#podman, install.md\n" in output


def test_whole_answers_are_measured_and_written(evaluate: Evaluate, tmp_path: Path) -> None:
    code, output = evaluate("--results", "results.jsonl", "--concurrency", "2")
    assert code == 0
    rows = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    docker, *_, none = rows
    assert docker["status"] == "answered"
    assert "docker compose up" in docker["answer"]
    assert docker["citations"][0]["path"] == "docs/install.md"
    assert docker["citations"][0]["resolves"] is True
    assert docker["seconds"].keys() == {"search", "first_token", "total"}
    assert none["status"] == "off_topic"
    assert "answer.withheld 1.000 1" in " ".join(output.split())


def test_a_model_that_fails_is_a_failure_and_not_a_score(
    evaluate: Evaluate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Call("search_docs", {"query": "docker compose"})
    failures = [Failure(400, "No such model.")] * (len(QUESTIONS) - 1)
    with MockOpenAI([search, Text("Run `docker compose up` [1]."), *failures]) as mock:
        monkeypatch.setenv("OPENAI_BASE_URL", mock.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "any")
        code, output = evaluate("--results", "results.jsonl", "--concurrency", "1")
    mock.assert_complete()
    assert code == 1
    assert "4 of 5 questions failed." in output
    rows = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [row["status"] for row in rows] == ["answered", *["error"] * 4]
    assert rows[0]["answer"].startswith("Run `docker compose up`")
    assert rows[0]["citations"][0]["anchor"] == "docker"
    assert "No such model." in rows[1]["error"]
    # The one question that was answered is the whole of the means.
    assert "page 1.000 1.000 1.000 1.000 1.000 1.000 1.000 1" in " ".join(output.split())


def test_a_judge_is_calibrated_and_then_asked(
    evaluate: Evaluate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opinion = Text(json.dumps({"reason": "So.", "grounded": True, "correct": False}))
    search = Call("search_docs", {"query": "docker compose"})
    silent = [Text("I don't know.")] * (len(QUESTIONS) - 1)
    answer: list[Step] = [search, Text("Run `docker compose up` [1]."), opinion]
    with MockOpenAI([*[opinion] * len(labelled_answers()), *answer, *silent]) as mock:
        monkeypatch.setenv("OPENAI_BASE_URL", mock.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "any")
        options = ("--judge", "judge-1", "--concurrency", "1", "--record", "record.json")
        code, output = evaluate(*options)
    mock.assert_complete()
    assert code == 0
    assert "The judge agrees with people on grounded: " in output
    assert "judge.grounded 1.000 1" in " ".join(output.split())
    assert "judge.correct 0.000 1" in " ".join(output.split())
    record = read_record(tmp_path / "record.json")
    assert record.conditions.judge == "judge-1, prompt 1"
    assert record.totals["judge.kappa.correct"] == 0


def test_resume_asks_only_what_is_left(evaluate: Evaluate, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    assert evaluate("--retrieval-only", "--results", "results.jsonl")[0] == 0
    whole = [json.loads(line) for line in results.read_text().splitlines()]
    known = whole[1] | {"seconds": {"search": 42.0}}
    results.write_text(json.dumps(known) + "\n")
    assert evaluate("--retrieval-only", "--results", "results.jsonl", "--resume")[0] == 0
    again = [json.loads(line) for line in results.read_text().splitlines()]
    assert [row["id"] for row in again] == [row["id"] for row in whole]
    assert [row["seconds"]["search"] == 42 for row in again] == [False, True, *[False] * 3]


def test_repeated_questions_are_kept_apart_and_resumed(evaluate: Evaluate, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    options = ("--retrieval-only", "--results", "results.jsonl")
    assert evaluate(*options, "--repeat", "2")[0] == 0
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    assert [(row["id"], row["attempt"]) for row in rows] == [
        (question["id"], attempt) for question in QUESTIONS for attempt in (1, 2)
    ]
    assert evaluate(*options, "--repeat", "3", "--resume")[0] == 0
    again = [json.loads(line) for line in results.read_text().splitlines()]
    assert [row for row in again if row["attempt"] < 3] == rows
    assert len(again) == 3 * len(QUESTIONS)


def test_a_missed_gate_is_exit_1_and_named(evaluate: Evaluate, tmp_path: Path) -> None:
    (tmp_path / "gates.toml").write_text('[figures]\n"page.precision@5" = { at_least = 0.9 }\n')
    code, output = evaluate("--retrieval-only", "--gates", "gates.toml")
    assert code == 1
    assert "GATE page.precision@5: 0.2, at least 0.9 wanted" in output


def test_a_regression_against_the_baseline_is_exit_1(evaluate: Evaluate, tmp_path: Path) -> None:
    gates = '[figures]\n"page.mrr@10" = { no_worse = true }\n'
    (tmp_path / "gates.toml").write_text(gates)
    compared = ("--retrieval-only", "--gates", "gates.toml", "--baseline", "baseline.json")
    assert evaluate("--retrieval-only", "--record", "baseline.json")[0] == 0
    code, output = evaluate(*compared)
    assert (code, "1 of 1 gates passed." in output) == (0, True)
    # A baseline that was better on every question stands for an assistant that got worse.
    baseline = json.loads((tmp_path / "baseline.json").read_text())
    for question in baseline["questions"].values():
        question["figures"] = {name: value + 0.5 for name, value in question["figures"].items()}
    (tmp_path / "baseline.json").write_text(json.dumps(baseline))
    code, output = evaluate(*compared)
    assert code == 1
    assert "GATE page.mrr@10: 1.5 before, 1 now" in output


def test_reports_are_written(evaluate: Evaluate, tmp_path: Path) -> None:
    names = {"--junit": "junit.xml", "--markdown": "summary.md", "--html": "report.html"}
    code, _ = evaluate("--retrieval-only", *(part for pair in names.items() for part in pair))
    assert code == 0
    assert all("page.hit@1" in (tmp_path / name).read_text() for name in names.values())


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--results", "missing/results.jsonl"], "Can't write missing/results.jsonl"),
        (["--html", "."], "Can't write .: it is a folder"),
        (["--baseline", "missing.json"], "missing.json: can't be read"),
        (["--gates", "missing.toml"], "missing.toml: can't be read"),
        (["--resume"], "--resume: needs --results"),
        (["--judge", "any"], "--judge: needs OPENAI_API_KEY or OPENAI_BASE_URL"),
        (["--concurrency", "0"], "Invalid value for '--concurrency'"),
        (["--index", "nowhere"], "There is no index at nowhere"),
    ],
)
def test_a_callers_mistake_is_one_line_and_exit_2(
    evaluate: Evaluate, arguments: list[str], problem: str
) -> None:
    code, output = evaluate(*arguments)
    assert code == 2
    assert output.startswith("error: ")
    assert output.count("\n") == 1
    assert problem in output


def test_ctrl_c_keeps_the_answers_so_far(index: Path, tmp_path: Path) -> None:
    first = QUESTIONS[0] | {"gold": []}
    rows = [first | {"id": f"q{number}"} for number in range(3_000)]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    results = tmp_path / "results.jsonl"
    command = [sys.executable, "-m", "evals", str(tmp_path / "questions.jsonl")]
    options = ["--index", str(index), "--retrieval-only", "--results", str(results)]
    run = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
    while not (results.exists() and results.stat().st_size):
        assert run.poll() is None
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=30)
    assert run.returncode == 130
    assert errors.startswith(f"{results} has the answers so far")
    assert "Traceback" not in errors
    assert 0 < len(read_results(results)) < 3_000


def test_earlier_results_are_kept_when_a_run_can_not_start(
    evaluate: Evaluate, tmp_path: Path
) -> None:
    (tmp_path / "results.jsonl").write_text("of yesterday\n")
    code, _ = evaluate("--results", "results.jsonl", at=tmp_path / "nowhere")
    assert code == 2
    assert (tmp_path / "results.jsonl").read_text() == "of yesterday\n"
