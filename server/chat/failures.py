"""What a reader is told when a run fails. The cause goes to the log, never to the reader."""

import logging

import openai
from agents.exceptions import AgentsException, MaxTurnsExceeded
from chatkit.errors import CustomStreamError

from server.agent.retrying import OUT_OF_CREDIT
from server.errors import (
    READER_GAVE_UP,
    READER_MODEL_BUSY,
    READER_MODEL_FAILED,
    READER_MODEL_REFUSED,
    READER_SEARCH_FAILED,
    RetrievalUnavailable,
)

logger = logging.getLogger(__name__)

# A timeout and a conflict, which another try may be without.
_FOR_NOW = (408, 409)
RUN_FAILURES = (RetrievalUnavailable, openai.OpenAIError, AgentsException)


def reader_error(error: Exception) -> CustomStreamError:
    """Return the error that is shown for one of `RUN_FAILURES`, and log what happened."""
    match error:
        case RetrievalUnavailable():
            return CustomStreamError(READER_SEARCH_FAILED, allow_retry=True)
        case openai.RateLimitError() if error.code not in OUT_OF_CREDIT:
            logger.warning("The model refuses more requests for now: %s", error.code)
            return CustomStreamError(READER_MODEL_BUSY, allow_retry=True)
        case openai.APIStatusError(status_code=status) if (
            400 <= status < 500 and status not in _FOR_NOW
        ):
            # The body may quote the question, so only its code is logged.
            logger.error(
                "The model's endpoint answered %s (%s). Check OPENAI_API_KEY, OPENAI_MODEL, "
                "OPENAI_API and OPENAI_BASE_URL.",
                status,
                error.code or type(error).__name__,
            )
            return CustomStreamError(READER_MODEL_REFUSED, allow_retry=False)
        case MaxTurnsExceeded():
            logger.warning("An answer took more than MAX_TURNS model calls.")
            return CustomStreamError(READER_GAVE_UP, allow_retry=True)
        case _:
            logger.error("The model failed: %s", type(error).__name__)
            return CustomStreamError(READER_MODEL_FAILED, allow_retry=True)
