"""Undo: an accepted operation is compensated by its inverse, where nothing it touched has moved since.

The log keeps both. Rows that the operation created are withdrawn, never deleted. What the rules derive is derived anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from escaltui.domain import fold
from escaltui.domain.changes import Logged
from escaltui.domain.clock import Clock
from escaltui.domain.decisions import Action, Decision, Statement
from escaltui.domain.entities import ENTITIES, Case, Entity, Link, Network, Note, Requester
from escaltui.domain.exchange import Consult, Message, Task
from escaltui.domain.learning import Goal, Recommendation
from escaltui.domain.media import Media
from escaltui.domain.operations import OPERATIONS, Undo
from escaltui.domain.rules.accounts import may_part
from escaltui.domain.rules.gate import VERBS, WANT_OPEN, still_open
from escaltui.domain.rules.guards import is_lead, live_lease, not_recused, replaced
from escaltui.domain.rules.merging import may_absorb, may_let_go, with_own_severity
from escaltui.domain.rules.planning import COMPENSATE
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

ENDED = frozenset({"merged", "resolved", "closed"})
"""Statuses in which no clock runs; an undo that leads back to one tells the clocks so."""
KEPT = Case.DERIVED | {"fence", "hidden"}
"""Never goes back: what is derived; the fence, so that an ended claim stays known as ended; the sign of hidden text."""
COUNTED = frozenset({"reach", "report_count", "items", "open_work"})
"""Sums to which others may have added since: the operation's share is taken off."""
NOT_UNDONE = {
    "SetSensitivity": "Set it anew: opening it to more people needs a reason.",
    "AddMember": "Take the member off, with a reason.",
    "RemoveMember": "Name the member again.",
    "BreakGlass": "The record stays.",
    "Transfer": "Transfer it back, with a reason.",
    "OpenCase": "Dismiss the case instead.",
    "RateMedia": "Rate it anew.",
    "DescribeMedia": "Describe it anew.",
    "SealMedia": "A sealed item stays sealed.",
    "ReceiveReport": "Dismiss its case instead.",
    "AddPerson": "People stay known.",
    "SettleCase": "That was time itself.",
    "RenewLease": "Release the case instead.",
    "RecordAccess": "The record stays.",
    "RecordExport": "The record stays.",
    "RecordElsewhere": "What was done elsewhere stays; write a note on it.",
    "accessed": "The record stays.",
    "exported": "The record stays.",
    "Undo": "Do it again by its own key.",
    "EnforceDecision": "That was time itself.",
    "RecordActionResult": "What was done is taken back by a decision that compensates it.",
    "RetryAction": "Say what became of the action.",
    "WaiveAction": "What was waived is decided anew.",
    "WithdrawDecision": "Propose the decision anew.",
    "SendBack": "Its author proposes anew.",
    "ReviewDecision": "The review stays; reopen the case to decide otherwise.",
    "SetUserNotice": "Set it anew, with its source.",
    "SendMessage": "Send a letter that corrects it.",
    "RecordSent": "Send a letter that corrects it.",
    "RelayMessage": "Send a letter that corrects it.",
    "RecordInbound": "What came in stays.",
    "OfferAnswer": "What came in stays.",
    "SendStatement": "Withdraw the statement where it was sent to.",
    "SaveUpdate": "Write the update anew.",
    "PublishUpdate": "Publish an update that corrects it.",
    "PublishPolicyVersion": "Publish a version that mends it.",
    "ReleaseVersion": "Publish a version that mends it.",
    "DeclareIncident": "Resolve the incident instead.",
    "MoveIncident": "Move it on by its own key.",
    "SaveIncidentUpdate": "Write the update anew.",
    "ApproveIncidentUpdate": "Write the update anew: that takes the yes back.",
    "PublishIncidentUpdate": "Publish an update that corrects it.",
    "SaveRuling": "Revoke the standing call instead.",
    "ProposeRuling": "Write the standing call anew.",
    "ApproveRuling": "Revoke the standing call instead.",
    "RevokeRuling": "Write a new standing call.",
    "ExpireRuling": "That was time itself.",
    "SaveHandover": "Write the handover anew.",
    "OfferHandover": "Its receiver gives back what they do not take.",
    "AcceptItem": "Hand it back by a handover of your own.",
    "ReturnItem": "Offer it anew.",
    "SetWatch": "Change the watch, or end it.",
    "TripWatch": "That was time itself.",
    "SeeWatch": "What was seen stays seen.",
    "SetRisk": "Change the risk, or close it with a reason.",
    "KeepInsight": "Dismiss the insight with a reason.",
    "ReadSections": "What was read stays read.",
    "ReadCase": "What was read stays read.",
    "AcknowledgeVersion": "What was acknowledged stays so.",
    "DescribeChange": "Describe it anew.",
    "PickSection": "escaltui policy picks forget takes it out.",
    "ForgetPicks": "What was forgotten is gone.",
    "HoldClock": "Release the hold.",
    "ReleaseHold": "Hold the clock anew, with its source.",
    "DeclareIncomplete": "Fill the missing elements: a new clock starts with them.",
    "RecordEvent": "Record what corrects it, with its source.",
    "CorrectReceived": "Correct it again, with its source.",
}
WINDOWED = frozenset({"ProposeDecision", "ApproveDecision"})
"""Undone within the undo window only: after it a decision is in force."""
WITHDRAWN_AS: dict[type[Entity], str] = {
    Decision: "withdrawn", Action: "cancelled", Statement: "withdrawn", Consult: "withdrawn", Message: "withdrawn",
    Task: "cancelled", Recommendation: "withdrawn", Goal: "withdrawn",
}  # fmt: skip
"""The state of a created row whose creation is undone."""


