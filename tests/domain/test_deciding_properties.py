"""What holds of every decision that is accepted, whoever proposes and approves what."""

from __future__ import annotations

from typing import Any

from deciding_material import (
    ACCOUNT,
    ANSWERED,
    BANNED,
    CLEAR,
    COMMENT,
    DISABLED,
    DISCLOSED,
    GEO,
    POST,
    REMOVED,
    approval,
    at_hand,
    carried_out,
    decision,
    deeds,
    proposal,
    verify,
)
from desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from escaltui.domain.changes import Refused
from escaltui.domain.decisions import DISCLOSED as DATA
from escaltui.domain.decisions import TERMINATIONS, Decision, Line, effective_lines, may_give

ITEMS = (POST, COMMENT, ACCOUNT)
KEYS = tuple(item.id for item in ITEMS)
LINES = (REMOVED, DISABLED, CLEAR, ANSWERED, GEO, BANNED, DISCLOSED)
COVERS = st.lists(st.sampled_from((*KEYS, "elsewhere")), max_size=2).map(tuple)
MADE = st.builds(lambda line, covers: replace(line, covers=covers), st.sampled_from(LINES), COVERS)
SUITED = st.tuples(
    st.sampled_from((None, REMOVED, DISABLED, CLEAR, GEO)), st.sampled_from((None, REMOVED, DISABLED, GEO)),
    st.sampled_from((None, BANNED, CLEAR, GEO, DISCLOSED)), st.sampled_from((CLEAR, ANSWERED, GEO)),
)  # fmt: skip
"""A line for each item, or none, and the default line."""


def put_together(suited: tuple[Line | None, ...], more: list[Line]) -> list[Line]:
    *own, default = suited
    lines = [replace(line, covers=(key,)) for key, line in zip(KEYS, own, strict=True) if line is not None]
    return [*lines, *([default] if default and len(lines) < len(KEYS) else []), *more]


DECISIONS = st.builds(put_together, SUITED, st.one_of(st.just([]), st.just([]), st.lists(MADE, max_size=2)))
WHO = st.sampled_from(["ada", "grace", "lin", "ida"])
ROLES = st.frozensets(st.sampled_from(["specialist", "approver", "lead", "counsel", "comms"]), min_size=1)
WORTH = st.sampled_from(["unverified", "verified", "failed"])
TYPES = st.sampled_from(["user_escalation", "legal_removal", "data_request"])
FLAGS = st.sampled_from([(), ("high_profile",)])


def decide(lines: list[Line], worth: str, severity: int, case_type: str, flags: Any) -> tuple[Desk, str, Any]:
    desk = Desk()
    report = desk.report()
    case = at_hand(desk, *ITEMS, report=report, severity=severity, case_type=case_type, flags=flags)
    verify(desk, report, worth)
    return desk, case, desk.ask(proposal(case, *lines))


def check_whole(found: Decision, desk: Desk) -> None:
    """One effective line a subject, and its deeds are those of its line."""
    lines = effective_lines(found.lines, found.subjects)
    assert set(lines) == set(found.subjects) == set(KEYS)
    for key in KEYS:
        naming = [line for line in found.lines if key in line.covers]
        assert len(naming) <= 1
        assert lines[key] == (naming[0] if naming else next(line for line in found.lines if not line.covers))
        made = [row.name for row in deeds(desk, found) if row.subject == key and row.state != "cancelled"]
        assert made in ([], [act.name for act in lines[key].actions])


@given(DECISIONS, WORTH, st.integers(0, 4), TYPES, FLAGS)
@settings(max_examples=250, deadline=None)
def test_one_effective_line_a_subject_and_no_data_on_an_unverified_report(
    lines: list[Line], worth: str, severity: int, case_type: str, flags: Any
) -> None:
    desk, case, said = decide(lines, worth, severity, case_type, flags)
    if isinstance(said, Refused):
        assert desk.case(case).status == "in_review"
        return
    found = decision(desk, case)
    check_whole(found, desk)
    kinds = {row.kind for row in deeds(desk, found)}
    disclosing = any(act.name == "disclose" for line in found.lines for act in line.actions)
    assert worth == "verified" or not disclosing
    if DATA in kinds or kinds & TERMINATIONS:
        raise AssertionError("planned before anybody agreed")


@given(
    st.sampled_from(LINES), st.lists(st.tuples(WHO, ROLES), max_size=5), TYPES,
    FLAGS, st.integers(0, 4), st.booleans(),
)  # fmt: skip
@settings(max_examples=250, deadline=None)
def test_nothing_is_in_force_without_its_roles_each_by_another_person(
    line: Line, people: list[tuple[str, frozenset[str]]], case_type: str, flags: Any, severity: int, verified: bool
) -> None:
    own = replace(line, covers=(ACCOUNT.id,)) if line == BANNED else replace(line, covers=(POST.id,))
    worth = "verified" if verified else "unverified"
    desk, case, said = decide([own, ANSWERED], worth, severity, case_type, flags)
    if isinstance(said, Refused):
        return
    found, held = decision(desk, case), desk.case(case).status == "pending_approval"
    given_by: dict[str, frozenset[str]] = {}
    for person, roles in people:
        before = decision(desk, case).approvals
        if not isinstance(desk.ask(approval(found), person, roles), Refused):
            assert person != "ada"
            assert person not in given_by
            (new,) = decision(desk, case).approvals[len(before) :]
            assert roles & set(may_give(new.role))
            given_by[person] = roles
    found = decision(desk, case)
    if held and found.lacks:
        assert desk.case(case).status == "pending_approval"
        assert deeds(desk, found) == []
        return
    check_whole(found, desk)
    assert carried_out(desk, case).state == "effective"
    if held:
        assert sorted(each.role for each in found.approvals) == sorted(found.needs)
    if line in (BANNED, DISCLOSED):
        assert any(roles & {"lead", "counsel"} for roles in given_by.values())
