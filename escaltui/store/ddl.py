"""The DDL of the store's schema, by its steps: what `store.tables` declares, written down (`tools/freeze_tables.py`).

Declaring the tables costs half a second of CPU, which a new store would wait for.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "schema"


def statements(step: int) -> tuple[str, ...]:
    """The tables and indexes that came with a step, in their order."""
    found = (FOLDER / f"{step}.sql").read_text(encoding="utf-8").rstrip().split("\n\n")
    return tuple(f"{each}\n\n" if each.endswith("ROWID") else each for each in found)  # SQLite keeps even those lines
