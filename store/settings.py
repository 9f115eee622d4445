"""Settings that choose the engines. Made once, in a `__main__`, and handed down frozen."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from store.errors import SettingsError
from store.secret_files import FileSettingsSource
from store.web_addresses import WebAddress


class StoreSettings(BaseSettings):
    """Where things are kept and by which engine; read from the environment and `.env`."""

    model_config = SettingsConfigDict(
        frozen=True, env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    index_dir: Path = Field(
        default=Path(".footnote/index"), description="Folder of the embedded index."
    )
    database_url: str = Field(
        default="",
        description="SQLite (`sqlite:///file`), PostgreSQL (`postgresql://…`), MySQL or MariaDB "
        "(`mysql://…`, `mariadb://…`) for threads. Empty: a SQLite file beside the index.",
    )
    attachments_url: str = Field(
        default="",
        description="Bucket for what readers attach (`s3://bucket/prefix`), its keys in the `AWS_` "
        "variables. Empty: a folder beside the index.",
    )
    qdrant_url: str = Field(
        default="", description="A Qdrant server or cluster. Empty: Qdrant Edge, in-process."
    )
    qdrant_api_key: SecretStr | None = Field(
        default=None, description="Key of the Qdrant server, if it wants one."
    )
    qdrant_collection: str = Field(
        default="footnote", description="Name that the index has on a Qdrant server."
    )
    keep_generations: int = Field(
        default=1,
        ge=1,
        description="Older generations of the index that stay beside the published one.",
    )
    embedder: Literal["minilm", "openai", "none"] = Field(
        default="minilm",
        description="`minilm` is bundled and offline; `openai` needs a key; `none` leaves a search "
        "by words alone.",
    )
    embedding_model: str = Field(
        default="text-embedding-3-small", description="Model of the `openai` embedder."
    )
    openai_api_key: SecretStr | None = Field(
        default=None, description="Key for OpenAI or a compatible endpoint. Empty: no model."
    )
    openai_base_url: WebAddress = Field(
        default="", description="Address of an OpenAI-compatible endpoint. Empty: OpenAI."
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except UnicodeDecodeError as error:
            raise SettingsError(".env", "is not UTF-8") from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read options, the environment, files that either names, and `.env`; the first wins."""
        files = FileSettingsSource(settings_cls, env_settings, dotenv_settings)
        return init_settings, env_settings, files, dotenv_settings

    @classmethod
    def with_options(cls, **options: object) -> Self:
        """Read the settings, with a command line's options on top; None is one not given."""
        return cls.model_validate(
            {name: value for name, value in options.items() if value is not None}
        )

    @property
    def resolved_database_url(self) -> str:
        """`database_url`, or the SQLite file beside the index when it is empty."""
        return self.database_url or f"sqlite:///{self.index_dir.parent / 'threads.db'}"
