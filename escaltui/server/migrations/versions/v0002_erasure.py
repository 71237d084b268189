"""The role of erasures; the tables of incidents, handovers, the library and what else was not there at first."""

from __future__ import annotations

from escaltui.server.migrations import ddl

revision = "0002"
down_revision: str | None = "0001"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add what the first backend lacks."""
    ddl.run(revision)
