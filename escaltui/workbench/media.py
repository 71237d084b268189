"""The files of a case as people see them, and where their bytes lie. No pixel passes here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain.entities import Media
from escaltui.domain.media import media_id
from escaltui.media_faces import MediaFace
from escaltui.safety.text import block, line

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.safety.original import Original
    from escaltui.store.values import CaseRows, HeldFile
    from escaltui.workbench.door import Workbench

MINOR = "minor_involved"


def media(bench: Workbench, ref: str) -> tuple[MediaFace, ...]:
    """Every file of a case: those of its items first, then those that came with its reports."""
    row = bench.store.line(ref)
    rows = bench.store.bundle(row.id) if row else None
    return faces(bench, rows) if rows is not None else ()


def faces(bench: Workbench, rows: CaseRows) -> tuple[MediaFace, ...]:
    """The same, of a case in hand, as `Store.bundle` gives it: what is sealed on any case is veiled on this one."""
    found = rows.files
    if not found:
        return ()
    hashes = {held.facts.sha256 for held in found} - {""}
    kept = {each for each in hashes if bench.store.original(each).exists()}
    said = {each.id: each for each in rows.media}
    return tuple(_face(rows, number, len(found), held, said, kept, bench.rules) for number, held in enumerate(found, 1))


def _face(
    rows: CaseRows, number: int, of: int, held: HeldFile, said: dict[str, Media], kept: set[str], rules: RuleSet
) -> MediaFace:
    case, holder, at, facts, item = rows.case, held.holder, held.at, held.facts, held.item
    row_id = media_id(case.id, holder, at)
    row = said.get(row_id) or Media(id=row_id, case=case.id)
    if facts.sealed or row.state == "sealed":
        return _sealed(rows, row, number, of, held)
    from escaltui.workbench.portray_work import tool_link

    return MediaFace(
        id=row_id, case_id=case.id, ref=case.ref, holder=holder, at=at, number=number, of=of, name=line(facts.name),
        type=line(facts.type), size=facts.size, sha256=facts.sha256, kept=facts.sha256 in kept,
        claimed=facts.claimed, rating=row.rating, rated_by=row.rated_by, rated_at=row.rated_at,
        description=block(row.description), described_by=row.described_by, transcript=block(facts.transcript),
        transcript_by=facts.transcript_by, minor=MINOR in case.flags, sealed=False,
        restricted=case.sensitivity != "normal", tool=tool_link(item, rules), subject=item.id if item else "",
    )  # fmt: skip


def _sealed(rows: CaseRows, row: Media, number: int, of: int, held: HeldFile) -> MediaFace:
    """No name, no type, no words: its place, and who sealed it, when and on what ground."""
    nothing, item = line(""), held.item
    return MediaFace(
        id=row.id, case_id=rows.case.id, ref=rows.case.ref, holder=held.holder, at=held.at, number=number, of=of,
        name=nothing, type=nothing, size=0, sha256="", kept=False, claimed="unknown", rating="severe", rated_by="",
        rated_at=0, description=nothing, described_by="", transcript=nothing, transcript_by="", minor=True, sealed=True,
        sealed_by=row.sealed_by, sealed_at=row.sealed_at, basis=row.basis or "seal elsewhere",
        restricted=rows.case.sensitivity != "normal", subject=item.id if item else "",
    )  # fmt: skip


def original(bench: Workbench, face: MediaFace) -> Original | None:
    """The bytes of a file, to be read; None where they are not here, and always for a sealed one."""
    if closed(bench, face):
        return None
    found = bench.store.original(face.sha256)
    if found.exists():
        return found
    return bench.fetched[1] if bench.fetched is not None and bench.fetched[0] == face.sha256 else None


def closed(bench: Workbench, face: MediaFace) -> bool:
    """Whether a file is never opened: it is sealed, here or on any case, or its bytes never came."""
    return face.sealed or not face.sha256 or bool(bench.store.sealed((face.sha256,)))


def logged(bench: Workbench, face: MediaFace) -> bool:
    """Whether a first look at a file, and opening it outside, are written to its case's log.

    Of several rows the one that records most holds; without any, looks at files of restricted cases are.
    """
    records = {row.record for row in bench.rules.openings.values()} or {"restricted"}
    return "all" in records or ("restricted" in records and face.restricted)
