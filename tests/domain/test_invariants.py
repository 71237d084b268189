"""What holds after every step, whatever people do: random stories, checked all the way."""

from __future__ import annotations

import os
import random
from typing import Any

from desk import NOW, Desk
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wild import Wild

from escaltui.domain import clocks, priority
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import DISCLOSED, TERMINATIONS, Action, Decision, content_sha256, effective_lines
from escaltui.domain.entities import Case, Link, Note, Report, Subject
from escaltui.domain.rules.gate import VERBS
from escaltui.domain.transitions import OPEN, STATUSES, TABLE, target

THOROUGH = bool(os.environ.get("ESCALTUI_THOROUGH"))
STORIES, STEPS = (1000, 50) if THOROUGH else (60, 50)
WOKEN = {("waiting", "triaged"), ("waiting", "in_review")}
FREE_MOVES = {
    "Release": {("in_review", "triaged")},
    "SettleCase": WOKEN,
    "LinkReport": WOKEN,
    "AnswerConsult": WOKEN,
    "DeclineConsult": WOKEN,
    "WithdrawConsult": WOKEN,
    "OfferAnswer": WOKEN,
    "RecordInbound": WOKEN,
    "AskConsult": {("triaged", "waiting"), ("in_review", "waiting")},
    "ProposeDecision": {("in_review", "pending_approval"), ("in_review", "decided")},
    "EnforceDecision": {("decided", "enforcing"), ("decided", "resolved")},
    "RecordActionResult": {("enforcing", "resolved"), ("enforcing", "decided")},
    "RetryAction": {("decided", "enforcing")},
    "WaiveAction": {("enforcing", "resolved"), ("enforcing", "decided"), ("decided", "resolved")},
    "ReviewDecision": {(status, "triaged") for status in ("enforcing", "decided", "resolved", "closed")}
    | {("decided", "in_review")},
}
"""Moves that operations make by other rows of the table than one of their own name; a review that disagrees ends a case
and opens it again at once (`settle` or `resolve`, then `reopen`)."""
OUTLIVES = ("expiry", "promise")
"""Clocks that run on when a case is resolved: data is kept, and what was promised is owed."""
LET_GO = {("in_review", "triaged")}
"""Assign, Skip and Recuse let a claim go: the row `release`."""


def check_case(case: Case, desk: Desk) -> None:
    """What holds of any case."""
    assert case.status in STATUSES
    assert (case.waiting is not None) == (case.status == "waiting")
    lease = case.lease
    assert lease is None or case.status == "in_review"
    assert lease is None or lease.expires_at <= desk.now or lease.fence == case.fence
    assert case.lease is None or case.lease.person not in case.recused
    assert not case.owner or case.owner not in case.recused
    assert 0 <= case.severity <= 4
    assert 0 < len(case.title) <= 200
    assert sum(case.items.values()) == len(case.subjects)
    assert all(count > 0 for count in case.items.values())
    subjects = [desk.rows["subject", key] for key in case.subjects]
    assert case.reach >= 0
    assert {row.item_type for row in subjects if isinstance(row, Subject)} == set(case.items)
    for names in (case.tags, case.flags, case.countries, case.languages, case.watchers, case.recused):
        assert list(names) == sorted(set(names))
        assert "" not in names
    assert (case.status in OPEN) or not any(
        clock.running for clock in case.clocks.values() if clock.kind not in OUTLIVES
    )


def check_decisions(desk: Desk) -> None:
    """One effective line a subject; nobody's own approval; nothing sent in the undo window."""
    for case in desk.of(Case):
        assert case.hold_until is None or case.status == "decided"
        assert not case.decision or ("decision", case.decision) in desk.rows
        assert len(desk.of(Decision, case=case.id, state="effective")) <= 1
    for row in desk.of(Decision):
        named = [key for line in row.lines for key in line.covers]
        assert len(named) == len(set(named))
        assert sum(not line.covers for line in row.lines) <= 1
        assert set(row.subjects) <= set(effective_lines(row.lines, row.subjects))
        people = [each.person for each in row.approvals]
        assert row.proposed_by not in people
        assert len(people) == len(set(people))
        assert content_sha256(row) == row.content_sha256
        if row.state in ("effective", "superseded"):
            assert row.approval != "pending"
            assert row.approval != "approved" or not row.lacks
    for act in desk.of(Action):
        decision = desk.rows["decision", act.decision]
        assert isinstance(decision, Decision)
        sent = act.state not in ("planned", "cancelled")
        assert not sent or decision.state in ("effective", "superseded")
        if sent and (act.kind in TERMINATIONS or act.kind == DISCLOSED):
            assert decision.approval in ("approved", "returned")
            assert {each.role for each in decision.approvals} & {"lead", "counsel", "lead_or_counsel"}


