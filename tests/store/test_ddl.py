"""The DDL that is written down is the one that the tables declare."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from escaltui.store import ddl, migrate


@pytest.mark.parametrize("step", range(1, migrate.VERSION + 1))
def test_what_is_written_down_is_what_the_tables_declare(step: int) -> None:
    from escaltui.store import tables

    found, declared = ddl.statements(step), tables.statements(step)
    assert [each.strip() for each in found] == [each.strip() for each in declared], "run: python -m tools.freeze_tables"


def test_no_table_is_left_out() -> None:
    from escaltui.store import tables

    assert set(tables.CAME_WITH.values()) <= set(range(1, migrate.VERSION + 1))
    told = " ".join(each for step in range(1, migrate.VERSION + 1) for each in ddl.statements(step))
    assert all(f"CREATE TABLE {name} (" in told for name in tables.SQLModel.metadata.tables)


def test_a_new_store_is_made_without_declaring_the_tables(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from escaltui.store import Store
Store.open(Path(sys.argv[1])).close()
print("sqlmodel" in sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert told.stdout.strip() == "False", told.stderr
