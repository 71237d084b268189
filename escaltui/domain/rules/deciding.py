"""Deciding: a decision proposed, whole and with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from escaltui.domain.crisis import Ruling
from escaltui.domain.decisions import DISCLOSED, LEGAL, OVERTURNING, Decision, content_sha256, decided_subjects
from escaltui.domain.entities import Case, Subject
from escaltui.domain.exchange import Consult
from escaltui.domain.operations import ProposeDecision
from escaltui.domain.rules import lines
from escaltui.domain.rules.agreement import agreement, disclosure_allowed, kinds_of
from escaltui.domain.rules.flaws import Flaw, refuse_missing, refuse_wrong
from escaltui.domain.rules.guards import live_lease, not_recused
from escaltui.domain.rules.planning import (
    NEVER_DONE,
    appealed_of,
    compensated,
    decide,
    decisions_of,
    reach_of,
    shown,
    standing,
)
from escaltui.domain.rules.reading import acknowledged
from escaltui.domain.rules.status import target
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import said, words

ANSWERED = frozenset({"answered", "withdrawn"})


def may_propose(op: ProposeDecision, work: Work) -> None:
    """Refuse somebody recused, and on an appeal who decided or approved what is appealed."""
    case = work.case(op.case)
    not_recused(work.ctx.actor, case)
    not_its_judge(case, work)


def not_its_judge(case: Case, work: Work) -> None:
    """Refuse whoever decided or approved the decision that a case appeals."""
    appealed, _ = appealed_of(case, work)
    need(appealed is None or work.ctx.actor not in appealed.deciders, "recused",
         "{who} decided what is appealed here.", "Assign it to another.", who=work.ctx.actor)  # fmt: skip


def propose(op: ProposeDecision, work: Work) -> None:
    """Decide: approval is asked for where a rule wants it before; else it takes effect after the undo window."""
    case, ctx = work.case(op.case), work.ctx
    lease = live_lease(case, ctx.now)
    need(lease is not None and lease.person == ctx.actor, "lost_claim", "Your claim on {ref} has run out.",
         "Claim it again, then decide; the draft is kept.", ref=case.ref)  # fmt: skip
    refuse_missing((*_lacks(op, case, work), *lines.missing(op.lines, case, work)))
    refuse_wrong((*_wrong(op, case, work), *lines.wrong(op.lines, case, work)))
    acknowledged(op.lines, case, work)
    decision = _drafted(op, case, work)
    disclosure_allowed(DISCLOSED in kinds_of(decision, work), case, work)
    refuse_missing(_unsettled(op, decision, case, work))
    asked = agreement(case, decision, work)
    held = asked.mode == "before"
    consults_answered(op.consults, case, work, all_required=not held)
    approval = {"none": "none", "before": "pending", "after": "review_due"}[asked.mode]
    decision = msgspec.structs.replace(
        decision, approval=approval, needs=asked.needs, rules_matched=asked.rules, review_by=asked.review_by
    )
    case = msgspec.structs.replace(case, status=target(case, "propose_held" if held else "propose"), lease=None)
    if not held:
        decision, case = decide(decision, case, work)
    work.put(decision)
    work.put(shown(case, decision, work), "proposed" if held else "decided")


def _drafted(op: ProposeDecision, case: Case, work: Work) -> Decision:
    """The decision as its author wants it. A new one on a case supersedes the one in force there.

    What takes back the deeds of an earlier decision reverses it, whether its author says so or not.
    """
    now, actor, before = work.ctx.now, work.ctx.actor, standing(case, work)
    draft = Decision(
        id=work.new_id(), stream=case.stream, created_at=now, created_by=actor, case=case.id, lines=op.lines,
        facts=op.facts, rationale=op.rationale, spirit=op.spirit, precedents=op.precedents, departs=op.departs,
        departure_reason=op.departure_reason, consults=op.consults, appeal_outcome=op.appeal_outcome, kept=op.kept,
        reverses=op.reverses or (case.appeal.decision if case.appeal and op.appeal_outcome in OVERTURNING else ""),
        supersedes=before.id if before else "", subjects=decided_subjects(case.subjects), proposed_by=actor,
        proposed_at=now,
    )  # fmt: skip
    undone = next(iter(compensated(draft, case, work).values()), "")
    draft = msgspec.structs.replace(draft, reach=reach_of(draft, work), reverses=draft.reverses or undone)
    draft = msgspec.structs.replace(draft, ruling=applied(op, draft, case, work))
    return msgspec.structs.replace(draft, content_sha256=content_sha256(draft))


def applied(op: ProposeDecision, draft: Decision, case: Case, work: Work) -> str:
    """The standing call of its incident that a decision applies unchanged, while that holds; "" for any other.

    Its one line is the call's, and nothing else wants a yes: no purpose over a letter, no appeal, nothing reversed.
    """
    ruling = work.find(Ruling, op.ruling) if op.ruling else None
    if ruling is None or not case.incident or ruling.incident != case.incident or not ruling.holds(work.ctx.now):
        return ""
    more = draft.spirit or draft.departs or draft.appeal_outcome or draft.reverses or draft.kept
    return "" if more or draft.lines != (ruling.line,) else ruling.id


def _lacks(op: ProposeDecision, case: Case, work: Work) -> Iterator[Flaw]:
    """What the decision as a whole lacks."""
    if case.type not in work.ctx.rules.types:
        yield Flaw("type", said("type"), said("type (approval and clocks go by it)"))
    if not op.rationale.strip():
        legal = [line.outcome for line in op.lines if line.outcome in LEGAL and line.own_policy == "not_asked"]
        unasked = said("rationale (it says why our own policy was not asked)")
        yield Flaw("rationale", said("rationale"), unasked if legal else said("rationale (every decision says why)"))
    if op.departs and not op.departure_reason.strip():
        yield Flaw("departure_reason", said("reason for departing"),
                   said("reason for departing (like cases ended otherwise)"))  # fmt: skip
    if case.appeal is not None and not op.appeal_outcome:
        yield Flaw("appeal_outcome", said("outcome of the appeal"), said("outcome of the appeal (this case is one)"))


def _unsettled(op: ProposeDecision, decision: Decision, case: Case, work: Work) -> Iterator[Flaw]:
    """What an overturned decision did to the items of this appeal that is neither taken back nor expressly kept."""
    if op.appeal_outcome not in OVERTURNING:
        return
    _, deeds = appealed_of(case, work)
    back = compensated(decision, case, work)
    for deed in deeds:
        if deed.state in NEVER_DONE or deed.id in back or op.kept.get(deed.id, "").strip():
            continue
        if deed.subject in case.subjects or not deed.subject:
            item = work.find(Subject, deed.subject)
            name = item.item_id or item.url if item is not None else case.ref
            yield Flaw(
                "kept",
                said("what becomes of {action} ({item})", action=deed.name, item=name),
                said("restore what {action} did to {item}, or say why it is kept", action=deed.name, item=name),
            )


def _wrong(op: ProposeDecision, case: Case, work: Work) -> Iterator[Flaw]:
    """What the decision as a whole names and must not."""
    if op.appeal_outcome and case.appeal is None:
        yield Flaw("appeal_outcome", said("{ref} is no appeal", ref=case.ref), said("leave its outcome out"))
    appealed, deeds = appealed_of(case, work)
    if op.appeal_outcome == "overturned" and appealed is not None and set(appealed.subjects) - set(case.subjects):
        yield Flaw("appeal_outcome", said("this appeal is about some of the decision's items only"),
                   said("choose partly_overturned: the rest of it stays in force"))  # fmt: skip
    if set(op.kept) - {deed.id for deed in deeds}:
        yield Flaw("kept", said("something is kept that the appealed decision did not do"), said("leave it out"))
    known = {row.id for row in decisions_of(case.id, work) if row.state == "effective"}
    if op.reverses and op.reverses not in known | ({appealed.id} if appealed else set()):
        yield Flaw("reverses", said("what is reversed is not in force on this case, nor appealed here"),
                   said("reopen the case that decided it, or open an appeal"))  # fmt: skip
    if op.supersedes and op.supersedes not in known:
        yield Flaw("supersedes", said("what is superseded is not in force on this case"), said("leave it out"))
    consults = {row.id for row in work.state.list("consults", case.id)}
    if set(op.consults) - consults:
        yield Flaw("consults", said("a consult is cited that is not on this case"), said("cite one of this case"))


def consults_answered(cited: tuple[str, ...], case: Case, work: Work, *, all_required: bool) -> None:
    """Refuse while a cited consult, or one whose approval is required, has no answer."""
    rows: list[Consult] = [row for row in work.state.list("consults", case.id) if isinstance(row, Consult)]
    unanswered = [row for row in rows if row.id in cited and row.state != "answered"]
    need(not unanswered, "blocked", "The decision cites a question that has no answer: {teams}.",
         "Wait for the answer, or do not cite it.", fields=("consults",),
         teams=", ".join(row.team for row in unanswered))  # fmt: skip
    required = [row for row in rows if row.binding == "approval_required" and row.state not in ANSWERED]
    need(not (required and all_required), "blocked", "The approval of {teams} is asked for and not given.",
         "Wait for the answer, or withdraw the question.", teams=words(*(row.team for row in required)))  # fmt: skip


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {ProposeDecision: propose}
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {ProposeDecision: may_propose}
