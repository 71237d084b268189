"""The backend's schema: which step a database stands at, and Alembic's steps from there to ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors

from escaltui.i18n import _
from escaltui.server.faults import ServeError

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x65736361
"""PostgreSQL's advisory lock for upgrades: of several processes that start together, one does the work."""
_VERSION = "SELECT version_num FROM alembic_version"
_TABLES = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"


def upgrade(dsn: str) -> bool:
    """Bring a database up to our schema, all of it or nothing; whether there was anything to do.

    Raises ServeError where it is of a newer escaltui, holds something else, or its account may not make what is needed;
    psycopg.Error where it is not reached.
    """
    if stand(dsn) == newest():
        return False
    try:
        _climb(dsn)
    except (errors.InsufficientPrivilege, errors.InvalidSchemaName) as error:
        raise ServeError(
            _("The database's account may not make tables and roles. Give it CREATEROLE and a database of its own.")
        ) from error
    return True


def _climb(dsn: str) -> None:
    from alembic import command
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.exc import DBAPIError

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise (error.orig or error) from error


def stand(dsn: str) -> str:
    """The step that a database stands at, "" for an empty one. Raises ServeError as `upgrade` does."""
    with psycopg.connect(dsn) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            if connection.execute(_TABLES).fetchone() != (0,):
                raise ServeError(_("This database holds something else. Name an empty one."))
            return ""
        row = connection.execute(_VERSION).fetchone()
    found = str(row[0]) if row else ""
    if found and found not in steps():
        raise ServeError(_("This database is of a newer escaltui (step {step}). Upgrade escaltui.").format(step=found))
    return found


def check(dsn: str) -> None:
    """Raise ServeError where a database does not have our schema."""
    if stand(dsn) != newest():
        raise ServeError(
            _("This database's schema is of an older escaltui. Bring it up first: escaltui serve db upgrade --db URL")
        )


def steps() -> tuple[str, ...]:
    """Every step that we know, the newest first."""
    from alembic.script import ScriptDirectory

    return tuple(each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions())


def newest() -> str:
    """Our own step."""
    return steps()[0]


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
