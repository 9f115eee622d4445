"""The handbook's GitHub Actions job, its steps run as they are written."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGES = {
    "install.md": "# Install\n\n## Docker\n\nRun the container with `docker compose up`.\n",
    "limits.md": "# Limits\n\nEach reader may send ten messages a minute.\n",
}
QUESTIONS = [
    {"id": "docker", "question": "how do I run the container", "gold": [{"path": "install.md"}]},
    {"id": "limit", "question": "how many messages a minute", "gold": [{"path": "limits.md"}]},
]


def written_steps() -> list[str]:
    """Return the commands of the example's steps, without the one that makes the environment."""
    page = (ROOT / "corpus" / "evaluation.md").read_text(encoding="utf-8")
    [example] = [
        text for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "jobs:" in text
    ]
    steps = yaml.safe_load(example)["jobs"]["evaluate"]["steps"]
    setup, *commands = [step["run"] for step in steps if "run" in step]
    assert setup == "make setup"
    return commands


def run_steps(folder: Path) -> tuple[int, str]:
    """Run the steps until one fails; return its exit status and the job's summary."""
    summary = folder / "summary.md"
    summary.unlink(missing_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "GITHUB_STEP_SUMMARY": str(summary),
        "CI": "true",
    }
    for command in written_steps():
        # As the workflow's own shell runs it.
        step = subprocess.run(
            ["bash", "-e", "-c", command.replace(".venv/bin/python", sys.executable)],
            cwd=folder,
            env=environment,
            check=False,
        )
        if step.returncode:
            break
    return step.returncode, summary.read_text(encoding="utf-8") if summary.exists() else ""


@pytest.mark.slow
def test_the_job_passes_and_then_stops_a_pull_request_that_loses_an_answer(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "docs").mkdir(parents=True)
    for name, text in PAGES.items():
        (site / "docs" / name).write_text(text)
    (site / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in QUESTIONS))
    (site / "gates.toml").write_text(
        '[figures]\n"page.hit@5" = { at_least = 1, no_worse = true }\n'
    )
    record = f"{sys.executable} -m ingest site/docs --index first && "
    record += f"{sys.executable} -m evals site/questions.jsonl --index first "
    record += "--retrieval-only --record site/baseline.json"
    subprocess.run(
        ["bash", "-e", "-c", record],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        check=True,
    )

    status, summary = run_steps(tmp_path)
    assert (status, "passed" in summary) == (0, True)
    assert (tmp_path / "junit.xml").exists()
    assert (tmp_path / "report.html").exists()

    (site / "docs" / "limits.md").unlink()
    status, summary = run_steps(tmp_path)
    assert status == 1
    assert "page.hit@5" in summary
    assert "**failed**" in summary
