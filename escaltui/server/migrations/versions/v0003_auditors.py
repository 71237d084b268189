"""The role of auditors, and the two views that it reads."""

from __future__ import annotations

from escaltui.server.migrations import ddl

revision = "0003"
down_revision: str | None = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add what auditors read."""
    ddl.run(revision)
