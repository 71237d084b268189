"""Everything that the first backend keeps."""

from __future__ import annotations

from escaltui.server.migrations import ddl

revision = "0001"
down_revision: str | None = None
branch_labels = depends_on = None


def upgrade() -> None:
    """Make the tables in an empty database."""
    ddl.run(revision)
