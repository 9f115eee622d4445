"""The index of the server's tests, for the suite that holds the running server to its contract."""

from tests.server.conftest import index_dir as index_dir  # noqa: PLC0414 - a fixture
