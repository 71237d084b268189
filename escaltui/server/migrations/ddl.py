"""The DDL of each step, kept as it was when the step was made: `0001.sql` and so on, statements between blank lines.

The newest step may lack its file while it is being built: it is what no file holds yet of what `tables` declares.
`python -m tools.freeze_schema` writes the file; a test compares them.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

FOLDER = Path(__file__).parent


def frozen(step: str) -> tuple[str, ...]:
    """The statements of a step; none where it has no file yet."""
    path = FOLDER / f"{step}.sql"
    return tuple(path.read_text(encoding="utf-8").strip("\n").split("\n\n")) if path.exists() else ()


def held() -> tuple[str, ...]:
    """The statements of all steps that have a file, in order."""
    return tuple(each for path in sorted(FOLDER.glob("*.sql")) for each in frozen(path.stem))


def lacking() -> tuple[str, ...]:
    """What `tables` declares and no step's file holds."""
    from escaltui.server import tables

    known = frozenset(held())
    return tuple(each for each in tables.statements() if each not in known)


def run(step: str) -> None:
    """Run the statements of a step on Alembic's connection."""
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    for statement in frozen(step) or lacking():  # as they are: no sign in them stands for a value
        connection.execute(statement)
