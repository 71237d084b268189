"""What may be kept of a look-up: stems of plain words, a section, a person, a time (the design's policy page, 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from escaltui.domain.operations import ForgetPicks, PickSection
from escaltui.domain.picks import SECTION_LONGEST, STEM_LONGEST, STEMS, STREAM, Pick, pick_id
from escaltui.domain.rules.guards import filled, is_lead
from escaltui.domain.rules.work import Work, need

AT_ONCE = 1_000
MOST = 10**6


def plain(stem: str) -> bool:
    """Whether this is a stem that may be kept: letters alone, in lower case, none too long."""
    return stem.isalpha() and stem == stem.lower() and len(stem) <= STEM_LONGEST


def pick(op: PickSection, work: Work) -> None:
    """Opened counts once more, or cited."""
    need(op.person == work.ctx.actor, "not_allowed", "Nobody reads for somebody else.", "Leave it to {who}.",
         who=op.person)  # fmt: skip
    filled("A pick", section=op.section, stems=op.stems)
    fits = len(op.stems) <= STEMS and len(op.section) <= SECTION_LONGEST and op.stems == tuple(sorted(set(op.stems)))
    need(fits and all(map(plain, op.stems)), "invalid", "Of a look-up only the stems of plain words are kept.",
         "Leave out numbers, handles and addresses.", fields=("stems",))  # fmt: skip
    new, now = pick_id(op.person, op.section, op.stems), work.ctx.now
    found = work.find(Pick, new) or Pick(
        id=new, stream=STREAM, created_at=now, created_by=op.person, person=op.person, section=op.section
    )
    opened, cited = found.opened + (not op.cited), found.cited + op.cited
    if max(opened, cited) <= MOST:
        work.put(replace(found, stems=op.stems, opened=opened, cited=cited, at=now))


def forget(op: ForgetPicks, work: Work) -> None:
    """They have no words and count nothing from now on."""
    filled("Forgetting", picks=op.picks)
    need(len(op.picks) <= AT_ONCE, "invalid", "At most {limit} picks at once.", "Send the others after them.",
         limit=AT_ONCE)  # fmt: skip
    for each in op.picks:
        found = work.row(Pick, each)
        need(found.person == work.ctx.actor or is_lead(work) or "admin" in work.ctx.roles, "not_allowed",
             "What {who} picked is theirs to forget, or a lead's.", "Ask {who}, or a lead.",
             who=found.person)  # fmt: skip
        if found.stems:
            work.put(replace(found, stems=(), opened=0, cited=0))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {PickSection: pick, ForgetPicks: forget}
