"""The cases that somebody answers for: those that a look at each finds, and no walk through all that are open."""

from __future__ import annotations

from escaltui.domain.transitions import OPEN
from escaltui.store import standing


def answers_for(case, person, now):
    held = case.lease is not None and case.lease.person == person and case.lease.expires_at > now
    waits = case.status == "pending_approval" and case.proposed_by == person
    return case.status in OPEN and (case.owner == person or held or waits)


def test_they_are_those_that_a_look_at_each_case_finds(open_demo):
    bench = open_demo(cases=320)
    now = bench.now()
    every = [bench.store.case(key) for key in bench.matching("")]
    kinds = {(bool(case.owner), case.lease is not None and case.lease.expires_at > now) for case in every}
    assert len(kinds) > 2  # the control: some are owned, some held, some neither
    for person in bench.people():
        found = bench.store.read(lambda connection, who=person.login: standing.mine(connection, who, now))
        assert sorted(found) == sorted(case.id for case in every if answers_for(case, person.login, now))


def test_each_is_looked_up(open_demo):
    def plan(connection):
        told = connection.execute(f"EXPLAIN QUERY PLAN {standing._MINE}", ("rmarin", 0, 10)).fetchall()
        return " ".join(row[3] for row in told)

    told = open_demo(cases=1).store.read(plan)
    assert all(name in told for name in ("cases_owner", "cases_lease", "cases_status"))
    assert "SCAN cases" not in told
