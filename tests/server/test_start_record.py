"""What the audit log is told when a server starts."""

from pathlib import Path

from pydantic import SecretStr

from server.settings import ServerSettings
from server.start_record import record_start
from store.threads.audit import read_audit_log
from store.threads.engine import open_thread_store
from tests.server.conftest import Serve


async def test_a_start_is_recorded_with_what_was_set(tmp_path: Path, serve: Serve) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    serve(database_url=url, docs_name="the Gromit handbook")

    async with open_thread_store(url) as store:
        (record,) = [record async for record in read_audit_log(store)]

    assert record.event == "service_started"
    assert record.details["settings"]["DOCS_NAME"] == "the Gromit handbook"
    assert record.details["settings"]["DATABASE_URL"] == url
    assert "PORT" not in record.details["settings"]


async def test_no_secret_is_written_down(tmp_path: Path) -> None:
    settings = ServerSettings(
        database_url="postgresql://ann:hunter2@db/docs?sslpassword=hunter2",
        openai_api_key=SecretStr("hunter2"),
        openai_base_url="https://ann:hunter2@llm.example/v1?key=hunter2",
        qdrant_url="https://hunter2@qdrant.example:6333",
        allowed_origins=("https://docs.example",),
        index_dir=tmp_path,
    )
    async with open_thread_store(f"sqlite:///{tmp_path / 'kept.db'}") as store:
        await record_start(store, settings)
        (record,) = [record async for record in read_audit_log(store)]

    assert record.details["settings"] == {
        "DATABASE_URL": "postgresql://db/docs",
        "OPENAI_API_KEY": "set",
        "OPENAI_BASE_URL": "https://llm.example/v1",
        "QDRANT_URL": "https://qdrant.example:6333",
        "ALLOWED_ORIGINS": ["https://docs.example"],
        "INDEX_DIR": str(tmp_path),
    }
