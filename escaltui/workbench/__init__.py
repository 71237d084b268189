"""The one door from people (screens, plain commands) to the work: `Workbench`."""

from __future__ import annotations

from escaltui.workbench.desk import BULK_LIMIT, NotKnown, Undone
from escaltui.workbench.door import Workbench

__all__ = ["BULK_LIMIT", "NotKnown", "Undone", "Workbench"]
