"""The checks that several rules share: field revisions, the holder of a case, leads."""

from __future__ import annotations

import msgspec

from escaltui.domain.entities import Case, Lease
from escaltui.domain.operations import OnCase
from escaltui.domain.rules.work import Work, need
from escaltui.domain.transitions import OPEN

LEASE_MS = 15 * 60_000
LEADS = frozenset({"lead", "admin"})


def is_lead(work: Work) -> bool:
    """Whether the actor leads; the system may do what a lead may."""
    return work.ctx.actor == "system" or bool(LEADS & work.ctx.roles)


def lead_only(work: Work, what: str) -> None:
    """Refuse what only a lead may do."""
    need(is_lead(work), "not_allowed", f"{what} needs a lead.", "Ask a lead of your desk.")


def live_lease(case: Case, now: int) -> Lease | None:
    """The claim on a case, while it lasts."""
    return case.lease if case.lease is not None and case.lease.expires_at > now else None


def not_held_by_another(case: Case, work: Work) -> None:
    """Refuse to move a case that a colleague holds."""
    lease = live_lease(case, work.ctx.now)
    if lease is not None and lease.person != work.ctx.actor and not is_lead(work):
        need(
            False,
            "lost_claim",
            f"{lease.person} holds {case.ref}.",
            "Write a note to them, or take over with a reason.",
        )


def open_case(op: OnCase, work: Work) -> Case:
    """The case of an operation, if it is open and unchanged in the fields that the person looked at."""
    case = work.case(op.case)
    need(case.status in OPEN, "wrong_state", f"{case.ref} is {case.status}.", "Reopen it first, or write a note.")
    unchanged(op, case, work)
    return case


def unchanged(op: OnCase, case: Case, work: Work) -> None:
    """Refuse where a field moved since the person looked (`op.base`: what they saw)."""
    unknown = [name for name in op.base if name not in case.__struct_fields__]
    need(not unknown, "invalid", f"A case has no field {', '.join(unknown)}.", "Leave it out of `base`.")
    seen_now = {name: msgspec.to_builtins(getattr(case, name)) for name in op.base}
    moved = [name for name, seen in op.base.items() if seen_now[name] != seen]
    if moved:
        found = ", ".join(f"{name} is now {seen_now[name]}" for name in moved)
        need(False, "stale", f"A colleague changed {case.ref}: {found}.", "Look at it, then set it again.",
             fields=tuple(moved))  # fmt: skip


def replaced(case: Case, **fields: object) -> Case:
    """A case with fields set."""
    return msgspec.structs.replace(case, **fields)


def with_name(names: tuple[str, ...], *more: str) -> tuple[str, ...]:
    """A set of names with some more, sorted."""
    return tuple(sorted({*names, *more}))


def without_name(names: tuple[str, ...], *less: str) -> tuple[str, ...]:
    """A set of names without some."""
    return tuple(name for name in names if name not in less)
