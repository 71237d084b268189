"""The library's tables, made of what happened to each document: the same on every store that has the same entries.

What comes on top is added; where anything beneath it is another than before (a copy that followed a server only now, a
server that was put back), the document is made anew. Words that were ever here stay: a decision may rest on them.

Every function but `catch_up` takes an open connection and works within the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import msgspec

from escaltui.domain.hashing import hexdigest
from escaltui.domain.library import About, LibraryEntry
from escaltui.policy.words import text_sha256
from escaltui.store import local
from escaltui.store.policy_redirects import keep_redirects
from escaltui.store.policy_search import PATH_SEPARATOR, drop_index, reindex

if TYPE_CHECKING:
    from escaltui.store.driver import Connection
    from escaltui.store.store import Store

PUBLISHING = ("PublishPolicyVersion", "ReleaseVersion")
_TOLD, _UNINDEXED = "policy.told/", "policy.unindexed/"
AT_ONCE = 32_000
"""Characters that one transaction indexes where somebody may be typing."""
_ENTRIES = "SELECT id, state FROM library_entry WHERE key = ? ORDER BY id"
_BODIES = "SELECT body FROM library_entry WHERE key = ? ORDER BY id LIMIT -1 OFFSET ?"
_DOCUMENT = """INSERT INTO policy_document VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
title = excluded.title, families = excluded.families, lang = excluded.lang, source = excluded.source,
licence = excluded.licence"""
_VERSION = "INSERT OR REPLACE INTO policy_version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_JUDGED = "UPDATE policy_version SET kind = ?, same_as = ? WHERE document = ? AND version = ?"
_SECTION = """INSERT OR IGNORE INTO policy_section (document, version, stable_id, position, heading, path, text_sha256,
origin, level, page, page_url, exception, moved_from, indexed)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
WHERE EXISTS (SELECT 1 FROM policy_text WHERE text_sha256 = ?7)"""
"""A section without its words, which only a faulty program sends, is left out: what follows it still comes in."""
_entry = msgspec.json.Decoder(LibraryEntry).decode


def shelve(connection: Connection, documents: Iterable[str]) -> None:
    """Bring the tables of some documents to what their entries say."""
    for document in sorted(documents):
        here = [(entry_id, mark) for entry_id, mark in connection.execute(_ENTRIES, (document,))]
        count, told = _told(connection, document)
        if told == _digest(here) and count == len(here):
            continue
        if count > len(here) or told != _digest(here[:count]) or (not count and _known(connection, document)):
            _clear(connection, document)
            count = 0
        _add(connection, document, count)
        local.set_meta(connection, _TOLD + document, f"{len(here)} {_digest(here)}")


def unindexed(connection: Connection) -> list[tuple[str, str]]:
    """Documents whose index is not up to date, and the day that it is to be made for."""
    sql = "SELECT substr(key, ?), value FROM meta WHERE key >= ? AND key < ? ORDER BY key"
    return connection.execute(sql, (len(_UNINDEXED) + 1, _UNINDEXED, _UNINDEXED[:-1] + "0")).fetchall()


def index(connection: Connection, most: int | None = None) -> bool:
    """Bring the index of look-up up to date, `most` characters at once; whether there is more to do."""
    for document, day in unindexed(connection):
        if reindex(connection, document, date.fromisoformat(day), most):
            return True
        connection.execute("DELETE FROM meta WHERE key = ?", (_UNINDEXED + document,))
        if most is not None:
            return True
    return False


def catch_up(store: Store) -> None:
    """Look-up finds what came: a little in each transaction, for somebody may be typing."""
    if store.read(unindexed):
        while store.write(lambda connection: index(connection, AT_ONCE), durable=False):
            pass


def keep_back(connection: Connection) -> int:
    """What was published here is nothing that others shall learn; how many entries that were. Look-up goes on."""
    sql = "UPDATE outbox SET state = 'recalled' WHERE stream = 'library' AND type IN (?, ?) AND state = 'settled'"
    connection.execute(sql, PUBLISHING)
    return connection.execute("DELETE FROM library_entry").rowcount


def _told(connection: Connection, document: str) -> tuple[int, str]:
    """How many of a document's entries its tables are made of, and which."""
    fact = local.meta(connection, _TOLD + document)
    count, _, digest = (fact or f"0 {_digest([])}").partition(" ")
    return int(count), digest


def _digest(entries: list[tuple[str, str]]) -> str:
    return hexdigest(msgspec.json.encode(entries))


def _known(connection: Connection, document: str) -> bool:
    sql = "SELECT 1 FROM policy_version WHERE document = ? LIMIT 1"
    return connection.execute(sql, (document,)).fetchone() is not None


def _clear(connection: Connection, document: str) -> None:
    drop_index(connection, document)
    for table in ("policy_section", "policy_version"):
        connection.execute(f"DELETE FROM {table} WHERE document = ?", (document,))
    connection.execute("DELETE FROM policy_document WHERE key = ?", (document,))


def _add(connection: Connection, document: str, after: int) -> None:
    last = 0
    for (body,) in connection.execute(_BODIES, (document, after)).fetchall():
        entry = _entry(body)
        if entry.about is not None:
            _describe(connection, document, entry.about)
        _publish(connection, entry)
        last = max(last, entry.created_at)
    if last:
        local.set_meta(connection, _UNINDEXED + document, _day(last).isoformat())


def _day(at: int) -> date:
    """The day of an entry, by the authority's clock: the same on every store."""
    return datetime.fromtimestamp(at / 1000, UTC).date()


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _describe(connection: Connection, key: str, about: About) -> None:
    told = (key, about.title, " ".join(about.families), about.lang, about.source, about.licence)
    connection.execute(_DOCUMENT, told)
    keep_redirects(connection, key, about.redirects)


def _publish(connection: Connection, entry: LibraryEntry) -> None:
    key, facts = entry.document, entry.facts
    if facts is not None:
        told = (
            key, entry.version, facts.observed_on.isoformat(), _iso(facts.effective_from), facts.kind,
            facts.fingerprint, facts.source_ref, facts.source_sha256, facts.same_as, facts.must_ack,
            _iso(facts.ack_by), facts.note,
        )  # fmt: skip
        connection.execute(_VERSION, told)
    judged = [(kind, same_as, key, version) for version, (kind, same_as) in entry.counts.items()]
    connection.executemany(_JUDGED, judged)
    words = [pair for pair in entry.texts.items() if text_sha256(pair[1]) == pair[0]]
    connection.executemany("INSERT OR IGNORE INTO policy_text VALUES (?, ?)", words)
    sections = [
        (key, entry.version, each.stable_id, place, each.heading, PATH_SEPARATOR.join(each.path), each.text_sha256,
         each.origin, each.level, each.page, each.page_url, each.exception, each.moved_from, each.indexed)
        for place, each in enumerate(entry.passages)
    ]  # fmt: skip
    connection.executemany(_SECTION, sections)
