"""What Alembic runs around the steps: on the connection that `schema.upgrade` gives, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