def undo(op: Undo, work: Work) -> None:
    """Take one of one's own operations back; a lead may take back anybody's."""
    changes: tuple[Logged, ...] = work.state.list("operation", op.operation)
    need(changes, "not_found", "There is no such operation to undo.", "Look at the timeline.")
    first = next((each for each in changes if each.action != "moved"), changes[0])
    need(first.actor == work.ctx.actor or is_lead(work), "not_allowed", "{who} did that.",
         "Ask them to undo it, or a lead.", who=first.actor)  # fmt: skip
    need(first.verb not in NOT_UNDONE, "blocked", "{operation} cannot be undone.", NOT_UNDONE.get(first.verb, ""),
         operation=words(first.verb))  # fmt: skip
    need(all(each.action != "moved" for each in changes), "blocked", "{operation} cannot be undone.",
         "Other people see the case since: move it back by its own key.", operation=words(first.verb))  # fmt: skip
    brought_a_seal = any(each.entity == Media.NAME and "sealed_at" in each.fields for each in changes)
    need(not brought_a_seal, "blocked", "{operation} cannot be undone.", "A sealed item stays sealed.",
         operation=words(first.verb))  # fmt: skip
    before = work.state.rows
    if first.verb in WINDOWED:
        _within_its_window(changes, work)
    for change in changes:
        row = work.row(ENTITIES[change.entity], change.entity_id)
        if isinstance(row, Case):
            _still_possible(change, row, changes, work)
        if isinstance(row, Requester) and first.verb == "MergeRequesters":
            may_part(row, change.fields)
        back = _withdrawn(row, change) if change.action == "created" else _restored(row, change, work)
        _seen_with_its_survivor(back, first.verb, work)
        work.put(back, *([back.status] if isinstance(back, Case) and back.status in ENDED else []))
    need(any(row != before.get(key) for key, row in work.after.items()), "stale", "Nothing of that is left to undo.",
         "Look at the timeline.")  # fmt: skip


def _seen_with_its_survivor(row: Entity, verb: str, work: Work) -> None:
    """Refuse to let a case be absorbed again by one that went to other people since."""
    survivor = work.find(Case, row.merged_into) if isinstance(row, Case) and row.merged_into else None
    need(survivor is None or survivor.stream == row.stream, "blocked", "{operation} cannot be undone.",
         "Other people see the case since: move it back by its own key.", operation=words(verb))  # fmt: skip


def _within_its_window(changes: tuple[Logged, ...], work: Work) -> None:
    """Refuse where a decision took effect, or its undo window is over though nobody looked yet."""
    for change in changes:
        row = work.row(ENTITIES[change.entity], change.entity_id)
        over = isinstance(row, Case) and row.hold_until is not None and row.hold_until <= work.ctx.now
        over |= isinstance(row, Decision) and row.state in ("effective", "superseded")
        over |= isinstance(row, Action) and row.state not in ("planned", "cancelled")
        need(not over, "out_of_window", "The undo window is over: that decision took effect.", COMPENSATE)


def _still_possible(change: Logged, case: Case, changes: tuple[Logged, ...], work: Work) -> None:
    """Refuse where the inverse operation could not be asked for today: the case is past it."""
    kind = OPERATIONS.get(change.verb)
    if "status" in change.fields:
        return
    if change.verb == "Merge":
        may_let_go(case)
    elif change.verb == "Unmerge":
        may_absorb(case, work.case(next(each.entity_id for each in changes if "status" in each.fields)))
    elif kind in VERBS or kind in WANT_OPEN or any(_clock_moved(*pair) for pair in _clocks_of(change)):
        still_open(case)


