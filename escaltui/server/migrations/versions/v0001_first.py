"""Everything that the first backend keeps."""

from __future__ import annotations

from alembic import op

from escaltui.server import tables

revision = "0001"
down_revision: str | None = None
branch_labels = depends_on = None


def upgrade() -> None:
    """Make the tables in an empty database."""
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    for statement in tables.statements():  # as they are: no sign in them stands for a value
        connection.execute(statement)
