"""Whether the affected user may be told: allowed, delayed until a day, or forbidden, each with who says so."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from escaltui.domain.entities import UserNotice
from escaltui.domain.operations import SetUserNotice
from escaltui.domain.rules.guards import filled, instant, lead_only, replaced
from escaltui.domain.rules.work import Work, need

LOOSENING = "Letting the user be told sooner"


def lead_loosens(op: SetUserNotice, work: Work) -> None:
    """Refuse to loosen what was set, but for a lead."""
    if _loosens(op, work):
        lead_only(work, LOOSENING)


def set_notice(op: SetUserNotice, work: Work) -> None:
    """Set what the user may be told, with the words of who says so. Loosening it takes a reason."""
    case, now = work.case(op.case), work.ctx.now
    if op.rule == "delayed":
        filled("A delay", until=op.until, source=op.source)
        instant(op.until or 0, "until")
        need((op.until or 0) > now, "invalid", "That time has passed.", "Choose a later one.", fields=("until",))
    elif op.rule == "forbidden":
        filled("Forbidding it", source=op.source)
    if _loosens(op, work):
        filled(LOOSENING, reason=op.reason)
    work.reason = op.reason
    until = op.until if op.rule == "delayed" else None
    work.put(replaced(case, user_notice=UserNotice(op.rule, until, op.source, work.ctx.actor, now)))


def _loosens(op: SetUserNotice, work: Work) -> bool:
    wanted = UserNotice(op.rule, op.until)
    return _until(wanted, work.ctx.now) < _until(work.case(op.case).user_notice, work.ctx.now)


def _until(notice: UserNotice, now: int) -> float:
    """Until when a notice keeps the user from being told; 0 where it does not."""
    if not notice.forbids(now):
        return 0
    return inf if notice.rule == "forbidden" or notice.until is None else notice.until


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {SetUserNotice: set_notice}
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {SetUserNotice: lead_loosens}
