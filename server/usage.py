"""What an answer has used of the model, told by its run."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Meter:
    """Counts the tokens of one request; without a call of the model there are none.

    `complete` is false while the model is at work, and stays so when a call of it is cut short:
    the model then doesn't report what it took. `cached` is a part of what was `read`, `reasoning`
    of what was `written`. `search_seconds` is the time that searches took. Of the answer are told
    the citations that were left out, those whose passage does not hold their sentence, and the
    foreign links that were taken out; `status` is what became of the question, "" before its end.
    `model` is the one that was chosen for the answer, or "". While a budget is spent, no model may
    be paid for: then `renews_at` is when it renews.
    """

    read: int = 0
    written: int = 0
    cached: int = 0
    reasoning: int = 0
    complete: bool = True
    search_seconds: float = 0.0
    citations_dropped: int = 0
    citations_unsupported: int = 0
    links_removed: int = 0
    status: str = ""
    model: str = ""
    renews_at: datetime | None = None

    def begin(self, *, model: str = "") -> None:
        """Take down that the model is being called."""
        self.model = model
        self.complete = False

    def record(
        self, *, read: int, written: int, complete: bool, cached: int = 0, reasoning: int = 0
    ) -> None:
        """Take down what the model has reported."""
        self.read = read
        self.written = written
        self.cached = cached
        self.reasoning = reasoning
        self.complete = complete

    def add(self, *, read: int, written: int) -> None:
        """Add what a call beside the answer's own has used."""
        self.read += read
        self.written += written

    @property
    def tokens(self) -> int:
        """Return all tokens, read or written."""
        return self.read + self.written
