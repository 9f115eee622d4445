"""Fixtures for every test: an environment without the developer's settings, and asyncio."""

import gc
import signal
import ssl
from collections.abc import Iterator

import httpx
import hypothesis
import pytest

from server.settings import ServerSettings
from store.embedders import minilm, wordpiece
from store.settings import StoreSettings

# How long an example takes depends on what else the machine does. Examples are others in each run,
# in CI too; one that fails says how to see it again.
hypothesis.settings.register_profile(
    "footnote",
    deadline=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("footnote")

# The suites that several engines share explain a failed `assert` as test modules do.
pytest.register_assert_rewrite("tests.contract", "tests.server.serving")


def pytest_configure() -> None:
    """Have Ctrl-C end what the tests start, also in a shell's background job, which ignores it."""
    # Hardly anything of what is imported and collected is garbage.
    gc.disable()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Spare the garbage collector the million objects that imports and collection leave."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep from one test to the next what takes long to load.

    The bundled model takes a third of a second; the machine's certificate authorities, which
    nobody asks for on loopback, a twentieth for each HTTP client, in started processes too.
    """
    with pytest.MonkeyPatch.context() as patch:
        for files in (*minilm._SESSIONS.values(), wordpiece._TOKENIZERS):
            patch.setattr(files, "_loaded", {})
        [authority, *_] = httpx.create_ssl_context().get_ca_certs(binary_form=True)
        file = tmp_path_factory.mktemp("authorities") / "one.pem"
        file.write_text(ssl.DER_cert_to_PEM_cert(authority))
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


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
