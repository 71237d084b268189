"""What time alone does to cases: each has its turn, a few at a time or all at once."""

from __future__ import annotations

import pytest

from escaltui.domain.operations import Claim, SettleCase, Triage
from escaltui.store import Who
from escaltui.store import store as store_module


def test_due_settles_what_time_brings(desk):
    case_id = desk.open(severity=1)
    desk.do(Triage(case=case_id))
    desk.do(Claim(case=case_id))
    lease = desk.store.line(case_id)
    assert (lease.status, lease.lease_person) == ("in_review", "ada")
    system = Who("system", frozenset({"system"}), desk.store.device)
    assert desk.store.due(desk.now, desk.rules, system) == frozenset()
    assert desk.store.due(lease.lease_until + 1, desk.rules, system) == {case_id}
    assert desk.store.case(case_id).lease is None
    assert desk.store.changes(case_id=case_id)[-1].verb == SettleCase.__name__


def leased(desk):
    case_id = desk.open(severity=1)
    desk.do(Triage(case=case_id))
    desk.do(Claim(case=case_id))
    return case_id, desk.store.line(case_id).lease_until + 1


@pytest.mark.parametrize("limit", [1, 2])
def test_due_goes_on_behind_cases_that_never_change(desk, monkeypatch, limit):
    system = Who("system", frozenset({"system"}), desk.store.device)
    stuck, (case_id, later) = [desk.open() for _ in range(4)], leased(desk)
    sql = f"UPDATE cases SET next_event = 1 WHERE id IN ({', '.join('?' * 4)})"
    desk.store.write(lambda connection: connection.execute(sql, stuck) and None)
    rounds = [desk.store.due(later, desk.rules, system, limit) for _ in range(9)]
    assert max(map(len, rounds)) <= limit
    assert case_id in frozenset().union(*rounds[: 4 // limit + 1])
    assert desk.store.case(case_id).lease is None


def test_due_without_a_limit_settles_all_in_several_transactions(desk, monkeypatch):
    monkeypatch.setattr(store_module, "DUE_AT_ONCE", 2)
    system = Who("system", frozenset({"system"}), desk.store.device)
    cases = [leased(desk) for _ in range(5)]
    later = max(later for _, later in cases)
    assert desk.store.due(later, desk.rules, system) == {case_id for case_id, _ in cases}
    assert all(desk.store.case(case_id).lease is None for case_id, _ in cases)
