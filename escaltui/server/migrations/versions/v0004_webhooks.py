"""Webhooks that bring reports in, and what of them was taken; reports found by their key alone."""

from __future__ import annotations

from escaltui.server.migrations import ddl

revision = "0004"
down_revision: str | None = "0003"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the tables of webhooks."""
    ddl.run(revision)
