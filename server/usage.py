"""What an answer has used of the model, told by its run."""

from dataclasses import dataclass


@dataclass(slots=True)
class Meter:
    """Counts the tokens of one request; without a call of the model there are none.

    `complete` is false while the model is at work, and stays so when a call of it is cut short:
    the model then doesn't report what it took. `search_seconds` is the time that searches took.
    """

    read: int = 0
    written: int = 0
    complete: bool = True
    search_seconds: float = 0.0

    def begin(self) -> None:
        """Take down that the model is being called."""
        self.complete = False

    def record(self, *, read: int, written: int, complete: bool) -> None:
        """Take down what the model has reported."""
        self.read = read
        self.written = written
        self.complete = complete

    @property
    def tokens(self) -> int:
        """Return all tokens, read or written."""
        return self.read + self.written
