"""The thread store on PostgreSQL."""

import pytest

from tests.contract.postgres import fresh_postgres
from tests.contract.thread_store import ThreadStoreContract


class TestPostgres(ThreadStoreContract):
    @pytest.fixture
    def database_url(self) -> str:
        return fresh_postgres()
