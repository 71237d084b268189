"""Who may see a case: sensitivity, members, and breaking the glass (the design's domain page, section 7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from escaltui.domain import streams
from escaltui.domain.absent import ABSENT
from escaltui.domain.entities import Case
from escaltui.domain.operations import AddMember, BreakGlass, RemoveMember, SetSensitivity
from escaltui.domain.rules.guards import filled, instant, is_lead, not_recused, one_of, replaced
from escaltui.domain.rules.moving import placed
from escaltui.domain.rules.work import Refusal, Work, need
from escaltui.domain.sentences import words

LEVELS = tuple(streams.ORDER)
RAISE = ("specialist", "lead", "counsel")
LOWER = ("lead", "counsel")
NAME = ("lead", "counsel")
"""Roles that name members, beside the owner."""
GLASS_MS = 8 * 3600_000
GLASS_REASON = 20
"""Characters that a reason to break the glass has at least: it is read by everybody on the case."""


def _one_of_roles(work: Work, roles: tuple[str, ...], what: str) -> None:
    need(work.ctx.actor == "system" or not work.ctx.roles.isdisjoint(roles), "not_allowed", "{what} needs: {roles}.",
         "Ask somebody of that role.", what=words(what), roles=words(*roles))  # fmt: skip


def may_set(op: SetSensitivity, work: Work) -> None:
    """Raising is for whoever works on cases; letting more people see takes a lead or counsel."""
    one_of(op.sensitivity, LEVELS, "sensitivity")
    case = work.case(op.case)
    lowering = streams.ORDER[op.sensitivity] < streams.ORDER[case.sensitivity]
    _one_of_roles(work, LOWER if lowering else RAISE, "Opening a case to more people" if lowering else "Restricting")


def set_sensitivity(op: SetSensitivity, work: Work) -> None:
    """The case and all that hangs on it move to the stream of those who may see it. Who restricts it stays a member."""
    case = work.case(op.case)
    need(not case.merged_into, "wrong_state", "{ref} is {status}.", "Set it on the case that absorbed it.",
         ref=case.ref, status=words(case.status))  # fmt: skip
    rise = streams.ORDER[op.sensitivity] - streams.ORDER[case.sensitivity]
    if rise < 0:
        filled("Opening a case to more people", reason=op.reason)
    work.reason = op.reason
    actor, members = work.ctx.actor, case.members
    if rise > 0 and actor not in ("system", case.owner):
        members = members | {actor: 0}
    work.put(replaced(case, sensitivity=op.sensitivity, members=members, glass=case.glass if rise == 0 else {}))
    placed(case, work)


def _may_name(case: Case, work: Work, *also: str) -> None:
    if work.ctx.actor not in (case.owner, *also):
        _one_of_roles(work, NAME, "Naming who may see a case")


def may_add(op: AddMember, work: Work) -> None:
    """The case's owner, a lead or counsel names members."""
    _may_name(work.case(op.case), work)


def add_member(op: AddMember, work: Work) -> None:
    """Somebody may see the case, for a time or without end; named again, the new time holds."""
    case, person = work.case(op.case), op.person.strip()
    filled("A member", person=person)
    not_recused(person, case)
    if op.until is not None:
        instant(op.until, "until")
        need(op.until > work.ctx.now, "invalid", "That time has passed.", "Choose a later one.", fields=("until",))
    work.put(replaced(case, members=case.members | {person: op.until or 0}))


def may_remove(op: RemoveMember, work: Work) -> None:
    """Who names members takes them off; everybody may go."""
    _may_name(work.case(op.case), work, op.person.strip())


def remove_member(op: RemoveMember, work: Work) -> None:
    """Somebody no longer sees the case as a member."""
    case, person = work.case(op.case), op.person.strip()
    filled("Taking a member off", person=person, reason=op.reason)
    need(person in case.members, "not_found", "{who} is no member of {ref}.", "Members: {known}.", fields=("person",),
         who=person, ref=case.ref, known=", ".join(sorted(case.members)) or words("none"))  # fmt: skip
    work.reason = op.reason
    work.put(replaced(case, members={key: until for key, until in case.members.items() if key != person}))


def may_break(op: BreakGlass, work: Work) -> None:
    """A lead or an admin; and of a privileged case they hear no more than that there is none."""
    need(is_lead(work) or "admin" in work.ctx.roles, "not_allowed", "Breaking the glass needs a lead or an admin.",
         "Ask one of them.")  # fmt: skip
    case = work.case(op.case)
    if streams.level(case.stream) == 2:
        raise Refusal("not_found", *ABSENT[case.NAME])


def break_glass(op: BreakGlass, work: Work) -> None:
    """Eight hours of sight, kept on the case where everybody on it sees it, and in the auditors' stream."""
    case, ctx = work.case(op.case), work.ctx
    need(streams.level(case.stream) == 1, "wrong_state", "{ref} is open to its desk.", "Ask to join that desk.",
         ref=case.ref)  # fmt: skip
    reason = op.reason.strip()
    filled("Breaking the glass", reason=reason)
    need(len(reason) >= GLASS_REASON, "invalid", "A reason to break the glass has at least {least} characters.",
         "Say why, so that everybody on the case understands it.", fields=("reason",), least=GLASS_REASON)  # fmt: skip
    not_recused(ctx.actor, case)
    work.reason = reason
    work.put(replaced(case, glass=case.glass | {ctx.actor: ctx.now + GLASS_MS}))
    work.record(case, "accessed", reason, streams.AUDIT, type(op).__name__)


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    SetSensitivity: set_sensitivity, AddMember: add_member, RemoveMember: remove_member, BreakGlass: break_glass,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {
    SetSensitivity: may_set, AddMember: may_add, RemoveMember: may_remove, BreakGlass: may_break,
}  # fmt: skip
