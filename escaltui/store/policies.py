"""The policy library in the store: what an import has to publish; reading and look-up by the same name.

What is published or released are operations like any others; `library` makes the tables of what they change. Every
function takes an open connection and works within the caller's transaction; none opens a file or commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import msgspec

from escaltui.domain.library import About, Facts, Judged, LibraryEntry, Passage
from escaltui.domain.operations import PublishPolicyVersion, ReleaseVersion
from escaltui.i18n import _
from escaltui.policy.library import SUBSTANTIVE, SUSPECT, Document, ImportReport, PolicyError, Section, Version
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
from escaltui.store.policy_meaning import settle
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
from escaltui.store.policy_redirects import leading_to
from escaltui.store.policy_schema import SCHEMA
from escaltui.store.policy_search import plain_search, search

if TYPE_CHECKING:
    from escaltui.store.driver import Connection

__all__ = [
    "SCHEMA",
    "OutlineRow",
    "Plan",
    "SectionVersion",
    "documents",
    "outline",
    "plain_search",
    "plan",
    "releasing",
    "search",
    "section",
    "settle",
    "text_of",
    "untold",
    "versions",
    "versions_of",
]


class Plan(NamedTuple):
    """What a document of an import brings: an operation for each version that the library lacks, in order."""

    document: Document
    found: int
    """Its versions, those that are known included."""
    steps: tuple[tuple[Step, PublishPolicyVersion], ...]
    skipped: tuple[str, ...]

    def report(self, published: int) -> ImportReport:
        """What the first so many of them did to the library."""
        done = [step for step, _op in self.steps[:published]]
        held = [step for step in done if step.version.kind == SUSPECT]
        folded = sum(step.version.kind not in (SUBSTANTIVE, SUSPECT) for step in done)
        count = sum(len(step.sections) for step in done)
        return ImportReport(1, self.found, count, len(done), folded, _held(self.document, held), self.skipped)


def plan(
    connection: Connection, source: SourceDocument, sources: Sources, aliases: Mapping[str, str] | None = None
) -> Plan:
    """What is to be published of a document, after all that the library has of it. `aliases` mends ids."""
    key, place = source.document.key, _count(connection, source.document.key)
    mended, reserved = {**packaged_aliases(), **(aliases or {})}, _ids_elsewhere(connection, key)
    known = dict(connection.execute("SELECT version, source_sha256 FROM policy_version WHERE document = ?", (key,)))
    history = _history(connection, key)
    said = {row[0] for row in connection.execute("SELECT text_sha256 FROM policy_section WHERE document = ?", (key,))}
    about = _about(source.document, source.redirects)
    steps: list[tuple[Step, PublishPolicyVersion]] = []
    skipped: list[str] = []
    for found, parsed in _split(each for each in source.versions if each.version not in known):
        technical = found.technical or is_technical(found.message, sources.technical_messages)
        step = next_version(
            history, parsed, _version(key, found), aliases=mended, reserved=reserved, technical=technical
        )
        place, history = place + 1, step.history
        steps.append((step, _publishing(step, found.sha256, place, about, said)))
    for found in source.versions:
        if known.get(found.version, found.sha256) != found.sha256:
            skipped.append(_other_text(key, found))
    return Plan(source.document, len(source.versions), tuple(steps), tuple(skipped))


def _split(versions: Iterable[SourceVersion]) -> Iterator[tuple[SourceVersion, Parsed]]:
    last: tuple[str, Parsed] = ("", Parsed("", ()))
    for found in versions:
        if last[0] != found.sha256:  # neighbours that share a blob are split once
            last = (found.sha256, split(found.text))
        yield found, last[1]


def _publishing(step: Step, sha256: str, place: int, about: About, said: set[str]) -> PublishPolicyVersion:
    """A version as an operation. `said`: hashes of the words that the document had before; the new ones are added."""
    version = step.version
    texts = {each.text_sha256: each.text for each in step.sections if each.text_sha256 not in said}
    said |= texts.keys()
    counts: dict[str, tuple[Judged, str]] = dict.fromkeys(step.refolded, ("flap", ""))
    return PublishPolicyVersion(
        document=version.document, version=version.version, n=place, about=about, facts=_facts(version, sha256),
        passages=tuple(map(_passage, step.sections)), texts=texts, counts=counts,
    )  # fmt: skip


def _about(document: Document, redirects: Sequence[str]) -> About:
    return About(document.title, document.families, document.lang, document.source, document.licence, tuple(redirects))


def _facts(version: Version, sha256: str) -> Facts:
    return Facts(
        observed_on=version.observed_on, kind=cast("Judged", version.kind), fingerprint=version.fingerprint,
        source_sha256=sha256, effective_from=version.effective_from, source_ref=version.source_ref,
        same_as=version.same_as, must_ack=version.must_ack, ack_by=version.ack_by, note=version.note,
        audience=version.audience, expires_on=version.expires_on,
    )  # fmt: skip


def _passage(each: Section) -> Passage:
    return Passage(
        each.stable_id, each.heading, each.path, each.text_sha256, each.origin, each.level, each.page, each.page_url,
        each.exception, each.moved_from, each.indexed,
    )  # fmt: skip


def _version(key: str, found: SourceVersion) -> Version:
    return Version(
        document=key,
        version=found.version,
        observed_on=found.observed_on,
        effective_from=found.effective_from,
        source_ref=found.source_ref,
        must_ack=found.must_ack,
        ack_by=found.ack_by,
        note=found.note,
        audience=found.audience,
        expires_on=found.expires_on,
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


def _ids_elsewhere(connection: Connection, key: str) -> frozenset[str]:
    rows = connection.execute(
        "SELECT DISTINCT stable_id FROM policy_section WHERE document <> ? AND instr(stable_id, '#') = 0", (key,)
    )
    return frozenset(row[0] for row in rows)


def _count(connection: Connection, key: str) -> int:
    """How many entries a document has."""
    found: int = connection.execute("SELECT count(*) FROM library_entry WHERE key = ?", (key,)).fetchone()[0]
    return found


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


def releasing(connection: Connection, document: str, version: str) -> ReleaseVersion:
    """What lets a held version count; later held ones that match it follow, and are named in it.

    Raises PolicyError where that version is not held.
    """
    history = _history(connection, document)
    if not any(v.version == version and v.kind == SUSPECT for v in history.versions):
        raise PolicyError(
            _("{document} has no held version {version}. See the list of its versions.").format(
                document=document, version=version
            )
        )
    counts = {v.version: (cast("Judged", v.kind), v.same_as) for v in rejudge(history, version)}
    return ReleaseVersion(document=document, version=version, n=_count(connection, document) + 1, counts=counts)


def untold(connection: Connection) -> list[PublishPolicyVersion]:
    """What was published before that was an operation, as operations: they change nothing here, and others learn it."""
    sql = f"SELECT key FROM policy_document WHERE key NOT IN (SELECT key FROM {LibraryEntry.NAME}) ORDER BY key"
    keys = {row[0] for row in connection.execute(sql)}
    return [op for each in documents(connection) if each.key in keys for op in _past(connection, each)]


def _past(connection: Connection, document: Document) -> Iterator[PublishPolicyVersion]:
    sql = "SELECT version, source_sha256 FROM policy_version WHERE document = ?"
    sha256, said = dict(connection.execute(sql, (document.key,))), set[str]()
    about = _about(document, leading_to(connection, document.key))
    for place, version in enumerate(versions_of(connection, document.key), 1):
        sections = tuple(sections_of(connection, document.key, version.version))
        step = Step(version, sections, (), History(document.key))
        yield _publishing(step, sha256[version.version], place, about, said)
