"""What alembic runs to bring a database to this version: on the connection, and in the transaction, that it
is given."""

from alembic import context

from drift.history.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=context.config.attributes["version_table"],
)
context.run_migrations()
