"""The steps of the backend's schema, from any of them, lead to what the program declares."""

from __future__ import annotations

from typing import Any

import psycopg

from escaltui.server import schema, tables
from escaltui.server.migrations import ddl
from escaltui.server.tables import AUDITOR, ERASER, ROLE


def shape(dsn: str) -> list[Any]:
    """Tables with their columns, indexes, policies and grants."""
    asked = (
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public'",
        "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies",
        "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants "
        f"WHERE grantee IN ('{ROLE}', '{ERASER}', '{AUDITOR}')",
        f"SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges "
        f"WHERE grantee = '{ERASER}'",
    )
    with psycopg.connect(dsn) as connection:
        found = [sorted(map(str, connection.execute(each.encode()).fetchall())) for each in asked]
    return [[line for line in each if "alembic_version" not in line] for each in found]


def test_the_steps_of_the_schema_lead_to_what_is_declared(database: str) -> None:
    climbed = shape(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        for statement in ddl.frozen("0001"):  # a database of the first escaltui, with something in it
            connection.execute(statement.encode())
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
        connection.execute("INSERT INTO desk (id, name) VALUES ('global', 'One')")
    assert shape(database) != climbed  # the control
    assert schema.upgrade(database)
    assert shape(database) == climbed
    with psycopg.connect(database, autocommit=True) as connection:
        assert connection.execute("SELECT name FROM desk").fetchall() == [("One",)]
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        for statement in tables.statements():
            connection.execute(statement.encode())
    assert shape(database) == climbed
