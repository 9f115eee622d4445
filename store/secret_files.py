"""Settings whose values are in files, as container platforms hand over secrets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

from store.errors import SettingsError

_SUFFIX = "_file"


class FileSettingsSource(PydanticBaseSettingsSource):
    """Reads the setting `NAME` from the file that `NAME_FILE` names, without its last newline."""

    def __init__(
        self, settings_cls: type[BaseSettings], *environments: PydanticBaseSettingsSource
    ) -> None:
        """Look for the names of files in `environments`, of which the first wins."""
        super().__init__(settings_cls)
        self._environments: list[Mapping[str, str | None]] = [
            source.env_vars for source in environments if isinstance(source, EnvSettingsSource)
        ]

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the content of a setting's file; None when no file is named."""
        for environment in self._environments:
            path = environment.get(field_name + _SUFFIX)
            if path:
                return _read(field_name, path), field_name, False
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the settings that have files."""
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


def _read(name: str, path: str) -> str:
    try:
        value = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "is no text"
        raise SettingsError(f"{name}{_SUFFIX}".upper(), f"can't read {path}: {problem}") from error
    if not value:
        raise SettingsError(f"{name}{_SUFFIX}".upper(), f"{path} is empty")
    return value
