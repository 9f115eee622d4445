"""Failures of the server that carry data, and the sentences a reader of the docs is told.

A reader never sees the text of an exception. `READER_*` are safe to show as they stand.
"""

from collections.abc import Mapping

READER_SEARCH_FAILED = "Searching the docs failed just now. Please try again in a moment."
READER_MODEL_FAILED = "The language model could not be reached. Please try again in a moment."
READER_MODEL_BUSY = "The language model is busy right now. Please try again in a moment."
READER_MODEL_REFUSED = (
    "The language model did not accept this request. The site's owner can see why in the log."
)
READER_FILES_FAILED = "Attached files can't be reached just now. Please try again in a moment."
READER_FORM_ANSWERED = "This question is not open any more."
READER_GAVE_UP = "This question took too many steps to answer. Please ask a narrower one."


class RetrievalUnavailable(Exception):
    """A search could not be made; not the same as a search that found nothing."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"The docs could not be searched: {cause}")
        self.cause = cause


class RequestRefused(Exception):
    """A request that is answered with a status and a reason, before anything is stored."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