def _clocks_of(change: Logged) -> list[tuple[Any, Any]]:
    return [pair for path, pair in change.fields.items() if path.startswith("clocks.")]


def _withdrawn(row: Entity, change: Logged) -> Entity:
    if (state := WITHDRAWN_AS.get(type(row))) is not None:
        return _in_state(row, state)
    if not isinstance(row, Note | Link | Network):
        return row
    need(not row.withdrawn, "stale", "That was undone already.", "u again undoes the one before.")
    if isinstance(row, Note):
        need(not row.superseded_by, "stale", "That note was corrected since.", "Undo the correction first.")
    if isinstance(row, Network):
        as_made = all(fold.alike(fold.plain(row).get(name), now) for name, (_was, now) in change.fields.items())
        need(as_made, "stale", "{what} was changed since.", "Withdraw it by its own key.", what=words(row.NAME))
    return msgspec.structs.replace(row, withdrawn=True)


def _in_state(row: Entity, state: str) -> Entity:
    """A created row withdrawn, while nobody touched it."""
    need(getattr(row, "state", "") != state, "stale", "That was undone already.", "u again undoes the one before.")
    need(row.rev == 1, "stale", "{what} was changed since.", "Withdraw it by its own key.", what=words(row.NAME))
    return msgspec.structs.replace(row, state=state)


def _restored(row: Entity, change: Logged, work: Work) -> Entity:
    plain, sets = fold.plain(row), type(row).SETS
    back: fold.Fields = {}
    for path, (was, now) in change.fields.items():
        name = path.partition(".")[0]
        if isinstance(row, Case) and name in KEPT:
            continue
        held = fold.value_at(plain, path, sets)
        if name == "clocks":
            back[path] = (held, _clock_back(path, held, was, now))
        elif name in COUNTED:
            back[path] = (held, max(0, (held or 0) - (now or 0) + (was or 0)) or None)
        else:
            _unmoved(row, path, held, now)
            back[path] = (held, was)
    restored = fold.build(row.NAME, fold.patch(plain, back, sets))
    if not (isinstance(row, Case) and isinstance(restored, Case)):
        return restored
    if change.verb == "Merge" and "severity" in back:  # others that it absorbed still count
        restored = replaced(restored, severity=min([restored.severity, *restored.absorbed.values()]))
    return _given(row, with_own_severity(row, restored), work)


def _unmoved(row: Entity, path: str, held: Any, now: Any) -> None:
    """Refuse where a field is not what the operation made it."""
    name, dot, _ = path.partition(".")
    if held is None and not dot:
        held = fold.default(type(row), name)
    need(fold.alike(held, now), "stale", "{field} was changed since.",
         "Look at the timeline, then set it by its own key.", fields=(name,), field=words(name))  # fmt: skip


def _clock_back(path: str, held: Any, was: Any, now: Any) -> Any:
    """A clock as it was before the operation; as it is where only time moved it then, or something else since.

    One that was taken over from an absorbed case goes back to that case.
    """
    if not _clock_moved(was, now):
        return held
    taken_over = was is None and "@" in path
    return was if taken_over or not _clock_moved(held, now) else held


def _clock_moved(one: Any, other: Any) -> bool:
    """Whether two clocks differ by more than what time alone does to them."""
    steady = [
        clock and msgspec.structs.replace(clock, rung=0, breached_at=None)
        for clock in (msgspec.convert(each, Clock | None) for each in (one, other))
    ]
    return steady[0] != steady[1]


def _given(before: Case, after: Case, work: Work) -> Case:
    """A case that is given back to somebody: not to a recused person, and a live claim under a new fence.

    Only a case in review has a claim: where somebody claimed it since, it does not go back to another status.
    """
    if after.owner != before.owner:
        not_recused(after.owner, after)
    if after.lease is not None and after.status != "in_review":
        need(live_lease(after, work.ctx.now) is None, "stale", "{ref} was claimed since.",
             "Give the claim back, then undo.", ref=after.ref)  # fmt: skip
        return replaced(after, lease=None)
    lease = after.lease
    if lease is None or lease == before.lease:
        return after
    if live_lease(after, work.ctx.now) is not None:
        not_recused(lease.person, after)
    elif lease.person in after.recused:
        return replaced(after, lease=None)  # it has run out, and is not theirs to have back
    elif lease.fence == before.fence:
        return after  # it has run out, and nobody claimed since
    fence = before.fence + 1
    return replaced(after, fence=fence, lease=msgspec.structs.replace(lease, fence=fence))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {Undo: undo}
