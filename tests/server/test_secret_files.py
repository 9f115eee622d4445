"""Settings in files: found, outranked by the environment, and clear when they can't be read."""

from pathlib import Path

import pytest

from server.settings import ServerSettings
from store.errors import SettingsError


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "openai"
    path.write_text("sk-from-a-file\n")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(path))
    return path


def key() -> str:
    secret = ServerSettings().openai_api_key
    return secret.get_secret_value() if secret else ""


@pytest.mark.usefixtures("key_file")
def test_a_secret_comes_from_its_file() -> None:
    assert key() == "sk-from-a-file"


@pytest.mark.usefixtures("key_file")
def test_the_environment_outranks_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-given")
    assert key() == "sk-given"


def test_the_file_of_settings_can_name_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "origins").write_text("https://a.example, https://b.example")
    (tmp_path / ".env").write_text(f"ALLOWED_ORIGINS_FILE={tmp_path / 'origins'}\n")
    monkeypatch.setitem(ServerSettings.model_config, "env_file", tmp_path / ".env")
    assert ServerSettings().allowed_origins == ("https://a.example", "https://b.example")


def test_a_file_that_can_not_be_read_is_named(key_file: Path) -> None:
    key_file.write_text("\n")
    with pytest.raises(SettingsError, match=r"OPENAI_API_KEY_FILE.*empty"):
        ServerSettings()
    key_file.unlink()
    with pytest.raises(SettingsError, match=r"OPENAI_API_KEY_FILE.*No such file"):
        ServerSettings()
