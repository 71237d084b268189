"""Where the pictures of incidents are taken: the page, its menus, its sheets."""

from __future__ import annotations

STOPS = (
    ("incident", ("g", "i")), ("incident-end", ("tab", "end")), ("incident-change", ("e",)),
    ("incident-people", ("escape", "@")), ("ruling", ("escape", "N")), ("incident-update", ("escape", "S")),
    ("declare", ("escape", "g", "q", "I", "n")),
)  # fmt: skip
