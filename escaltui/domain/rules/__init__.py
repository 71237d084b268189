"""The one function that turns an operation into changes or a refusal: `apply`. Pure; both sides run it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from escaltui.domain.changes import Change, Context, Refused, State
from escaltui.domain.operations import Operation
from escaltui.domain.rules import (
    access,
    accounts,
    approving,
    consulting,
    crisis,
    deciding,
    enforcing,
    fields,
    gate,
    handing,
    handling,
    informing,
    intake,
    learning,
    lettering,
    library,
    media,
    merging,
    notes,
    noticing,
    opening,
    people,
    picking,
    reading,
    rulings,
    stating,
    status,
    subjects,
    tasking,
    timing,
    undo,
    updating,
    watching,
)
from escaltui.domain.rules.work import Refusal, Work

Handler = Callable[[Any, Work], None]
HANDLERS: dict[type[Operation], Handler] = {
    **intake.HANDLERS, **opening.HANDLERS, **status.HANDLERS, **merging.HANDLERS, **fields.HANDLERS,
    **subjects.HANDLERS, **handling.HANDLERS, **notes.HANDLERS, **people.HANDLERS, **undo.HANDLERS,
    **deciding.HANDLERS, **approving.HANDLERS, **enforcing.HANDLERS, **noticing.HANDLERS, **stating.HANDLERS,
    **consulting.HANDLERS, **tasking.HANDLERS, **lettering.HANDLERS, **updating.HANDLERS, **timing.HANDLERS,
    **media.HANDLERS, **access.HANDLERS, **crisis.HANDLERS, **rulings.HANDLERS, **informing.HANDLERS,
    **handing.HANDLERS, **watching.HANDLERS, **learning.HANDLERS, **reading.HANDLERS, **accounts.HANDLERS,
    **library.HANDLERS, **picking.HANDLERS,
}  # fmt: skip

ROLES: dict[type[Operation], Handler] = {
    **deciding.ROLES, **approving.ROLES, **enforcing.ROLES, **noticing.ROLES, **stating.ROLES, **consulting.ROLES,
    **tasking.ROLES, **lettering.ROLES, **updating.ROLES, **timing.ROLES, **access.ROLES,
    **rulings.ROLES, **informing.ROLES, **reading.ROLES, **library.ROLES,
}  # fmt: skip
"""What an operation asks of a role, beyond what `gate.role` says of it: asked before its state is."""


def apply(state: State, op: Operation, ctx: Context) -> tuple[Change, ...] | Refused:
    """The changes that an operation makes, or why it makes none and how to mend that.

    `state` holds what `op.reads()` named. The checks of `gate` come first, then the operation's own guards and effects,
    then its cases' clocks and priority are settled. Nothing is written or read elsewhere, no clock is looked at but
    `ctx.now`: the same arguments give the same answer on every machine.
    """
    work = Work(state, ctx)
    try:
        gate.check(op, work, ROLES.get(type(op)))
        HANDLERS[type(op)](op, work)
    except Refusal as refusal:
        return refusal.refused
    return work.changes(type(op).__name__)
