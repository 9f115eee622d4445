"""Secrets that protect nothing: refused wherever they could do harm."""

import pytest
from pydantic import ValidationError

from server.settings import ServerSettings
from store.errors import SettingsError

RANDOM = "b7e0d5a1c3f94826"
ADDRESS = "postgresql://footnote:{}@db/footnote"


@pytest.mark.parametrize(
    "secret",
    [
        "short",
        "a" * 64,
        "change-me-" * 5,
        "my-very-secret-signing-key-12345",
    ],
)
@pytest.mark.parametrize("name", ["session_secret", "jwt_secret"])
def test_a_weak_signing_secret_is_refused_anywhere(name: str, secret: str) -> None:
    with pytest.raises(ValidationError, match="openssl rand -hex 32"):
        ServerSettings.model_validate({name: secret})


@pytest.mark.parametrize("password", ["postgres", "footnote", "changeme", "example-1", "x7!k", ""])
@pytest.mark.parametrize(
    "changes",
    [
        {"database_url": ADDRESS},
        {"limits_url": "redis://:{}@redis:6379/0"},
        {"qdrant_api_key": "{}"},
    ],
)
def test_a_password_that_can_be_guessed_is_refused_off_loopback(
    changes: dict[str, str], password: str
) -> None:
    [(name, value)] = changes.items()
    given = {name: value.format(password)}
    ServerSettings.model_validate(given)
    with pytest.raises(SettingsError, match=f"{name.upper()}: .*HOST=0.0.0.0"):
        ServerSettings.model_validate({**given, "host": "0.0.0.0"})


def test_random_ones_and_none_at_all_are_taken() -> None:
    given = {"host": "0.0.0.0", "database_url": ADDRESS.format(RANDOM), "qdrant_api_key": RANDOM}
    assert ServerSettings.model_validate({**given, "session_secret": RANDOM * 2}).host == "0.0.0.0"
    without = {"host": "0.0.0.0", "database_url": "sqlite:///a@b.db", "limits_url": "redis://r:1"}
    assert ServerSettings.model_validate(without).limits_url == "redis://r:1"
