"""A library in a bare database: what an import publishes goes through the rules and into the tables."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from escaltui import rules_loader
from escaltui.domain.changes import Context, Refused, State
from escaltui.domain.entities import ENTITIES
from escaltui.domain.library import LibraryEntry
from escaltui.domain.operations import Operation
from escaltui.domain.rules import apply
from escaltui.domain.ruleset import RuleSet
from escaltui.policy.library import ImportReport
from escaltui.policy.sources import Sources
from escaltui.store import Store, library, policies

LEAD, SPECIALIST = frozenset({"specialist", "lead"}), frozenset({"specialist"})
ONE = "# Hateful conduct\n\nBe kind.\n\n## Slurs {#hs.1}\n\nRemove slurs that attack a group for its religion.\n"
TWO = ONE.replace("religion", "religion or its origin") + "\n## Insects\n\nRemove comparisons with insects or vermin.\n"
WALL = "# Log in\n\n" + "Type the password that was sent to you by mail, then press the button below. " * 20
ADS = "# Advertising\n\n" + "\n\n".join(f"## Part {n}\n\nAds of kind {n} need a licence here." for n in range(5))
META = "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
ENTRIES = """CREATE TABLE library_entry (n INTEGER PRIMARY KEY, id TEXT UNIQUE, who TEXT, state TEXT, key TEXT,
body TEXT)"""
TABLES = {
    "policy_document": "*",
    "policy_version": "*",
    "policy_section": "document, version, stable_id, position, heading, path, text_sha256, origin, level, page, "
    "page_url, exception, moved_from, indexed",
    "policy_text": "*",
    "policy_ids": "stable_id, title, numbers",
    "policy_fts": "title, path, body",
}
"""What look-up reads, without the numbers of rows."""


def make(connection: sqlite3.Connection) -> None:
    """The tables, as a store has them."""
    for statement in (META, ENTRIES, *policies.SCHEMA):
        connection.execute(statement)


def contents(connection: Any) -> dict[str, list[str]]:
    """All that look-up reads."""
    found = {}
    for table, columns in TABLES.items():
        found[table] = sorted(map(repr, connection.execute(f"SELECT {columns} FROM {table}")))
    return found


@cache
def _rules() -> RuleSet:
    return rules_loader.load()


def do(connection: sqlite3.Connection, op: Operation, today: date) -> bool:
    """One operation, by the rules; whether it changed anything."""
    rules, at = _rules(), int(datetime(today.year, today.month, today.day, 12, tzinfo=UTC).timestamp() * 1000)
    context = Context(at, "ada", "01J0000000000000000000TEST", rules, frozenset({"lead"}))
    found = apply(_state(connection, op), op, context)
    assert not isinstance(found, Refused), found
    for change in found:
        fields = {name: now for name, (_was, now) in change.fields.items()}
        entry = msgspec.convert({"id": change.entity_id, **fields}, LibraryEntry)
        told = (entry.id, entry.version, entry.mark, entry.document, msgspec.json.encode(entry).decode())
        connection.execute("INSERT INTO library_entry (id, who, state, key, body) VALUES (?, ?, ?, ?, ?)", told)
        library.shelve(connection, (entry.document,))
        library.index(connection)
    return bool(found)


def _state(connection: sqlite3.Connection, op: Operation) -> State:
    rows, lists = {}, {}
    for kind, of in op.reads():
        if kind in ENTITIES:
            found = list(_entries(connection, "id = ?", of))
        else:
            document, _, version = of.rpartition("@")
            found = list(_entries(connection, "key = ? AND who = ?", document, version))
            lists[kind, of] = tuple(found)
        rows |= {(each.NAME, each.id): each for each in found}
    return State(rows, lists)


def _entries(connection: sqlite3.Connection, where: str, *values: str) -> Iterator[LibraryEntry]:
    for (body,) in connection.execute(f"SELECT body FROM library_entry WHERE {where}", values):
        yield msgspec.json.decode(body, type=LibraryEntry)


def publish(
    connection: sqlite3.Connection, sources: Sources, *, today: date, aliases: Mapping[str, str] | None = None
) -> ImportReport:
    """Every version of the sources that the library does not have yet."""
    report = ImportReport(skipped=sources.skipped, warnings=sources.warnings)
    for source in sources.documents:
        plan = policies.plan(connection, source, sources, aliases)
        for _step, op in plan.steps:
            assert do(connection, op, today)
        more = plan.report(len(plan.steps))
        report = ImportReport(**{n: getattr(report, n) + getattr(more, n) for n in report.__struct_fields__})
    return report


def release(connection: sqlite3.Connection, document: str, version: str, *, today: date) -> tuple[str, ...]:
    """Let a held version count; the names of all that count now."""
    op = policies.releasing(connection, document, version)
    assert do(connection, op, today)
    return tuple(op.counts)


def hashes(store: Store) -> dict[str, str]:
    """Each table of the library as one hash."""
    found = store.read(contents)
    return {table: hashlib.sha256("\n".join(rows).encode()).hexdigest() for table, rows in found.items()}


def write(folder: Path, **files: str) -> Path:
    """A folder of policies: `hate_2025_01_01` names a file of the document hate."""
    for name, text in files.items():
        document, _, day = name.partition("_")
        (folder / document).mkdir(parents=True, exist_ok=True)
        (folder / document / f"{day.replace('_', '-')}.md").write_text(text, "utf-8")
    return folder
