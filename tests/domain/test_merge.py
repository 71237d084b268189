"""Merge and unmerge: nothing copied, nothing lost, all of it taken back."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
from desk import DAY, HOUR, LEAD, MINUTE, NOW, Desk, in_status
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.domain import operations as ops
from escaltui.domain.clock import At, Clock
from escaltui.domain.entities import Case
from escaltui.domain.transitions import STATUSES, WORKING

LEVELS = st.integers(0, 4)


def asked(desk: Desk, case: str, hours: int) -> None:
    desk.do(ops.RecordAsked(case=case, words=f"within {hours} hours", instant=desk.now + hours * HOUR))


def plainly(case: Case) -> dict[str, Any]:
    """A case without what counts, is derived, or never goes back."""
    kept = {"rev", "fence", *Case.DERIVED}
    return {name: value for name, value in msgspec.structs.asdict(case).items() if name not in kept}


def test_the_survivor_takes_the_worse_severity_and_the_times_set_from_outside() -> None:
    desk = Desk()
    one, two = desk.held(severity=1), desk.open(severity=3)
    asked(desk, one, 6)
    desk.put(one, clocks=desk.case(one).clocks | {"art9": Clock("statutory", "art9", NOW, At(NOW + DAY))})
    asked(desk, two, 9)
    desk.do(ops.Merge(case=one, into=two))
    gone, survivor = desk.case(one), desk.case(two)
    assert (gone.status, gone.merged_into, gone.lease, gone.waiting) == ("merged", two, None, None)
    assert (survivor.severity, survivor.absorbed, survivor.status) == (1, {one: 1}, "new")
    assert {key for key, clock in survivor.clocks.items() if clock.running} == {
        "ack", "decision", "resolve", "asked:1", f"asked:1@{gone.ref}", f"art9@{gone.ref}",
    }  # fmt: skip
    assert survivor.next_due == NOW + 15 * MINUTE
    assert survivor.clocks[f"asked:1@{gone.ref}"].due == At(NOW + 6 * HOUR)
    assert not any(clock.running for clock in gone.clocks.values())


def test_the_milder_case_changes_no_severity() -> None:
    desk = Desk()
    one, two = desk.open(severity=4), desk.open(severity=0)
    desk.do(ops.Merge(case=one, into=two))
    assert desk.case(two).severity == 0
    desk.do(ops.Unmerge(case=one))
    assert (desk.case(one).severity, desk.case(two).severity) == (4, 0)


def test_a_case_is_not_merged_into_itself() -> None:
    desk = Desk()
    case = desk.open()
    assert desk.no("invalid", ops.Merge(case=case, into=case)).mend.fields == ("into",)


def test_only_a_case_at_work_absorbs() -> None:
    for status in STATUSES:
        desk = Desk()
        case, into = desk.open(), in_status(desk, status)
        op = ops.Merge(case=case, into=into)
        if status in WORKING:
            desk.do(op)
        else:
            assert desk.case(into).ref in desk.no("wrong_state", op).reason


def test_the_survivor_is_as_sensitive_or_more() -> None:
    order = ("normal", "restricted", "privileged")
    for (low, one), (high, two) in itertools.product(enumerate(order), enumerate(order)):
        desk = Desk()
        case, into = desk.open(), desk.open()
        desk.put(case, sensitivity=one)
        desk.put(into, sensitivity=two)
        if high >= low:
            desk.do(ops.Merge(case=case, into=into))
        else:
            desk.no("blocked", ops.Merge(case=case, into=into))


def test_a_survivor_that_is_not_here_is_not_found() -> None:
    desk = Desk()
    desk.no("not_found", ops.Merge(case=desk.open(), into="nowhere"))


def test_unmerge_gives_back_fields_and_clocks_as_if_they_had_run_on() -> None:
    desk = Desk()
    one, two = desk.open(severity=2), desk.open(severity=3)
    asked(desk, one, 6)
    first, second = desk.case(one), desk.case(two)
    desk.now += HOUR
    desk.do(ops.Merge(case=one, into=two))
    desk.now += HOUR
    desk.do(ops.Unmerge(case=one), "grace")
    back, survivor = desk.case(one), desk.case(two)
    assert {key: (c.state, c.due) for key, c in back.clocks.items()} == {
        key: (c.state, c.due) for key, c in first.clocks.items()
    }
    assert back.clocks["ack"].rung == 100
    assert (back.status, back.merged_into, back.merged_was, back.severity) == ("new", "", "", 2)
    assert (survivor.severity, survivor.absorbed, survivor.severity_alone) == (3, {}, None)
    assert survivor.clocks.keys() == second.clocks.keys()
    assert survivor.clocks["decision"].due == second.clocks["decision"].due


def test_a_case_at_work_comes_back_triaged() -> None:
    desk = Desk()
    case = desk.held()
    desk.do(ops.Wait(case=case, on="legal"))
    desk.do(ops.Merge(case=case, into=desk.open()))
    desk.do(ops.Unmerge(case=case))
    found = desk.case(case)
    assert (found.status, found.owner, found.waiting) == ("triaged", "ada", None)


def test_no_unmerge_from_a_closed_or_merged_survivor() -> None:
    desk = Desk()
    one, two, three = desk.open(), desk.held(), desk.open()
    desk.do(ops.Merge(case=one, into=two))
    desk.do(ops.Merge(case=two, into=three))
    assert "Unmerge" in desk.no("wrong_state", ops.Unmerge(case=one)).mend.text
    desk.do(ops.Unmerge(case=two))
    desk.do(ops.Dismiss(case=two, reason="spam"))
    desk.do(ops.Close(case=two, root_cause="none"))
    assert "Reopen" in desk.no("wrong_state", ops.Unmerge(case=one)).mend.text
    desk.do(ops.Reopen(case=two, reason="error"))
    desk.do(ops.Unmerge(case=one))


def test_a_severity_that_was_set_by_hand_stays() -> None:
    desk = Desk()
    one, two = desk.open(severity=1), desk.open(severity=3)
    desk.do(ops.Merge(case=one, into=two))
    desk.do(ops.SetSeverity(case=two, severity=2, reason="not so bad"))
    desk.do(ops.Unmerge(case=one))
    assert desk.case(two).severity == 2


@given(LEVELS, st.lists(LEVELS, min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_in_whatever_order_cases_leave_the_survivor_has_what_the_others_bring(
    own: int, levels: list[int], order: Any
) -> None:
    desk = Desk()
    into = desk.open(severity=own)
    inside = {desk.open(severity=level): level for level in levels}
    for case in inside:
        desk.do(ops.Merge(case=case, into=into))
    leaving = list(inside)
    order.shuffle(leaving)
    for case in leaving:
        assert desk.case(into).severity == min(own, *inside.values())
        desk.do(ops.Unmerge(case=case))
        inside.pop(case)
        if not inside:
            break
    assert (desk.case(into).severity, desk.case(into).absorbed) == (own, {})


@given(st.integers(0, 10 * 1440), st.integers(0, 10 * 1440), LEVELS, LEVELS)
@settings(max_examples=60, deadline=None)
def test_merge_and_its_undo_leave_both_as_they_were(before: int, after: int, one_level: int, two_level: int) -> None:
    desk = Desk()
    one, two = desk.held(severity=one_level), desk.open(severity=two_level)
    asked(desk, one, 6)
    desk.do(ops.Wait(case=one, on="requester"))
    desk.now += before * MINUTE
    desk.tick()
    first, second = plainly(desk.case(one)), plainly(desk.case(two))
    desk.do(ops.Merge(case=one, into=two))
    merge = desk.last
    desk.now += after * MINUTE
    desk.tick()
    desk.undo(merge)
    for was, case in ((first, one), (second, two)):
        now = plainly(desk.case(case))
        clocks, earlier = now.pop("clocks"), dict(was).pop("clocks")
        assert now == {name: value for name, value in was.items() if name != "clocks"}
        assert {key: _still(clock) for key, clock in clocks.items()} == {k: _still(c) for k, c in earlier.items()}


def _still(clock: Clock) -> Clock:
    return msgspec.structs.replace(clock, rung=0, breached_at=None)


def test_a_merge_is_not_undone_where_it_could_not_be_unmerged() -> None:
    desk = Desk()
    one, two = desk.open(), desk.held()
    desk.do(ops.Merge(case=one, into=two))
    merge = desk.last
    desk.do(ops.Dismiss(case=two, reason="spam"))
    desk.do(ops.Close(case=two, root_cause="none"))
    desk.no("wrong_state", ops.Undo(operation=merge))


def test_an_unmerge_is_not_undone_into_a_case_that_is_past_work() -> None:
    desk = Desk()
    one, two = desk.open(), desk.held()
    desk.do(ops.Merge(case=one, into=two))
    desk.do(ops.Unmerge(case=one))
    unmerge = desk.last
    desk.undo(unmerge)
    assert (desk.case(one).status, desk.case(two).absorbed) == ("merged", {one: 3})
    desk.do(ops.Unmerge(case=one))
    unmerge = desk.last
    desk.do(ops.Dismiss(case=two, reason="spam"))
    desk.no("wrong_state", ops.Undo(operation=unmerge))


def test_the_undo_of_one_merge_leaves_what_the_others_bring() -> None:
    desk = Desk()
    one, other, into = desk.open(severity=1), desk.open(severity=2), desk.open(severity=4)
    desk.do(ops.Merge(case=one, into=into))
    merge = desk.last
    desk.do(ops.Merge(case=other, into=into))
    desk.undo(merge)
    assert (desk.case(into).severity, desk.case(into).absorbed) == (2, {other: 2})
    desk.do(ops.Unmerge(case=other), "grace", LEAD)
    assert desk.case(into).severity == 4
