"""Settings of the server; made once, in a `__main__`, and handed down frozen."""

import re
from typing import Annotated, Literal, Self
from urllib.parse import unquote

from pydantic import Field, field_validator, model_validator
from pydantic_settings import NoDecode

from server.auth.settings import AuthSettings
from server.limits.settings import LimitSettings
from server.telemetry.logs import LogFormat
from store.errors import SettingsError
from store.secret_strength import is_weak_password
from store.web_addresses import is_web_address

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@*]+")
_HOST = re.compile(r"[^\s/?#@*]+")

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class ServerSettings(AuthSettings, LimitSettings):
    """Where the server listens, who may embed it, and which model answers."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one."
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Sites that may embed the widget, separated by commas, such as "
        "`https://docs.example.com`. `*` allows any. Empty: this server's own pages only.",
    )
    log_level: LogLevel = Field(default="INFO", description="Least severe message to log.")
    log_format: LogFormat = Field(
        default="text", description="`text` for people; `json` has each request, for machines."
    )
    log_content: bool = Field(
        default=False, description="Log what readers send, while you develop. Never on a live site."
    )
    titles: Literal["model", "question"] = Field(
        default="model",
        description="Who names a conversation: the model, by one short call beside the first "
        "answer, or the first words of the question.",
    )
    ask_version: bool = Field(
        default=True,
        description="Whether a reader is asked once which version is meant when several versions "
        "of the docs answer a question equally well.",
    )
    default_version: str = Field(
        default="",
        description="Version of the docs that is searched for readers who are on none. Empty: all.",
    )
    default_locale: str = Field(
        default="en",
        description="Language that the docs are written in: pages in it are found where a reader's "
        "own language has no translation, and by readers who name no language.",
    )
    docs_name: str = Field(
        default="the documentation", description="What the assistant calls your docs."
    )

    openai_model: str = Field(default="gpt-5-mini", description="Model that writes the answers.")
    openai_models: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Other models that a reader's client may choose, separated by commas. Empty: "
        "none but OPENAI_MODEL.",
    )
    openai_api: Literal["responses", "chat"] = Field(
        default="responses",
        description="`responses` for OpenAI; `chat` for endpoints that speak Chat Completions "
        "only (Ollama, vLLM, llama.cpp).",
    )
    openai_reasoning_summary: Literal["", "auto", "concise", "detailed"] = Field(
        default="",
        description="Summaries of its thoughts to ask a reasoning model for, which are shown above "
        "the answer. Empty: none are asked for. Models that don't reason refuse to be asked.",
    )
    model_timeout_seconds: float = Field(
        default=60.0, gt=0, description="Longest silence of the model before a call of it fails."
    )
    model_connect_seconds: float = Field(
        default=10.0, gt=0, description="Longest time that connecting to the model may take."
    )
    model_retries: int = Field(
        default=2,
        ge=0,
        le=10,
        description="How often a call of the model is sent again that failed before its first "
        "token: it was busy, had an error, or could not be reached.",
    )
    model_retry_seconds: float = Field(
        default=90.0,
        ge=0,
        description="Time after which a failed call of the model is not sent again, its waits "
        "included. An endpoint that asks for a longer wait fails the answer at once.",
    )
    max_turns: int = Field(
        default=6, ge=2, le=50, description="Most model calls that one answer may take."
    )
    history_items: int = Field(
        default=20, ge=1, le=100, description="Items of a thread that the model is shown."
    )
    passages_per_search: int = Field(
        default=8, ge=1, le=50, description="Passages that one search hands to the model."
    )

    allowed_link_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Hosts that an answer may link to besides your docs, separated by commas, "
        "such as `github.com`. Links to others lose their address.",
    )
    extra_tools: str = Field(
        default="",
        description="Tools of your own for the assistant, as `package.module:tools`: a list of the "
        "agents SDK's function tools.",
    )
    support_url: str = Field(
        default="",
        description="Where readers get help when the docs don't answer. Such answers show a button "
        "that leads there.",
    )
    evidence_tokens: int = Field(
        default=4_000,
        ge=200,
        description="Tokens of the docs that one search hands to the model: the best passages, "
        "widened to their sections as far as this goes.",
    )
    unsupported_citations: Literal["keep", "drop", "regenerate"] = Field(
        default="keep",
        description="What becomes of a citation whose passage does not hold its sentence: `keep` "
        "marks it in the record alone, `drop` leaves the sentence out, `regenerate` has the "
        "answer written again, once, and replaces it if that one holds better.",
    )

    max_message_characters: int = Field(
        default=8_000, ge=1, description="Longest message that a reader can send."
    )
    max_body_bytes: int = Field(
        default=1_000_000, ge=1_000, description="Largest request body that is read."
    )
    heartbeat_seconds: float = Field(
        default=15.0,
        ge=0,
        description="Silence after which a stream sends a comment line, so that proxies keep it "
        "open. 0 switches it off.",
    )

    max_attachments: int = Field(
        default=5, ge=0, le=20, description="Most files that a message can carry; 0 takes none."
    )
    max_attachment_bytes: int = Field(
        default=10_000_000, ge=1, description="Largest file that can be attached."
    )
    max_attachment_characters: int = Field(
        default=20_000,
        ge=0,
        description="Text of attached files that the model is shown in one conversation.",
    )
    transcription_model: str = Field(
        default="gpt-4o-mini-transcribe",
        description="Model that writes down dictation; it needs OPENAI_API_KEY.",
    )
    finish_on_disconnect: bool = Field(
        default=False,
        description="Whether an answer is written to its end when the reader goes away. Else the "
        "model is stopped.",
    )
    duplicate_seconds: float = Field(
        default=5.0,
        ge=0,
        description="Time within which the same message sent again counts as one. 0: never.",
    )

    retention_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Days after which a conversation that nobody writes to is deleted. 0: never.",
    )

    @property
    def paid_model(self) -> str | None:
        """The model that writes the answers; None when they are quotations, which cost nothing."""
        return self.openai_model if self.openai_api_key or self.openai_base_url else None

    @property
    def runs_own_code(self) -> bool:
        """Tell whether functions of the owner's are called, which may import anything."""
        return bool(self.extra_tools) or any(":" in mode for mode in self.auth)

    @property
    def offered_models(self) -> tuple[str, ...]:
        """The models that a reader's client may choose, the default first."""
        return tuple(dict.fromkeys((self.openai_model, *self.openai_models)))

    @model_validator(mode="after")
    def _safe_from_afar(self) -> Self:
        """Refuse passwords that can be guessed where others can reach the service."""
        if self.host in {"127.0.0.1", "::1", "localhost"}:
            return self
        key = self.qdrant_api_key
        passwords = {
            "DATABASE_URL": _password_of(self.database_url),
            "LIMITS_URL": _password_of(self.limits_url),
            "QDRANT_API_KEY": None if key is None else key.get_secret_value(),
        }
        for name, password in passwords.items():
            if password is not None and is_weak_password(password):
                raise SettingsError(
                    name, f"its password can be guessed; HOST={self.host} needs a random one"
                )
        return self

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _sites(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        # An `Origin` that a browser sends has a scheme, no path, and no capital letter.
        for origin in value:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is not like https://docs.example.com, without a path")
        return tuple(origin.lower() for origin in value)

    @field_validator("openai_models", mode="before")
    @classmethod
    def _split_models(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_link_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_link_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if not _HOST.fullmatch(host):
                raise ValueError(f"{host!r} is not a host such as github.com")
        return value

    @field_validator("support_url")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value and not is_web_address(value) and not value.startswith("mailto:"):
            raise ValueError(f"{value!r} begins with none of https://, http:// and mailto:")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value


def _password_of(url: str) -> str | None:
    # Everything between the first colon after the user and the last @: a password may hold either.
    user_info, at, _ = url.partition("://")[2].rpartition("@")
    _, colon, password = user_info.partition(":")
    return unquote(password) if at and colon else None
