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


class FileNotDeletedError(Exception):
    """The content of an attachment can't be deleted, so that the attachment is kept as well."""

    def __init__(self, attachment_id: str, problem: str) -> None:
        super().__init__(f"Can't delete the file of attachment {attachment_id}: {problem}")
        self.attachment_id = attachment_id
        self.problem = problem
