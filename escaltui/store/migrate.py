"""The ladder of schemas. A file's step is its `user_version`; each step is one transaction that also sets it.

Full text and the indexes of the orders are derived: taken away before a step and made anew after the last one, since
rebuilding a table loses what hangs on it without a word.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from escaltui.i18n import _
from escaltui.store import errors
from escaltui.store.driver import Connection

Step = Callable[[Connection], None]


def first(connection: Connection) -> None:
    """All tables of the first schema."""
    from escaltui.store import ddl, policies

    for statement in (*ddl.statements(1), *policies.SCHEMA):
        connection.execute(statement)
    connection.execute("INSERT INTO meta (key, value) VALUES ('device', ?)", (os.urandom(8).hex(),))


def second(connection: Connection) -> None:
    """Decisions and what goes with them: actions, statements, consults, letters, tasks, updates; and precedents."""
    from escaltui.store import ddl, precedents

    for statement in (*ddl.statements(2), *precedents.SCHEMA):
        connection.execute(statement)


def third(connection: Connection) -> None:
    """What is said of files, and how pictures look."""
    from escaltui.store import ddl

    for statement in ddl.statements(3):
        connection.execute(statement)


def fourth(connection: Connection) -> None:
    """What a server has not confirmed yet: the rows beneath it, its changes. A case's log is in order of learning."""
    from escaltui.store import ddl

    again = ("DROP INDEX change_case", "CREATE INDEX change_case ON change (case_id)")
    for statement in (*again, *ddl.statements(4)):
        connection.execute(statement)


def fifth(connection: Connection) -> None:
    """Incidents, shifts, insight, what was read of the policies. The log finds what belongs to no case by its id; a
    handover the cases that somebody holds."""
    from escaltui.store import ddl

    added = {"change_standing": "change (entity_id) WHERE case_id = ''",
             "cases_lease": "cases (lease_person) WHERE lease_person != ''"}  # fmt: skip
    for name, what in added.items():
        connection.execute(f"DROP INDEX IF EXISTS {name}")
        connection.execute(f"CREATE INDEX {name} ON {what}")
    for statement in ddl.statements(5):
        connection.execute(statement)


def sixth(connection: Connection) -> None:
    """How far each connector has come, and what of it could not be mapped."""
    from escaltui.store import ddl

    for statement in ddl.statements(6):
        connection.execute(statement)


def seventh(connection: Connection) -> None:
    """What people picked after look-ups, found again by the stems of their words."""
    from escaltui.store import ddl, picks

    for statement in (*ddl.statements(7), *picks.SCHEMA):
        connection.execute(statement)


LADDER: tuple[Step, ...] = (first, second, third, fourth, fifth, sixth, seventh)
VERSION = len(LADDER)


def version(connection: Connection) -> int:
    """The step a file stands on; 0 for an empty one."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def check_not_newer(found: int, folder: Path, newest: int = VERSION) -> None:
    """Raise StoreNewer where a later escaltui wrote the store."""
    if found > newest:
        raise errors.StoreNewer(
            _(
                "This store needs a newer escaltui: {folder} has schema {found}, this version knows {newest}. "
                "Upgrade escaltui, or give another folder with --store. Nothing was changed."
            ).format(folder=folder, found=found, newest=newest)
        )


def climb(connection: Connection, folder: Path, backup: Callable[[], object], ladder: Sequence[Step] = LADDER) -> None:
    """Bring a file to the newest schema: a copy before each step of one that is in use, a check after the last one.

    Several processes may try at once; each step looks again at where the file stands once it holds the lock.
    Raises StoreNewer, StoreDamaged.
    """
    found = version(connection)
    check_not_newer(found, folder, len(ladder))
    climbed = False
    while (at := version(connection)) < len(ladder):
        if found:  # a file that is being made has nothing to lose
            backup()
        climbed = _step(connection, at, ladder) or climbed
    if climbed:
        _check(connection, folder)


def _step(connection: Connection, at: int, ladder: Sequence[Step]) -> bool:
    connection.execute("BEGIN IMMEDIATE")
    try:
        taken = version(connection) == at
        if taken:
            _drop_derived(connection)
            ladder[at](connection)
            if at + 1 == len(ladder):
                _make_derived(connection)
            connection.execute(f"PRAGMA user_version = {at + 1}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return taken


def _drop_derived(connection: Connection) -> None:
    sql = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'order\\_%' ESCAPE '\\'"
    for (name,) in connection.execute(sql).fetchall():
        connection.execute(f"DROP INDEX {name}")
    connection.execute("DROP TABLE IF EXISTS case_fts")
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'insight_dirty'").fetchone():
        from escaltui.store import insight_rows

        insight_rows.drop(connection)  # whoever asks for trends next has them made anew


def _make_derived(connection: Connection) -> None:
    from escaltui.store import derived

    for statement in derived.statements():
        connection.execute(statement)
    derived.fill(connection)


def _check(connection: Connection, folder: Path) -> None:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok" or loose is not None:
        raise errors.StoreDamaged(
            _(
                "The store in {folder} does not hold together after the upgrade ({found}). The copy from before "
                "it is in {copies}: put it in place of store.db."
            ).format(folder=folder, found=found, copies=folder / "backups")
        )
