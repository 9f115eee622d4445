"""`python -m evals`: measure the assistant, and make the questions that it is measured by."""

import typer

from evals.commands.calibrate import calibrate_threshold
from evals.commands.evaluate import evaluate
from evals.commands.fit_evidence import fit_evidence
from evals.commands.from_thread import from_thread
from evals.commands.gaps import gaps
from evals.commands.group import DEFAULT, QuestionsFirst
from evals.commands.import_set import import_set
from evals.commands.new import new
from store.console import run_command

app = typer.Typer(
    cls=QuestionsFirst,
    help="Measure the assistant. `python -m evals QUESTIONS` needs no command's name.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command(DEFAULT)(evaluate)
app.command("calibrate")(calibrate_threshold)
app.command("fit-evidence")(fit_evidence)
app.command("from-thread")(from_thread)
app.command("gaps")(gaps)
app.command("import")(import_set)
app.command("new")(new)

if __name__ == "__main__":
    run_command(app)
