"""What a reader is told of each failure: one safe sentence, and whether to try again."""

import httpx2
import openai
import pytest
from agents.exceptions import MaxTurnsExceeded, ModelBehaviorError

from server.chat.failures import reader_error
from server.errors import RetrievalUnavailable

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/responses")


def status_error(status: int, *, code: str | None = None) -> openai.APIStatusError:
    response = httpx2.Response(status, request=REQUEST)
    kind = openai.RateLimitError if status == 429 else openai.APIStatusError
    return kind("secret", response=response, body={"code": code})


@pytest.mark.parametrize(
    ("failure", "allow_retry", "begins"),
    [
        (RetrievalUnavailable("secret"), True, "Searching the docs failed"),
        (openai.APIConnectionError(request=REQUEST), True, "The language model could not be"),
        (openai.APITimeoutError(request=REQUEST), True, "The language model could not be"),
        (ModelBehaviorError("secret"), True, "The language model could not be"),
        (MaxTurnsExceeded("secret"), True, "This question took too many steps"),
        (status_error(429), True, "The language model is busy"),
        (status_error(429, code="insufficient_quota"), False, "The language model did not accept"),
        (status_error(400), False, "The language model did not accept"),
        (status_error(408), True, "The language model could not be"),
        (status_error(500), True, "The language model could not be"),
    ],
)
def test_a_failure_is_one_safe_sentence(failure: Exception, allow_retry: bool, begins: str) -> None:
    error = reader_error(failure)
    assert error.message.startswith(begins)
    assert error.allow_retry is allow_retry
    assert "secret" not in error.message
