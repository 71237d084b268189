"""A short shift in the real program, over a pseudo-terminal, by keys alone; and everything is there afterwards."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
import shift
from desks import Desk


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_a_shift_by_keys_is_kept(desk: Desk, columns: int, rows: int) -> None:
    with desk.open(columns, rows) as terminal:
        walked = shift.walk(terminal)
    shift.check_kept(desk, walked)
    with desk.open(columns, rows) as terminal:
        shift.check_shown(terminal, walked)


def test_the_check_finds_what_is_missing(desk: Desk) -> None:
    ref = json.loads(desk.run("next", "--json"))["ref"]
    with pytest.raises(AssertionError):
        shift.check_kept(desk, shift.Walked(ref, "no.1"))


def alter_one_byte(store: Path, column: str) -> None:
    """Change one byte in the middle of a change of the log, as a person with a database tool could."""
    with sqlite3.connect(store / "store.db") as connection:
        sql = f"SELECT n, {column} FROM change WHERE length({column}) > 20 ORDER BY n LIMIT 1 OFFSET 500"
        number, text = connection.execute(sql).fetchone()
        at = len(text) // 2
        altered = text[:at] + ("a" if text[at] != "a" else "b") + text[at + 1 :]
        connection.execute(f"UPDATE change SET {column} = ? WHERE n = ?", (altered, number))
    connection.close()


@pytest.mark.parametrize("column", ["body", "hash", "digest", "op_id", "entity_id"])
def test_audit_verify_fails_when_one_byte_is_altered(desk: Desk, column: str) -> None:
    assert json.loads(desk.run("audit", "verify", "--json"))["sound"] is True
    alter_one_byte(desk.store, column)
    found = json.loads(desk.run("audit", "verify", "--json", code=1))
    assert found["sound"] is False
    assert found["reason"]


def test_audit_verify_fails_when_the_last_change_is_gone(desk: Desk) -> None:
    with sqlite3.connect(desk.store / "store.db") as connection:
        connection.execute("DELETE FROM change WHERE n = (SELECT max(n) FROM change)")
    connection.close()
    assert json.loads(desk.run("audit", "verify", "--json", code=1))["sound"] is False
