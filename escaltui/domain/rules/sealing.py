"""Sealed items, suspected child sexual abuse material: what a seal does to a file and to its case.

Where the law stands is for counsel (the design's safety page, section 7); the operator's rule file names the team.
"""

from __future__ import annotations

from msgspec.structs import replace

from escaltui.domain.consults import is_open, usual_due
from escaltui.domain.entities import Case, Consult, Media
from escaltui.domain.media import SEALED_NAME, Attachment, files, holder_of, media_id
from escaltui.domain.rules.guards import replaced
from escaltui.domain.rules.open_work import counted
from escaltui.domain.rules.work import Work

SEALS = frozenset({"minor_involved"})
"""The flag that a seal sets: its floor lifts the severity."""


def sealed_facts(facts: Attachment) -> Attachment:
    """A file's facts with the seal on it: no name, type, size or words; the hash as received."""
    return Attachment(SEALED_NAME, "", 0, facts.sha256, sealed=True)


def unsaid(case: Case, holder: str, at: int, facts: Attachment, work: Work) -> Media:
    """The row of a file of which nothing was said yet."""
    return Media(
        id=media_id(case.id, holder, at), stream=case.stream, created_at=work.ctx.now, created_by=work.ctx.actor,
        case=case.id, holder=holder, at=at, sha256=facts.sha256, state="sealed" if facts.sealed else "open",
    )  # fmt: skip


def sealed(media: Media, basis: str, work: Work) -> Media:
    """A file's row with the seal on it: its hash as received, who, when and on what ground.

    What was said of it is purged with its bytes, by the store: here it would be repeated in the log.
    """
    return replace(
        media, state="sealed", sealed_by=work.ctx.actor, sealed_at=work.ctx.now, basis=basis, rating="severe"
    )


def born_sealed(case: Case, held: tuple[Attachment, ...], kind: str, row_id: str, work: Work) -> Case:
    """Rows for those files of a holder that came sealed, and the case as it is routed for them, once."""
    holder, fresh = holder_of(kind, row_id), False
    for at, facts in enumerate(held):
        if facts.sealed:
            row = work.find(Media, media_id(case.id, holder, at))
            if row is None or row.state != "sealed":
                work.put(sealed(row or unsaid(case, holder, at, facts, work), "intake", work))
                fresh = True
    return routed(case, work) if fresh else case


def with_files(case: Case, held: tuple[Attachment, ...], kind: str, row_id: str, work: Work) -> Case:
    """A case with the files of a report or an item put on it; what came sealed routes it, and is none of its own."""
    if not held:
        return case
    case = born_sealed(case, held, kind, row_id, work)
    gone = {facts.sha256 for facts in held if facts.sealed}
    return replaced(case, files=tuple(sorted({*case.files, *files(held)} - gone)))


def together(known: tuple[Attachment, ...], new: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """The files of an item with those that came later: one file once, each in its place, and a seal is not lost."""
    found = list(known)
    for facts in new:
        at = next((at for at, each in enumerate(found) if _same(each, facts)), None)
        if at is None:
            found.append(facts)
        elif facts.sealed and not found[at].sealed:
            found[at] = sealed_facts(facts)
    return tuple(found)


def _same(one: Attachment, other: Attachment) -> bool:
    """Whether two facts are of one file: by hash, or where neither has one by what they are called."""
    if one.sha256 or other.sha256:
        return one.sha256 == other.sha256
    return (one.name, one.type, one.size) == (other.name, other.type, other.size)


def routed(case: Case, work: Work) -> Case:
    """A case with the flag of a seal, and with the question to the operator's team asked."""
    flags = tuple(sorted({*case.flags, *(SEALS & work.ctx.rules.flags.keys())}))
    return _asked(replaced(case, flags=flags), work)


def _asked(case: Case, work: Work) -> Case:
    row = work.ctx.rules.seal
    team = work.ctx.rules.teams.get(row.team) if row is not None else None
    if row is None or team is None:
        return case  # the sealed card says so
    known = (*work.state.list("consults", case.id), *work.after.values())
    if any(isinstance(c, Consult) and c.case == case.id and c.team == row.team and is_open(c) for c in known):
        return case
    now = work.ctx.now
    work.put(
        Consult(
            id=work.new_id(), stream=case.stream, created_at=now, created_by=work.ctx.actor, case=case.id,
            team=row.team, question=row.question, due=usual_due(case, team, now, work.ctx.rules),
        )
    )  # fmt: skip
    return counted(case, "consult", 1)
