"""Requesters who are one: by hand, in chains, never in a circle; taken back while nothing rests on it."""

from __future__ import annotations

from typing import Any

import pytest
from desk import LEAD, Desk
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Requester
from escaltui.domain.rules import accounts

NAMES = ("Police", "Police DE", "Polizei", "The Police", "BKA")


def asker(desk: Desk, name: str) -> str:
    if not desk.of(Requester, name=name):
        desk.report(requester_name=name)
    return str(desk.of(Requester, name=name)[0].id)


def row(desk: Desk, name: str) -> Requester:
    found = desk.of(Requester, name=name)[0]
    assert isinstance(found, Requester)
    return found


def merge(desk: Desk, one: str, into: str, reason: str = "one office") -> ops.MergeRequesters:
    return ops.MergeRequesters(requester=asker(desk, one), into=asker(desk, into), reason=reason)


def test_one_goes_on_under_the_other_which_takes_its_names() -> None:
    desk = Desk()
    desk.do(merge(desk, "Police DE", "Police"))
    assert row(desk, "Police DE").merged_into == row(desk, "Police").id
    assert row(desk, "Police").aliases == ("Police DE",)
    desk.do(merge(desk, "Police", "BKA"))  # a chain: the names of the one before come along
    assert row(desk, "BKA").aliases == ("Police", "Police DE")
    assert row(desk, "Police DE").merged_into == row(desk, "Police").id
    assert {each.reason for each in desk.log if each.verb == "MergeRequesters"} == {"one office"}


def test_what_is_refused() -> None:
    desk = Desk()
    desk.no("incomplete", merge(desk, "Police DE", "Police", reason=" "))
    desk.no("invalid", merge(desk, "Police", "Police"))
    desk.no("not_found", ops.MergeRequesters(requester=asker(desk, "Police"), into="nobody", reason="r"))
    desk.do(merge(desk, "Police DE", "Police"))
    desk.no("stale", merge(desk, "Police DE", "BKA"))  # it goes on elsewhere already
    desk.no("stale", merge(desk, "BKA", "Police DE"))  # nothing goes on under what is gone
    desk.no("stale", merge(desk, "Police", "Police DE"))  # a circle of two
    desk.do(merge(desk, "Police", "BKA"))
    desk.no("stale", merge(desk, "BKA", "Police DE"))  # a circle of three


def test_who_is_seen_by_few_stays_apart() -> None:
    desk = Desk()
    op = merge(desk, "Police DE", "Police")
    few = replace(row(desk, "Police DE"), stream="case:1")
    desk.rows["requester", few.id] = few
    desk.no("blocked", op)
    desk.rows["requester", few.id] = replace(few, stream=row(desk, "Police").stream)
    desk.do(op)  # the control: in one stream it is accepted


def test_a_sender_who_is_protected_stays_so() -> None:
    desk = Desk()
    op = merge(desk, "Police DE", "Police")
    desk.rows["requester", op.requester] = replace(row(desk, "Police DE"), protected=True)
    operation = desk.do(op)
    assert row(desk, "Police").protected
    desk.undo(operation)
    assert not row(desk, "Police").protected


def test_a_report_under_the_old_name_still_comes_to_it() -> None:
    desk = Desk()
    desk.do(merge(desk, "Police DE", "Police"))
    desk.report(requester_name="POLICE  de")
    assert len(desk.of(Requester)) == 2


def test_a_merge_is_taken_back_by_who_made_it_or_a_lead() -> None:
    desk = Desk()
    first = desk.do(merge(desk, "Police DE", "Police"))
    desk.no("not_allowed", ops.Undo(operation=first), "grace")
    desk.undo(first, "grace", LEAD)
    assert (row(desk, "Police DE").merged_into, row(desk, "Police").aliases) == ("", ())
    desk.no("stale", ops.Undo(operation=first))
    desk.do(merge(desk, "Police", "Police DE"))  # now the other way round


def test_in_a_chain_the_last_merge_is_taken_back_first() -> None:
    desk = Desk()
    first = desk.do(merge(desk, "Police DE", "Police"))
    second = desk.do(merge(desk, "Police", "BKA"))
    refused = desk.no("stale", ops.Undo(operation=first))
    assert refused.mend.text == "Take that back first."
    desk.undo(second)
    desk.undo(first)
    assert [each.aliases for each in desk.of(Requester)] == [(), (), ()]
    assert not any(each.merged_into for each in desk.of(Requester))


def test_without_that_check_a_name_would_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the name of who left stays with who took it over."""
    from escaltui.domain.rules import undo

    desk = Desk()
    first = desk.do(merge(desk, "Police DE", "Police"))
    desk.do(merge(desk, "Police", "BKA"))
    monkeypatch.setattr(undo, "may_part", lambda row, changed: None)
    desk.undo(first)
    assert row(desk, "BKA").aliases == ("Police", "Police DE")
    assert accounts.may_part is not undo.may_part  # type: ignore[attr-defined]


def ends(desk: Desk, requester: Any) -> str:
    seen = []
    while requester.merged_into:
        seen.append(requester.id)
        requester = desk.rows["requester", requester.merged_into]
        assert requester.id not in seen, "a circle"
    return str(requester.id)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans()), max_size=12))
def test_whatever_is_merged_and_taken_back_there_is_no_circle_and_no_name_is_lost(
    steps: list[tuple[str, str, bool]],
) -> None:
    desk = Desk()
    for name in NAMES:
        asker(desk, name)
    made: list[str] = []
    for one, into, back in steps:
        op: Any = ops.Undo(operation=made.pop()) if back and made else merge(desk, one, into)
        found = desk.ask(op, "ada", LEAD)
        if not isinstance(found, Refused) and isinstance(op, ops.MergeRequesters):
            made.append(desk.last)
    rows = desk.of(Requester)
    for each in rows:
        end = desk.rows["requester", ends(desk, each)]
        assert isinstance(end, Requester)
        assert each.id == end.id or each.name in end.aliases
    for end in (each for each in rows if not each.merged_into):
        under = {each.name for each in rows if each.id != end.id and ends(desk, each) == end.id}
        assert set(end.aliases) == under
