"""The thread store on SQLite."""

from pathlib import Path

import pytest

from tests.contract.thread_store import ThreadStoreContract


class TestSqlite(ThreadStoreContract):
    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'threads.db'}"
