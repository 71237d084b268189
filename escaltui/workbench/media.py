"""The files of a case as people see them, and where their bytes lie. No pixel passes here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from escaltui.domain.entities import Media, Report, Subject
from escaltui.domain.media import Attachment, holder_of, media_id
from escaltui.media_faces import MediaFace
from escaltui.safety.text import block, line

if TYPE_CHECKING:
    from pathlib import Path

    from escaltui.domain.ruleset import RuleSet
    from escaltui.store.values import CaseRows
    from escaltui.workbench.door import Workbench

MINOR = "minor_involved"


def media(bench: Workbench, ref: str) -> tuple[MediaFace, ...]:
    """Every file of a case: those of its items first, then those that came with its reports."""
    row = bench.store.line(ref)
    rows = bench.store.bundle(row.id) if row else None
    return faces(bench, rows) if rows is not None else ()


def faces(bench: Workbench, rows: CaseRows) -> tuple[MediaFace, ...]:
    """The same, of a case in hand, as `Store.bundle` gives it: what is sealed on any case is veiled on this one."""
    found = tuple(_held(rows))
    if not found:
        return ()
    kept = {each.sha256 for _h, _a, each, _i in found if each.sha256 and bench.store.original(each.sha256).exists()}
    said = {each.id: each for each in rows.media}
    return tuple(
        _face(rows, number, len(found), where, said, kept, bench.rules) for number, where in enumerate(found, 1)
    )


def _held(rows: CaseRows) -> Iterator[tuple[str, int, Attachment, Subject | None]]:
    place = {key: at for at, key in enumerate(rows.case.subjects)}
    items = sorted(rows.subjects, key=lambda item: place.get(item.id, len(place)))
    holders: list[Subject | Report] = [*items, *rows.reports]
    for holder in holders:
        item = holder if isinstance(holder, Subject) else None
        held = holder.media if isinstance(holder, Subject) else holder.attachments
        for at, facts in enumerate(held):
            yield holder_of(holder.NAME, holder.id), at, facts, item


def _face(
    rows: CaseRows, number: int, of: int, where: tuple[str, int, Attachment, Subject | None], said: dict[str, Media],
    kept: set[str], rules: RuleSet,
) -> MediaFace:  # fmt: skip
    holder, at, facts, item = where
    case = rows.case
    row_id = media_id(case.id, holder, at)
    row = said.get(row_id) or Media(id=row_id, case=case.id)
    if facts.sealed or row.state == "sealed":
        return _sealed(rows, row, number, of, where)
    from escaltui.workbench.portray_work import tool_link

    return MediaFace(
        id=row_id, case_id=case.id, ref=case.ref, holder=holder, at=at, number=number, of=of, name=line(facts.name),
        type=line(facts.type), size=facts.size, sha256=facts.sha256, kept=facts.sha256 in kept,
        claimed=facts.claimed, rating=row.rating, rated_by=row.rated_by, rated_at=row.rated_at,
        description=block(row.description), described_by=row.described_by, transcript=block(facts.transcript),
        transcript_by=facts.transcript_by, minor=MINOR in case.flags, sealed=False,
        restricted=case.sensitivity != "normal", tool=tool_link(item, rules), subject=item.id if item else "",
    )  # fmt: skip


def _sealed(
    rows: CaseRows, row: Media, number: int, of: int, where: tuple[str, int, Attachment, Subject | None]
) -> MediaFace:
    """No name, no type, no words: its place, and who sealed it, when and on what ground."""
    holder, at, _facts, item = where
    nothing = line("")
    return MediaFace(
        id=row.id, case_id=rows.case.id, ref=rows.case.ref, holder=holder, at=at, number=number, of=of, name=nothing,
        type=nothing, size=0, sha256="", kept=False, claimed="unknown", rating="severe", rated_by="", rated_at=0,
        description=nothing, described_by="", transcript=nothing, transcript_by="", minor=True, sealed=True,
        sealed_by=row.sealed_by, sealed_at=row.sealed_at, basis=row.basis or "seal elsewhere",
        restricted=rows.case.sensitivity != "normal", subject=item.id if item else "",
    )  # fmt: skip


def original(bench: Workbench, face: MediaFace) -> Path | None:
    """Where the bytes of a file lie; None where they do not, and always for a sealed one."""
    if face.sealed or not face.sha256 or bench.store.sealed((face.sha256,)):
        return None
    path = bench.store.original(face.sha256)
    return path if path.exists() else None
