"""Sealed items, suspected child sexual abuse material: what a seal does to a file and to its case.

Where the law stands is for counsel (the design's safety page, section 7); the operator's rule file names the team.
"""

from __future__ import annotations

from msgspec.structs import replace

from escaltui.domain.consults import is_open, usual_due
from escaltui.domain.entities import Case, Consult, Media
from escaltui.domain.media import Attachment, holder_of, media_id
from escaltui.domain.rules.guards import replaced
from escaltui.domain.rules.open_work import counted
from escaltui.domain.rules.work import Work

SEALS = frozenset({"minor_involved"})
"""The flag that a seal sets: its floor lifts the severity."""


def unsaid(case: Case, holder: str, at: int, facts: Attachment, work: Work) -> Media:
    """The row of a file of which nothing was said yet."""
    return Media(
        id=media_id(case.id, holder, at), stream=case.stream, created_at=work.ctx.now, created_by=work.ctx.actor,
        case=case.id, holder=holder, at=at, sha256=facts.sha256, state="sealed" if facts.sealed else "open",
    )  # fmt: skip


def sealed(media: Media, basis: str, work: Work) -> Media:
    """A file's row with the seal on it. Its hash, as received, is all that stays; words about it go."""
    return replace(
        media, state="sealed", sealed_by=work.ctx.actor, sealed_at=work.ctx.now, basis=basis, rating="severe",
        description="", described_by="", described_at=0,
    )  # fmt: skip


def born_sealed(case: Case, held: tuple[Attachment, ...], kind: str, row_id: str, work: Work) -> Case:
    """Rows for those files of a new holder that came sealed, and the case as it is routed for them."""
    fresh = [(at, facts) for at, facts in enumerate(held) if facts.sealed]
    if not fresh:
        return case
    holder = holder_of(kind, row_id)
    for at, facts in fresh:
        work.put(sealed(unsaid(case, holder, at, facts, work), "intake", work))
    return routed(case, work)


def routed(case: Case, work: Work) -> Case:
    """A case with the flag of a seal, and with the question to the operator's team asked."""
    flags = tuple(sorted({*case.flags, *(SEALS & work.ctx.rules.flags.keys())}))
    return _asked(replaced(case, flags=flags), work)


def _asked(case: Case, work: Work) -> Case:
    row = next(iter(work.ctx.rules.seals.values()), None)
    team = work.ctx.rules.teams.get(row.team) if row is not None else None
    if row is None or team is None:
        return case  # the sealed card says so: "No route is set."
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