def check_disclosed(found: Any, before: dict[Any, Any]) -> None:
    """Data goes on its way on a verified report alone."""
    for change in found:
        row = before.get((change.entity, change.entity_id))
        if isinstance(row, Action) and row.kind == DISCLOSED and change.fields.get("state", ("", ""))[1] == "queued":
            reports = [each for each in before.values() if isinstance(each, Report) and each.case == row.case]
            assert any(each.verification.state == "verified" for each in reports)


def check_merges(desk: Desk) -> None:
    """Who is absorbed and who absorbs agree."""
    for case in desk.of(Case):
        assert (case.status == "merged") == bool(case.merged_into)
        if case.merged_into:
            assert case.id in desk.case(case.merged_into).absorbed
        assert all(desk.case(key).merged_into == case.id for key in case.absorbed)
        assert case.severity_alone is not None or not case.absorbed


def check_desk(desk: Desk) -> None:
    """What holds of all rows together."""
    for case in desk.of(Case):
        check_case(case, desk)
    check_merges(desk)
    check_decisions(desk)
    cases, reports, subjects = desk.of(Case), desk.of(Report), desk.of(Subject)
    assert len({case.ref for case in cases}) == len(cases)
    keyed = [report.dedupe_key for report in reports if report.dedupe_key]
    assert len(set(keyed)) == len(keyed)
    assert len({(s.platform, s.item_type, s.item_id or s.url) for s in subjects}) == len(subjects)
    live = [(link.source, link.target, link.kind) for link in desk.of(Link, withdrawn=False)]
    assert all(source != target for source, target, _ in live)
    for note in desk.of(Note):
        assert not note.superseded_by or desk.of(Note, id=note.superseded_by)[0].supersedes == note.id
    assert {report.case for report in reports} - {""} <= {case.id for case in cases}


def check_step(op: Any, found: Any, before: dict[Any, Any], desk: Desk, logged: int) -> None:
    """What one operation may do."""
    if isinstance(found, Refused):
        assert (desk.rows, len(desk.log)) == (before, logged)
        return
    assert len(desk.log) == logged + len(found)
    check_disclosed(found, before)
    for change in found:
        key = (change.entity, change.entity_id)
        was, now = before.get(key), desk.rows[key]
        assert now.rev == (was.rev if was else 0) + (1 if change.fields else 0)
        assert change.action != "created" or was is None
        if isinstance(now, Case) and isinstance(was, Case):
            assert now.fence >= was.fence
            assert now.fence - was.fence <= 1
            check_move(type(op).__name__, type(op), was, now)


def check_move(name: str, kind: type[Any], was: Case, now: Case) -> None:
    """A status moves along the table only."""
    if was.status == now.status or name == "Undo":
        return
    verb = VERBS.get(kind)
    if verb == "approve" and was.status == now.status:
        return
    kept = was.merged_was if verb == "unmerge" else was.waiting.was if was.waiting else "triaged"
    if verb is not None and name != "ProposeDecision":
        assert was.status in TABLE[verb].sources
        assert now.status == target(was.status, verb, kept)
    else:
        assert (was.status, now.status) in FREE_MOVES.get(name, LET_GO)


@given(st.integers(0, 2**48))
@example(451925)  # an undone wake met a claim
@example(36637881404938)  # an undone claim gave an ended one back to somebody recused since
@settings(max_examples=STORIES, deadline=None)
def test_what_always_holds(seed: int) -> None:
    desk = Desk()
    for _ in range(3):
        desk.open(report=desk.report(requester_name="Jo Bloggs"))
    wild = Wild(desk, random.Random(seed))
    for _ in range(STEPS):
        before, logged = dict(desk.rows), len(desk.log)
        op, found = wild.step()
        check_step(op, found, before, desk, logged)
        check_desk(desk)
    assert desk.now >= NOW


@given(st.integers(0, 2**48))
@settings(max_examples=20, deadline=None)
def test_after_the_system_did_what_it_owes_it_owes_nothing(seed: int) -> None:
    desk = Desk()
    desk.open()
    wild = Wild(desk, random.Random(seed))
    for _ in range(20):
        wild.step()
        desk.tick()
        assert desk.tick() == []
        for case in desk.of(Case):
            assert case.lease is None or case.lease.expires_at > desk.now
            assert priority.settle(clocks.tick(case, desk.now, desk.context().rules), desk.context().rules) is case
