"""The one door from people (screens, plain commands) to the work: `Workbench`."""

from __future__ import annotations

from escaltui.workbench.door import NotKnown, Undone, Workbench

__all__ = ["NotKnown", "Undone", "Workbench"]
