"""What people picked of the policies after a look-up."""

from __future__ import annotations

from escaltui.server.migrations import ddl

revision = "0005"
down_revision: str | None = "0004"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the table of picks."""
    ddl.run(revision)
