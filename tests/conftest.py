"""Fixtures for every test: an environment without the developer's settings, and asyncio."""

import signal
from collections.abc import Iterator

import pytest

from server.settings import ServerSettings
from store.settings import StoreSettings

# The suites that several engines share explain a failed `assert` as test modules do.
pytest.register_assert_rewrite("tests.contract", "tests.server.serving")


def pytest_configure() -> None:
    """Have Ctrl-C end what the tests start, also in a shell's background job, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide settings of the machine: environment variables and a `.env` file."""
    for settings in _settings_classes():
        monkeypatch.setitem(settings.model_config, "env_file", None)
        for name in settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)


def _settings_classes() -> Iterator[type[StoreSettings]]:
    waiting: list[type[StoreSettings]] = [StoreSettings, ServerSettings]
    while waiting:
        settings = waiting.pop()
        waiting.extend(settings.__subclasses__())
        yield settings


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
