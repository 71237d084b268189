"""What holds after every step, whatever people do: random stories, checked all the way."""

from __future__ import annotations

import os
import random
from typing import Any

from desk import NOW, Desk, Wild
from hypothesis import example, given, settings
from hypothesis import strategies as st

from escaltui.domain import clocks, priority
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Case, Link, Note, Report, Subject
from escaltui.domain.rules.gate import VERBS
from escaltui.domain.transitions import OPEN, STATUSES, TABLE, target

THOROUGH = bool(os.environ.get("ESCALTUI_THOROUGH"))
STORIES, STEPS = (1000, 50) if THOROUGH else (60, 50)
FREE_MOVES = {
    "Release": {("in_review", "triaged")},
    "SettleCase": {("waiting", "triaged"), ("waiting", "in_review")},
    "LinkReport": {("waiting", "triaged"), ("waiting", "in_review")},
}
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
    assert (case.status in OPEN) or not any(clock.running for clock in case.clocks.values())


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
    kept = was.merged_was if verb == "unmerge" else was.waiting.was if was.waiting else "triaged"
    if verb is not None:
        assert was.status in TABLE[verb].sources
        assert now.status == target(was.status, verb, kept)
    else:
        assert (was.status, now.status) in FREE_MOVES.get(name, LET_GO)


@given(st.integers(0, 2**48))
@example(451925)  # an undone wake met a claim
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
