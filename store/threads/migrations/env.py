"""Run by alembic for each command, with the connection that `migrate` handed over."""

from alembic import context

from store.threads.migrations import VERSION_TABLE
from store.threads.tables import ThreadStoreTable

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ThreadStoreTable.metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
