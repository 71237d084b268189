"""What a device did alone before it followed us: judged by the time at which it was done, on its own cases only.

Nobody can back-date a team's case: such an operation may touch cases alone that the same person's same device opened
by import. Each of its changes is marked so in the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain.changes import Change, Refused, refused
from escaltui.domain.entities import Case
from escaltui.domain.operations import AddPerson, Operation
from escaltui.domain.rules.due import owed
from escaltui.domain.wire import Sent

if TYPE_CHECKING:
    from escaltui.server.push import Push
    from escaltui.server.rows import Connection

NOTE = "imported"
SETTLED_MOST = 200
"""Things that time owed on a case before one operation of it."""
_OWN = """SELECT case_id FROM change WHERE case_id = ANY(%s) AND entity = 'case' AND action = 'created'
AND entity_id = case_id AND actor = %s AND device = %s AND body LIKE %s"""
_MARKED = f'%"note":"{NOTE}"%'
_HERS = refused(
    "not_allowed", "What was done before you joined this server can only be told of your own cases.", "Do it anew."
)


def is_past(op: Operation, sent: Sent) -> bool:
    """Whether an operation is to be judged by its own time. A colleague is made known now."""
    return sent.imported and bool(sent.at) and not isinstance(op, AddPerson)


class Own:
    """The cases that a push may tell the past of."""

    def __init__(self, connection: Connection, person: str, device: str) -> None:
        self._connection, self._person, self._device = connection, person, device
        self._known: dict[str, bool] = {}

    def all(self, cases: set[str]) -> bool:
        """Whether all of some cases were opened by import, by this device."""
        asked = [each for each in cases if each not in self._known]
        if asked and self._device:
            found = self._connection.execute(_OWN, (asked, self._person, self._device, _MARKED))
            held = {row[0] for row in found}
            self._known |= {each: each in held for each in asked}
        return all(self._known.get(each, False) for each in cases)

    def opened(self, changes: tuple[Change, ...]) -> None:
        """Cases that this very push opens."""
        self._known |= {each.entity_id: True for each in changes if each.entity == Case.NAME
                        and each.action == "created"}  # fmt: skip


def judge(push: Push, own: Own, op: Operation, sent: Sent, now: int) -> tuple[Change, ...] | Refused:
    """What the rules say to an operation at its own time, after what time itself owed by then."""
    at = min(sent.at, now)
    case_id = str(getattr(op, "case", ""))
    if case_id and not own.all({case_id}):
        return _HERS
    if case_id:
        _settle(push, case_id, at)
    found = push.judge(op, sent.op_id, at)
    if isinstance(found, Refused):
        return found
    created = {each.entity_id for each in found if each.entity == Case.NAME and each.action == "created"}
    if not own.all({each.case_id for each in found} - {""} - created):
        return _HERS
    own.opened(found)
    return found


def _settle(push: Push, case_id: str, at: int) -> None:
    for _ in range(SETTLED_MOST):
        case = push.rows.entity(Case.NAME, case_id)
        if not isinstance(case, Case) or case.next_event is None or case.next_event > at:
            return
        if not push.settle(owed(case.id, case.status), case.next_event):
            return
