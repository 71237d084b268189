"""How the records in a case's log begin by which a timeline tells what was done: nothing of the case itself changed."""

from __future__ import annotations

LOOKED = "look: "
"""A first look at a file without its shield."""
ACKNOWLEDGED = "alert acknowledged: "
"""Somebody has seen what they were alerted of."""
