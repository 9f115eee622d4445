"""Where the threshold is put, and that the index keeps it."""

import json
from pathlib import Path

from evals.__main__ import app as evals_app
from evals.calibrate import calibrate
from ingest.__main__ import app as ingest_app
from tests.command_line import run_here


def test_the_cut_is_between_what_is_answered_and_what_is_not() -> None:
    found = calibrate([0.6, 0.7, 0.8, 0.9], [0.1, 0.2, 0.3])
    assert 0.3 < found.threshold < 0.6
    assert (found.refused, found.answered) == (0, 0)


def test_where_they_overlap_the_shares_of_mistakes_count() -> None:
    found = calibrate([0.3, 0.6, 0.7, 0.8], [0.1, 0.2, 0.4, 0.5])
    assert 0.5 < found.threshold < 0.6
    assert (found.refused, found.answered) == (0.25, 0)


def test_without_others_one_in_ten_may_be_refused() -> None:
    found = calibrate([score / 10 for score in range(1, 11)], [])
    assert found.refused == 0.1
    assert found.answered is None
    assert calibrate([0.5], []).refused == 0


def test_the_index_keeps_the_threshold_through_the_next_ingest(tmp_path: Path) -> None:
    docs, index = tmp_path / "docs", tmp_path / "footnote" / "index"
    docs.mkdir()
    (docs / "run.md").write_text("# Run\n\nStart the workers to run the queue.\n", encoding="utf-8")
    rows = [
        {"id": "a", "question": "How do I run the queue?", "gold": [{"path": "run.md"}]},
        {"id": "b", "question": "Which wine goes with fish?", "gold": []},
    ]
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert run_here(ingest_app, str(docs), "--index", str(index)).returncode == 0

    tried = run_here(evals_app, "calibrate", str(questions), "--index", str(index), "--dry-run")
    assert tried.stdout.startswith("Would set the threshold to 0."), tried.stderr
    assert not list(index.rglob("*manifest*.json")) or threshold(index) is None
    done = run_here(evals_app, "calibrate", str(questions), "--index", str(index))
    assert done.returncode == 0, done.stderr
    kept = threshold(index)
    assert kept is not None
    (docs / "stop.md").write_text("# Stop\n\nStop the workers.\n", encoding="utf-8")
    assert run_here(ingest_app, str(docs), "--index", str(index)).returncode == 0
    assert threshold(index) == kept


def threshold(index: Path) -> float | None:
    newest = max(index.rglob("manifest.json"), key=lambda path: path.stat().st_mtime)
    found = json.loads(newest.read_text(encoding="utf-8"))["answer_threshold"]
    assert found is None or isinstance(found, float)
    return found


def test_a_set_without_answers_is_refused_in_one_line(tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"id": "b", "question": "Wine?", "gold": []}', encoding="utf-8")
    done = run_here(evals_app, "calibrate", str(questions), "--index", str(tmp_path / "index"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_the_command_explains_itself() -> None:
    assert "--foreign" in run_here(evals_app, "calibrate", "--help").stdout
