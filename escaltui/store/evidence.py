"""What the store knows of files by their hash: which are sealed, which cases hold them; the veil over sealed ones."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from escaltui.domain.media import SEALED_NAME, Attachment, Media
from escaltui.store.driver import Connection
from escaltui.store.values import CaseRows

_CHUNK = 500
_VEILED = Attachment(SEALED_NAME, "", 0, sealed=True)


def sealed(connection: Connection, hashes: Iterable[str]) -> frozenset[str]:
    """Those of some sha256 that somebody sealed, on whatever case."""
    wanted, found = sorted({each for each in hashes if each}), set[str]()
    for at in range(0, len(wanted), _CHUNK):
        part = wanted[at : at + _CHUNK]
        sql = f"SELECT key FROM media WHERE state = 'sealed' AND key IN ({','.join('?' * len(part))})"
        found.update(row[0] for row in connection.execute(sql, part))
    return frozenset(found)


def all_sealed(connection: Connection) -> frozenset[str]:
    """Every sha256 that is sealed here."""
    sql = "SELECT DISTINCT key FROM media WHERE state = 'sealed' AND key != ''"
    return frozenset(row[0] for row in connection.execute(sql))


def holders(connection: Connection, sha256: str, limit: int = 200) -> tuple[str, ...]:
    """The ids of the cases that hold a file."""
    sql = "SELECT case_id FROM case_set WHERE field = 'file' AND value = ? ORDER BY case_id LIMIT ?"
    return tuple(row[0] for row in connection.execute(sql, (sha256, limit)))


def sealed_on(connection: Connection, case_ids: Iterable[str]) -> frozenset[str]:
    """The hashes of what is sealed on some cases."""
    sql = "SELECT key FROM media WHERE case_id = ? AND state = 'sealed' AND key != ''"
    return frozenset(row[0] for case_id in case_ids for row in connection.execute(sql, (case_id,)))


def sealing_cases(connection: Connection) -> tuple[str, ...]:
    """The ids of the cases with something sealed."""
    sql = "SELECT DISTINCT case_id FROM media WHERE state = 'sealed' ORDER BY case_id"
    return tuple(row[0] for row in connection.execute(sql))


def veiled(connection: Connection, rows: CaseRows | None) -> CaseRows | None:
    """A case without what its sealed files are called, their hashes and words; sealed on any case is sealed here."""
    if rows is None:
        return None
    held = [each.facts for each in rows.files]
    if not held and not rows.media:
        return rows
    gone = sealed(connection, (*(each.sha256 for each in held), *(each.sha256 for each in rows.media)))
    if not gone and not any(each.sealed for each in held) and all(each.state != "sealed" for each in rows.media):
        return rows
    return rows._replace(
        case=replace(rows.case, files=tuple(each for each in rows.case.files if each not in gone)),
        reports=tuple(replace(each, attachments=_files(each.attachments, gone)) for each in rows.reports),
        subjects=tuple(replace(each, media=_files(each.media, gone)) for each in rows.subjects),
        media=tuple(_said(each, gone) for each in rows.media),
    )


def _files(held: tuple[Attachment, ...], gone: frozenset[str]) -> tuple[Attachment, ...]:
    return tuple(_VEILED if each.sealed or each.sha256 in gone else each for each in held)


def _said(row: Media, gone: frozenset[str]) -> Media:
    return replace(row, sha256="", description="") if row.state == "sealed" or row.sha256 in gone else row


def mails(connection: Connection, case_id: str) -> frozenset[str]:
    """The hashes of mails that were kept whole for a case: letters that came, and mails that a report brought."""
    letters = connection.execute(
        "SELECT json_extract(body, '$.original') FROM message WHERE case_id = ?", (case_id,)
    ).fetchall()
    brought = connection.execute(
        """SELECT json_extract(a.value, '$.sha256') FROM report r, json_each(r.body, '$.attachments') a
WHERE r.case_id = ? AND json_extract(a.value, '$.type') = 'message/rfc822'""",
        (case_id,),
    ).fetchall()
    return frozenset(row[0] for row in (*letters, *brought) if row[0])
