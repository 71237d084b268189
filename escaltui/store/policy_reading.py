"""Reading the policy library: documents, their versions, and sections as they stood on a day.

Every function takes an open connection and works within the caller's transaction; none opens a file or commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from escaltui.i18n import _
from escaltui.policy.library import SUSPECT, Document, PolicyError, Section, Version, in_force
from escaltui.policy.redirects import parted
from escaltui.policy.words import slug
from escaltui.store.policy_redirects import redirected
from escaltui.store.policy_search import PATH_SEPARATOR

if TYPE_CHECKING:
    from escaltui.store.driver import Connection

_SECTION_COLUMNS = (
    "s.document, s.version, s.stable_id, s.position, s.heading, s.path, t.text, s.text_sha256, s.origin, s.level,"
    " s.page, s.page_url, s.exception, s.moved_from, s.indexed"
)
_SECTION_FROM = "policy_section s JOIN policy_text t ON t.text_sha256 = s.text_sha256"


class OutlineRow(NamedTuple):
    """One line of the browse tree: a section without its text."""

    stable_id: str
    heading: str
    level: int
    path: tuple[str, ...]
    page: str
    version: str


class SectionVersion(NamedTuple):
    """One version that holds a section: `text_sha256` tells whether the words differ from the one before."""

    version: Version
    text_sha256: str


def documents(connection: Connection) -> list[Document]:
    """All documents, by title."""
    rows = connection.execute("SELECT key, title, families, lang, source, licence FROM policy_document ORDER BY title")
    return [Document(row[0], row[1], tuple(row[2].split()), *row[3:]) for row in rows]


def versions_of(connection: Connection, document: str) -> list[Version]:
    """All versions of a document, folded and held ones too, oldest first."""
    rows = connection.execute(
        "SELECT document, version, observed_on, kind, fingerprint, effective_from, source_ref, same_as, must_ack,"
        " ack_by, note FROM policy_version WHERE document = ? ORDER BY observed_on, version",
        (document,),
    )
    return [_version(row) for row in rows]


def _version(row: Sequence[Any]) -> Version:
    document, version, observed_on, kind, print_, effective_from, ref, same_as, must_ack, ack_by, note = row
    return Version(
        *(document, version, date.fromisoformat(observed_on), kind, print_, _date(effective_from), ref, same_as),
        *(bool(must_ack), _date(ack_by), note),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _shown(connection: Connection, document: str, version: str | None, at: date | None) -> Version:
    """The version asked for by name, or in force on a day (default: today). Raises PolicyError."""
    found = versions_of(connection, document)
    if not found:
        raise PolicyError(
            _("The library has no document {document}. Import it, or see the list of documents.").format(
                document=document
            )
        )
    if version is None:
        day = at or date.today()
        if chosen := in_force(tuple(found), day):
            return chosen
        raise PolicyError(
            _("No version of {document} was in force on {day}. The first is of {first}.").format(
                document=document, day=day, first=found[0].day
            )
        )
    for one in found:
        if one.version == version:
            if one.kind == SUSPECT:
                raise PolicyError(
                    _("{document} {version} is held: release it first, or read another version.").format(
                        document=document, version=version
                    )
                )
            return one
    raise PolicyError(
        _("{document} has no version {version}. It has {known}.").format(
            document=document, version=version, known=", ".join(v.version for v in found[-5:])
        )
    )


def outline(
    connection: Connection, document: str, version: str | None = None, *, at: date | None = None
) -> list[OutlineRow]:
    """The sections of a version in order, without their texts; by default the version in force. Raises PolicyError."""
    shown = _shown(connection, document, version, at)
    rows = connection.execute(
        "SELECT stable_id, heading, level, path, page FROM policy_section"
        " WHERE document = ? AND version = ? ORDER BY position",
        (document, shown.same_as or shown.version),
    )
    return [OutlineRow(r[0], r[1], r[2], tuple(r[3].split(PATH_SEPARATOR)), r[4], shown.version) for r in rows]


def section(connection: Connection, stable_id: str, at: date | None = None, version: str | None = None) -> Section:
    """One section as it stood in a version, or in the version in force on day `at` (default: today).

    `stable_id` may also be an old path of its document (`redirect_from`), with or without `#place`; the section that is
    given has its own id. Raises PolicyError where the id was never given, or where that version does not hold it.
    """
    row = connection.execute("SELECT document FROM policy_section WHERE stable_id = ? LIMIT 1", (stable_id,)).fetchone()
    document = row[0] if row else redirected(connection, parted(stable_id)[0])
    if not document:
        raise PolicyError(
            _("The library has no section {stable_id}. Look it up by its words instead.").format(stable_id=stable_id)
        )
    shown = _shown(connection, document, version, at)
    brought = shown.same_as or shown.version
    found = sections_of(connection, document, brought, stable_id if row else "")
    if not row:
        found = _at_place(found, parted(stable_id)[1])
    if not found:
        raise PolicyError(
            _("{stable_id} is not part of {document} {version}. See its versions.").format(
                stable_id=stable_id, document=document, version=shown.version
            )
        )
    return msgspec.structs.replace(found[0], version=shown.version)


def _at_place(found: Sequence[Section], place: str) -> list[Section]:
    """The sections under a heading that a citation names by its slug or id; without a place, the first one."""
    if not place:
        return list(found[:1])
    return [one for one in found if place in (slug(one.heading), one.stable_id.rpartition("#")[2].rpartition("/")[2])]


def sections_of(connection: Connection, document: str, version: str, stable_id: str = "") -> list[Section]:
    """The sections that a version brought, in order, or the one with an id; none where it is folded or unknown."""
    rows = connection.execute(
        f"SELECT {_SECTION_COLUMNS} FROM {_SECTION_FROM} WHERE s.document = ? AND s.version = ?"
        " AND (? = '' OR s.stable_id = ?) ORDER BY s.position",
        (document, version, stable_id, stable_id),
    )
    return [_section(row) for row in rows]


def _section(row: Sequence[Any]) -> Section:
    fields = dict(zip(Section.__struct_fields__, row, strict=True))  # the columns stand in the order of the fields
    fields |= {"path": tuple(fields["path"].split(PATH_SEPARATOR)), "indexed": bool(fields["indexed"])}
    return Section(**fields)


def versions(connection: Connection, stable_id: str) -> list[SectionVersion]:
    """Every version, oldest first, that brought this section, but held ones. Empty for an unknown id."""
    rows = connection.execute(
        "SELECT v.document, v.version, v.observed_on, v.kind, v.fingerprint, v.effective_from, v.source_ref,"
        " v.same_as, v.must_ack, v.ack_by, v.note, s.text_sha256 FROM policy_section s JOIN policy_version v"
        " ON v.document = s.document AND v.version = s.version WHERE s.stable_id = ? AND v.kind <> 'suspect'"
        " ORDER BY v.observed_on, v.version",
        (stable_id,),
    )
    return [SectionVersion(_version(row[:-1]), row[-1]) for row in rows]


def text_of(connection: Connection, text_sha256: str) -> str:
    """The words that a citation rests on, by their hash. Raises PolicyError where the library never had them."""
    row = connection.execute("SELECT text FROM policy_text WHERE text_sha256 = ?", (text_sha256,)).fetchone()
    if row is None:
        raise PolicyError(
            _("The library has no text {text_sha256}. Import the version that is cited.").format(
                text_sha256=text_sha256[:12]
            )
        )
    return str(row[0])
