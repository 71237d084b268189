"""The order of the queue as operations make it."""

from __future__ import annotations

from desk import DAY, HOUR, NOW, Desk

from escaltui.domain import operations as ops


def queue(desk: Desk) -> list[str]:
    from escaltui.domain.entities import Case

    cases = sorted(desk.of(Case), key=lambda case: (case.lane, case.near, case.start_by, case.id))
    return [case.id for case in cases]


def test_thirty_late_s2_never_stand_above_a_new_s1() -> None:
    desk = Desk()
    late = [desk.open(severity=2, received_at=NOW - day * DAY, flags=("high_profile",)) for day in range(1, 31)]
    desk.now += 3 * DAY
    desk.tick()
    new = desk.open(severity=1)
    assert queue(desk)[0] == new
    assert set(queue(desk)[1:]) == set(late)


def test_a_one_hour_order_is_in_lane_one_from_receipt() -> None:
    desk = Desk()
    report = desk.report("Within one hour.", requester_name="Unit", requester_kind="law_enforcement")
    case = desk.open(report=report, case_type="legal_removal", severity=3)
    desk.do(ops.RecordAsked(case=case, words="within one hour", instant=NOW + HOUR))
    found = desk.case(case)
    assert (found.lane, found.near, found.legal_total) == (1, 0, 60)
    slow = desk.open(case_type="legal_removal", severity=3)
    desk.do(ops.RecordAsked(case=slow, words="within five hours", instant=NOW + 5 * HOUR))
    assert (desk.case(slow).lane, desk.case(slow).near) == (3, 1)


def test_two_nows_give_equal_columns() -> None:
    def columns(wait: int) -> list[tuple[object, ...]]:
        desk = Desk()
        ids = [desk.open(severity=level, received_at=NOW - level * HOUR) for level in range(5)]
        desk.now += wait
        for case in ids:
            desk.do(ops.AddFlag(case=case, flag="media_interest"))
        return [(desk.case(c).lane, desk.case(c).near, desk.case(c).start_by) for c in ids]

    assert columns(0) == columns(HOUR) == columns(9 * DAY)


def test_what_a_case_says_moves_it_forward() -> None:
    desk = Desk()
    case = desk.open(severity=4)
    places = [desk.case(case).start_by]
    from escaltui.domain.operations import NewSubject

    for op in (
        ops.AddFlag(case=case, flag="media_interest"),
        ops.AttachSubject(case=case, subject=NewSubject(item_id="1", reach=10**6)),
        ops.SetSeverity(case=case, severity=2),
    ):
        desk.do(op)
        places.append(desk.case(case).start_by)
    assert places == sorted(places, reverse=True)
    assert len(set(places)) == 4
