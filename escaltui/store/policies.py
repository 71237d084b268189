"""The policy library in the store: publishing versions; reading and look-up by the same name.

Every function takes an open connection and works within the caller's transaction; none opens a file or commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from escaltui.i18n import _
from escaltui.policy.library import SUBSTANTIVE, SUSPECT, Document, ImportReport, PolicyError, Version
from escaltui.policy.sources import SourceDocument, Sources, SourceVersion
from escaltui.policy.split import Parsed, split
from escaltui.policy.tables import packaged_aliases
from escaltui.policy.versions import (
    SUSPECT_SHARE,
    History,
    Step,
    is_technical,
    next_version,
    rejudge,
    remember,
    share_of,
)
from escaltui.store.policy_reading import (
    OutlineRow,
    SectionVersion,
    documents,
    outline,
    section,
    sections_of,
    text_of,
    versions,
    versions_of,
)
from escaltui.store.policy_redirects import keep_redirects
from escaltui.store.policy_schema import SCHEMA
from escaltui.store.policy_search import PATH_SEPARATOR, plain_search, reindex, search

if TYPE_CHECKING:
    from escaltui.store.driver import Connection

__all__ = [
    "SCHEMA",
    "OutlineRow",
    "SectionVersion",
    "documents",
    "outline",
    "plain_search",
    "publish",
    "release",
    "search",
    "section",
    "text_of",
    "versions",
    "versions_of",
]


def publish(
    connection: Connection,
    sources: Sources,
    *,
    today: date | None = None,
    aliases: Mapping[str, str] | None = None,
) -> ImportReport:
    """Add every version of the sources that the library does not have yet; publishing twice adds nothing.

    `today` decides which versions the look-up indexes (those in force and those to come). `aliases` mends ids. The old
    paths that a document names (`redirect_from`) lead to it from now on.
    """
    report = ImportReport(skipped=sources.skipped, warnings=sources.warnings)
    mended = {**packaged_aliases(), **(aliases or {})}
    for source in sources.documents:
        done = _publish_document(connection, source, sources, mended)
        keep_redirects(connection, source.document.key, source.redirects)
        if done.added:
            reindex(connection, source.document.key, today or date.today())
        report = _added(report, done)
    return report


def _added(left: ImportReport, right: ImportReport) -> ImportReport:
    fields = {n: getattr(left, n) + getattr(right, n) for n in left.__struct_fields__}
    return ImportReport(**fields)


def _publish_document(
    connection: Connection, source: SourceDocument, sources: Sources, aliases: Mapping[str, str]
) -> ImportReport:
    key = source.document.key
    _write_document(connection, source.document)
    history = _history(connection, key)
    reserved = _ids_elsewhere(connection, key)
    known = dict(connection.execute("SELECT version, source_sha256 FROM policy_version WHERE document = ?", (key,)))
    added = folded = count = 0
    held: list[Step] = []
    skipped: list[str] = []
    last: tuple[str, Parsed] = ("", Parsed("", ()))
    for found in source.versions:
        if found.version in known:
            if known[found.version] != found.sha256:
                skipped.append(_other_text(key, found))
            continue
        if last[0] != found.sha256:  # neighbours that share a blob are split once
            last = (found.sha256, split(found.text))
        step = next_version(
            history,
            last[1],
            _facts(key, found),
            aliases=aliases,
            reserved=reserved,
            technical=found.technical or is_technical(found.message, sources.technical_messages),
        )
        _write_step(connection, step, found.sha256)
        history = step.history
        added, count = added + 1, count + len(step.sections)
        folded += step.version.kind not in (SUBSTANTIVE, SUSPECT)
        if step.version.kind == SUSPECT:
            held.append(step)
    return ImportReport(1, len(source.versions), count, added, folded, _held(source.document, held), tuple(skipped))


def _facts(key: str, found: SourceVersion) -> Version:
    return Version(
        document=key,
        version=found.version,
        observed_on=found.observed_on,
        effective_from=found.effective_from,
        source_ref=found.source_ref,
        must_ack=found.must_ack,
        ack_by=found.ack_by,
        note=found.note,
    )


def _held(document: Document, steps: Sequence[Step]) -> tuple[str, ...]:
    """One sentence for each text that was held; later versions that go on from it wait with it and are counted."""
    groups: list[list[Step]] = []
    for step in steps:
        text = step.history.texts[step.version.version]
        if (
            groups
            and (share_of(text, groups[-1][-1].history.texts[groups[-1][-1].version.version]) or 0) >= SUSPECT_SHARE
        ):
            groups[-1].append(step)
        else:
            groups.append([step])
    return tuple(_held_sentence(document, group[0], len(group) - 1) for group in groups)


def _held_sentence(document: Document, step: Step, followers: int) -> str:
    more = f" and {followers} later like it" if followers else ""
    share = f"{100 * (step.share or 0):.0f} %"
    return (
        f"{document.title}: held {step.version.version}{more}: {share} of its text matches {step.compared_with};"
        " release or drop it"
    )


def _other_text(key: str, found: SourceVersion) -> str:
    return (
        f"{key}: {found.version} is in the library already, with another text, and versions are never changed."
        f" Save the new text as {found.observed_on}-x.md with a suffix not used yet."
    )


def _write_document(connection: Connection, document: Document) -> None:
    connection.execute(
        "INSERT INTO policy_document VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET title = excluded.title,"
        " families = excluded.families, lang = excluded.lang, source = excluded.source, licence = excluded.licence",
        (
            document.key,
            document.title,
            " ".join(document.families),
            document.lang,
            document.source,
            document.licence,
        ),
    )


def _write_step(connection: Connection, step: Step, source_sha256: str) -> None:
    version = step.version
    connection.execute(
        "INSERT INTO policy_version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            version.document,
            version.version,
            version.observed_on.isoformat(),
            version.effective_from and version.effective_from.isoformat(),
            version.kind,
            version.fingerprint,
            version.source_ref,
            source_sha256,
            version.same_as,
            version.must_ack,
            version.ack_by and version.ack_by.isoformat(),
            version.note,
        ),
    )
    connection.executemany(
        "UPDATE policy_version SET kind = 'flap' WHERE document = ? AND version = ?",
        [(version.document, name) for name in step.refolded],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO policy_text VALUES (?, ?)", [(s.text_sha256, s.text) for s in step.sections]
    )
    connection.executemany(
        "INSERT INTO policy_section (document, version, stable_id, position, heading, path, text_sha256, origin, level,"
        " page, page_url, exception, moved_from, indexed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(s.document, s.version, s.stable_id, s.order, s.heading, PATH_SEPARATOR.join(s.path)),
                *(s.text_sha256, s.origin, s.level, s.page, s.page_url, s.exception, s.moved_from, s.indexed),
            )
            for s in step.sections
        ],
    )


def _ids_elsewhere(connection: Connection, key: str) -> frozenset[str]:
    rows = connection.execute(
        "SELECT DISTINCT stable_id FROM policy_section WHERE document <> ? AND instr(stable_id, '#') = 0", (key,)
    )
    return frozenset(row[0] for row in rows)


def _history(connection: Connection, key: str) -> History:
    """The document's past as values: its versions, every id ever given, the texts of versions that may be compared."""
    history = History(key, tuple(versions_of(connection, key)))
    for version in history.versions:
        sections = sections_of(connection, key, version.version)
        if sections:
            history = msgspec.structs.replace(
                history,
                known=remember(history.known, sections),
                texts={**history.texts, version.version: "\n".join(s.text for s in sections)},
            )
    return history.trimmed()


def release(connection: Connection, document: str, version: str, *, today: date | None = None) -> tuple[str, ...]:
    """Let a held version count; later held ones that match it follow. Gives the names of all that count now.

    Raises PolicyError where that version is not held.
    """
    history = _history(connection, document)
    if not any(v.version == version and v.kind == SUSPECT for v in history.versions):
        raise PolicyError(
            _("{document} has no held version {version}. See the list of its versions.").format(
                document=document, version=version
            )
        )
    changed = rejudge(history, version)
    connection.executemany(
        "UPDATE policy_version SET kind = ?, same_as = ? WHERE document = ? AND version = ?",
        [(v.kind, v.same_as, document, v.version) for v in changed],
    )
    reindex(connection, document, today or date.today())
    return tuple(v.version for v in changed)
