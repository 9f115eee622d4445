"""Settings that would be without effect, or fail at the first question: refused at start."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import ServerSettings
from store.errors import SettingsError
from store.settings import StoreSettings


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ALLOWED_ORIGINS", "docs.example.com", "'docs.example.com' is not like https://docs"),
        ("ALLOWED_ORIGINS", "https://a.example,https://b.example/docs", "https://b.example/docs"),
        ("ALLOWED_ORIGINS", "//docs.example.com", "is not like"),
        ("ALLOWED_ORIGINS", "https://*.example.com", "is not like"),
        ("ALLOWED_LINK_HOSTS", "https://github.com", "'https://github.com' is not a host"),
        ("ALLOWED_LINK_HOSTS", "*.example.com", "is not a host"),
        ("SUPPORT_URL", "help.example.com", "begins with none of"),
        ("SUPPORT_URL", "javascript:alert(1)//https://x", "begins with none of"),
        ("TRUSTED_PROXIES", "127.0.0.1,proxy", "'proxy' is neither an address nor a network"),
        ("TRUSTED_PROXIES", "172.16.5.4/12", "has host bits set"),
        ("TRUSTED_PROXIES", "*", "neither an address nor a network"),
        ("OPENAI_BASE_URL", "localhost:11434/v1", "begins with http://"),
        ("OPENAI_BASE_URL", "http://localhost:port/v1", "begins with http://"),
        ("AUTH_CALLBACK_URL", "/whoami", "begins with http://"),
        ("JWT_JWKS_URL", "ftp://id.example.com/keys", "begins with http://"),
        ("RETENTION_DAYS", "99999999999", "less than or equal to 36500"),
    ],
)
def test_it_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        ServerSettings()
    (problem,) = caught.value.errors()
    assert problem["loc"] == (name.lower(),)
    assert told in problem["msg"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "http://127.0.0.1:8080/, https://docs.example.com"),
        ("ALLOWED_LINK_HOSTS", "github.com,localhost:8080,bücher.example"),
        ("SUPPORT_URL", "mailto:help@example.com"),
        ("SUPPORT_URL", "https://example.com/help?topic=docs"),
        ("TRUSTED_PROXIES", "172.16.0.0/12, fd00::/8,::1"),
        ("OPENAI_BASE_URL", "http://user:pass@[::1]:11434/v1?key=x"),
    ],
)
def test_what_can_be_used_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(ServerSettings(), name.lower())


def test_a_site_is_named_as_browsers_name_it() -> None:
    settings = ServerSettings.model_validate({"allowed_origins": "https://Docs.Example.com/"})
    assert settings.allowed_origins == ("https://docs.example.com",)


@pytest.mark.parametrize("kind", [StoreSettings, ServerSettings])
def test_a_file_of_settings_that_is_no_text_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: type[StoreSettings]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(kind.model_config, "env_file", ".env")
    Path(".env").write_bytes("OPENAI_MODEL=modèle".encode("latin-1"))
    for read in (kind, kind.with_options):
        with pytest.raises(SettingsError, match=r"^\.env: is not UTF-8$"):
            read()
