"""Failures of the thread store. What isn't there, or isn't the caller's, is `NotFoundError`."""


class UnknownCursorError(Exception):
    """A page was asked for after a row that isn't there."""

    def __init__(self, cursor: str) -> None:
        super().__init__(f"Nothing has the id {cursor!r} to go on from.")
        self.cursor = cursor


class ThreadsUnavailableError(Exception):
    """The database failed while it was being used; trying again may work."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The database of threads failed: {problem}")
        self.problem = problem
