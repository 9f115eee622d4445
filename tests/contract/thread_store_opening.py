"""Opening a database: the tables that it gets, and what is still there the next time."""

import anyio
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from store.errors import DatabaseError
from store.threads.engine import create_engines, open_thread_store
from store.threads.migrations import LATEST, VERSION_TABLE, migrate
from store.threads.tables import ThreadStoreTable
from store.threads.urls import parse_database_url
from tests.contract.thread_items import ALICE, a_note, a_thread


class OpeningContract:
    async def test_threads_are_there_after_a_restart(self, database_url: str) -> None:
        async with open_thread_store(database_url) as store:
            await store.save_thread(a_thread("thr_1", title="Pools"), context=ALICE)
            await store.add_thread_item("thr_1", a_note("msg_1", "thr_1"), context=ALICE)
        async with open_thread_store(database_url) as store:
            await store.add_thread_item("thr_1", a_note("msg_2", "thr_1"), context=ALICE)
            page = await store.load_thread_items("thr_1", None, 20, "asc", context=ALICE)
            assert [item.id for item in page.data] == ["msg_1", "msg_2"]
            assert (await store.load_thread("thr_1", context=ALICE)).title == "Pools"

    @pytest.mark.parametrize("first", ["head", "0001"], ids=["at once", "by each step"])
    async def test_tables_are_made_as_declared(self, database_url: str, first: str) -> None:
        engines = create_engines(parse_database_url(database_url))

        def differences(connection: Connection) -> list[object]:
            migrate(connection, first)
            migrate(connection)
            context = MigrationContext.configure(
                connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
            )
            assert context.get_current_revision() == LATEST
            return list(compare_metadata(context, ThreadStoreTable.metadata))

        async with engines.writes.begin() as connection:
            assert await connection.run_sync(differences) == []
        await engines.dispose()

    async def test_tables_of_others_are_left_alone(self, database_url: str) -> None:
        engines = create_engines(parse_database_url(database_url))
        async with engines.writes.begin() as connection:
            await connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            await connection.execute(text("INSERT INTO alembic_version VALUES ('of another')"))
        async with open_thread_store(database_url) as store:
            await store.save_thread(a_thread("thr_1"), context=ALICE)
        async with engines.reads.begin() as connection:
            found = await connection.execute(text("SELECT version_num FROM alembic_version"))
            assert found.scalars().all() == ["of another"]
            names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        await engines.dispose()
        assert {name for name in names if not name.startswith("footnote_")} == {"alembic_version"}

    async def test_replicas_may_start_at_the_same_time(self, database_url: str) -> None:
        async def start(number: int) -> None:
            async with open_thread_store(database_url) as store:
                await store.save_thread(a_thread(f"thr_{number}"), context=ALICE)

        async with anyio.create_task_group() as tasks:
            for number in range(6):
                tasks.start_soon(start, number)

        async with open_thread_store(database_url) as store:
            page = await store.load_threads(20, None, "asc", context=ALICE)
        assert {thread.id for thread in page.data} == {f"thr_{number}" for number in range(6)}

    async def test_database_of_a_newer_release_is_refused(self, database_url: str) -> None:
        async with open_thread_store(database_url):
            pass
        engines = create_engines(parse_database_url(database_url))
        async with engines.writes.begin() as connection:
            await connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
        await engines.dispose()

        with pytest.raises(DatabaseError, match="9999"):
            async with open_thread_store(database_url):
                pass
