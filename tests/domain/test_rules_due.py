"""What time alone does: claims run out, snoozes end, clocks climb, each rung once however long nobody looked."""

from __future__ import annotations

from desk import DAY, HOUR, MINUTE, NOW, SYSTEM, Desk, Told

from escaltui.domain import operations as ops
from escaltui.domain.changes import State
from escaltui.domain.rules.due import due


def climbs(log: list[Told], clock: str) -> list[tuple[int, int]]:
    """The rungs that a clock's changes told, as (from, to)."""
    told = [each.fields[f"clocks.{clock}"] for each in log if f"clocks.{clock}" in each.fields]
    steps = [((was or {}).get("rung", 0), (now or {}).get("rung", 0)) for was, now in told]
    return [step for step in steps if step[0] != step[1]]


def test_nothing_is_owed_before_its_time() -> None:
    desk = Desk()
    case = desk.open(severity=2)
    at = desk.case(case).next_event
    assert at == NOW + HOUR // 2
    desk.now = at - 1
    assert desk.tick() == []
    desk.now = at
    assert desk.tick() == [case]
    assert desk.tick() == []


def test_a_claim_runs_out() -> None:
    desk = Desk()
    case = desk.held()
    desk.now += 15 * MINUTE - 1
    assert desk.tick() == []
    desk.now += 1
    assert desk.tick() == [case]
    found = desk.case(case)
    assert (found.lease, found.status, found.owner, found.fence) == (None, "in_review", "ada", 1)
    desk.do(ops.Claim(case=case), "grace")


def test_a_renewed_claim_does_not() -> None:
    desk = Desk()
    case = desk.held()
    for _ in range(4):
        desk.now += 10 * MINUTE
        desk.do(ops.RenewLease(case=case))
        desk.tick()
        assert desk.case(case).lease is not None


def test_a_snooze_ends_where_it_began() -> None:
    desk = Desk()
    held, idle = desk.held(), desk.open()
    desk.do(ops.Triage(case=idle))
    for case in (held, idle):
        desk.do(ops.Wait(case=case, until=desk.now + HOUR))
    desk.now += HOUR
    assert set(desk.tick()) == {held, idle}
    assert (desk.case(held).status, desk.case(idle).status) == ("in_review", "triaged")
    assert desk.case(held).waiting is None


def test_waiting_without_a_time_lasts() -> None:
    desk = Desk()
    case = desk.held()
    desk.do(ops.Wait(case=case, on="requester"))
    desk.now += 30 * DAY
    desk.tick()
    assert desk.case(case).status == "waiting"


def test_each_rung_is_told_once_as_time_goes() -> None:
    desk = Desk()
    case = desk.open(severity=2)
    for _ in range(40):
        desk.now += 5 * MINUTE
        desk.tick()
    assert climbs(desk.log, "ack") == [(0, 50), (50, 75), (75, 90), (90, 100)]
    assert desk.case(case).clocks["ack"].breached_at == NOW + HOUR


def test_each_rung_is_reached_once_after_three_days_off() -> None:
    desk = Desk()
    case = desk.open(severity=2)
    desk.now += 3 * DAY
    assert desk.tick() == [case]
    assert desk.tick() == []
    assert climbs(desk.log, "ack") == [(0, 100)]
    assert climbs(desk.log, "decision") == [(0, 100)]
    desk.now += DAY
    desk.tick()
    assert len(climbs(desk.log, "ack")) == 1


def test_an_asked_time_of_an_authority_comes_to_the_front_by_time_alone() -> None:
    desk = Desk()
    case = desk.open(case_type="court_order", severity=3)
    desk.do(ops.RecordAsked(case=case, words="by tonight", instant=NOW + 9 * HOUR))
    assert desk.case(case).near == 1
    desk.now = NOW + 5 * HOUR
    desk.tick()
    assert desk.case(case).near == 0


def test_what_is_owed_first_comes_first() -> None:
    desk = Desk()
    late, later = desk.open(severity=0), desk.open(severity=3)
    desk.now += 3 * DAY
    assert [op.case for op in due(State(dict(desk.rows)), desk.context("system", SYSTEM))] == [late, later]  # type: ignore[attr-defined]
    assert desk.tick() == [late, later]


def test_a_finished_case_owes_nothing() -> None:
    desk = Desk()
    case = desk.held()
    desk.do(ops.Dismiss(case=case, reason="spam"))
    merged = desk.held()
    desk.do(ops.Merge(case=merged, into=desk.open(severity=4)))
    desk.now += 99 * DAY
    assert not {case, merged} & set(desk.tick())
