"""Who sees which stream, who says so, and who breaks the glass."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from desk import ADMIN, HOUR, LEAD, NOW, SPECIALIST, Desk, lease
from streams_material import COUNSEL, LEVELS, NONE, WHY, opened, restrict

from escaltui.domain import operations as ops
from escaltui.domain import streams
from escaltui.domain.entities import (
    Case,
    Note,
)
from escaltui.domain.rules.access import GLASS_MS

# --- who sees which


def test_levels_and_streams() -> None:
    case = Case(id="1", ref="E-1", desk="night")
    streams_of = [streams.stream_of(msgspec.structs.replace(case, sensitivity=each)) for each in LEVELS]  # type: ignore[arg-type]
    assert streams_of == ["desk:night", "case:1", "case:1:priv"]
    assert [streams.level(each) for each in (*streams_of, "org")] == [0, 1, 2, 0]
    assert [streams.case_of(each) for each in streams_of] == ["", "1", "1"]
    assert streams.stream_of(msgspec.structs.replace(case, merged_into="2", stream="case:2")) == "case:2"
    assert streams.higher("desk:a", "case:1") == streams.higher("case:1", "desk:a") == "case:1"
    assert streams.higher("case:1", "case:2") == "case:1"


ROWS = {
    # person: roles, memberships -> sees the desk, restricted, privileged
    "member": (SPECIALIST, {}, (False, True, True)),
    "late": (SPECIALIST, {}, (False, False, False)),
    "owner": (SPECIALIST, {}, (False, True, True)),
    "holder": (SPECIALIST, {}, (False, True, False)),
    "breaker": (ADMIN, {}, (False, True, False)),
    "broke": (ADMIN, {}, (False, False, False)),
    "lead": (LEAD, {"desk:global": None}, (True, True, False)),
    "lead elsewhere": (LEAD, {"desk:night": None}, (False, False, False)),
    "lead that was": (LEAD, {"desk:global": NOW}, (False, False, False)),
    "colleague": (SPECIALIST, {"desk:global": NOW + 1}, (True, False, False)),
    "counsel": (COUNSEL, {"desk:global": 0}, (True, False, False)),
    "admin": (ADMIN, {"desk:global": None}, (False, False, False)),
    "auditor": (frozenset({"auditor"}), {"desk:global": None}, (False, False, False)),
    "nobody": (NONE, {"desk:global": None, "case:1": None, "case:1:priv": None}, (False, False, False)),
    "": (LEAD, {"desk:global": None}, (False, False, False)),
}  # fmt: skip


@pytest.mark.parametrize("person", ROWS)
def test_who_sees_which_stream(person: str) -> None:
    roles, memberships, sees = ROWS[person]
    case = Case(
        id="1", ref="E-1", owner="owner", lease=lease("holder"), members={"member": 0, "late": NOW},
        glass={"breaker": NOW + 1, "broke": NOW},
    )  # fmt: skip
    asked = ("desk:global", "case:1", "case:1:priv")
    assert tuple(streams.may_see(person, roles, each, case, memberships, NOW) for each in asked) == sees
    assert not any(streams.may_see(person, roles, each, None, memberships, NOW) for each in asked[1:])
    other = msgspec.structs.replace(case, id="2")
    assert not any(streams.may_see(person, roles, each, other, memberships, NOW) for each in asked[1:])


def test_the_other_streams() -> None:
    def sees(stream: str, roles: frozenset[str] = SPECIALIST) -> bool:
        return streams.may_see("ada", roles, stream, None, {}, NOW)

    assert sees("org")
    assert sees("library")
    assert sees("user:ada")
    assert not sees("user:grace")
    assert not sees("org:audit")
    assert sees("org:audit", frozenset({"auditor"}))
    assert not sees("else")


# --- setting it

RAISERS = {"specialist", "lead", "counsel"}
LOWERERS = {"lead", "counsel"}


@pytest.mark.parametrize("role", ["specialist", "approver", "lead", "counsel", "comms", "consultant", "admin"])
@pytest.mark.parametrize("was", LEVELS)
@pytest.mark.parametrize("to", LEVELS)
def test_the_table_of_sensitivity(was: Any, to: Any, role: str) -> None:
    desk = Desk()
    case = opened(desk)
    if was != "normal":
        desk.do(restrict(case, was))
    rise = LEVELS.index(to) - LEVELS.index(was)
    op, roles = restrict(case, to, reason="r"), frozenset({role})
    if role not in (LOWERERS if rise < 0 else RAISERS):
        desk.no("not_allowed", op, "grace", roles)
        return
    if rise < 0:
        assert desk.no("incomplete", restrict(case, to), "grace", roles).mend.fields == ("reason",)
    found = desk.ask(op, "grace", roles)
    assert (found == ()) == (rise == 0)
    row = desk.case(case)
    assert (row.sensitivity, row.stream) == (to, streams.at(to, row))
    assert ("grace" in row.members) == (rise > 0)
    assert rise <= 0 or streams.may_see("grace", roles, row.stream, row, {}, desk.now)


def test_sensitivity_has_three_names_and_stays_with_the_survivor() -> None:
    desk = Desk()
    case, into = opened(desk), opened(desk)
    desk.no("invalid", restrict(case, "secret"))
    desk.do(ops.Merge(case=case, into=into))
    desk.no("wrong_state", restrict(case))
    desk.do(restrict(into))
    assert {desk.case(each).stream for each in (case, into)} == {f"case:{into}"}
    assert desk.case(case).sensitivity == "restricted"


def test_an_operation_that_moved_a_case_is_not_undone() -> None:
    desk = Desk()
    case = opened(desk)
    desk.no("blocked", ops.Undo(operation=desk.do(restrict(case))))
    desk.do(restrict(case, "normal", reason="r"), "grace", LEAD)
    desk.no("blocked", ops.Undo(operation=desk.do(ops.Triage(case=case, desk="night"))))
    noted = desk.do(ops.AddNote(case=case, body="b"))
    desk.do(restrict(case))
    desk.undo(noted)  # what was done before still is
    assert desk.of(Note, withdrawn=True)[0].stream == f"case:{case}"


# --- members and the glass


def test_members_are_named_by_owner_lead_or_counsel() -> None:
    desk = Desk()
    case = desk.held("ada")
    desk.do(ops.AddMember(case=case, person="lin", until=desk.now + HOUR))
    desk.do(ops.AddMember(case=case, person="kim"), "carl", COUNSEL)
    desk.no("not_allowed", ops.AddMember(case=case, person="kim"), "bo")
    desk.no("not_allowed", ops.AddMember(case=case, person="kim"), "root", ADMIN)
    desk.no("incomplete", ops.AddMember(case=case, person=" "))
    desk.no("invalid", ops.AddMember(case=case, person="kim", until=desk.now))
    desk.do(ops.Recuse(case=case, person="bo"), "bo")
    desk.no("recused", ops.AddMember(case=case, person="bo"))
    assert desk.case(case).members == {"lin": desk.now + HOUR, "kim": 0}
    desk.no("not_allowed", ops.RemoveMember(case=case, person="kim", reason="r"), "bo")
    desk.no("incomplete", ops.RemoveMember(case=case, person="kim"))
    desk.no("not_found", ops.RemoveMember(case=case, person="bo", reason="r"))
    desk.do(ops.RemoveMember(case=case, person="kim", reason="gone"), "kim")
    desk.now += HOUR
    assert desk.tick() == [case]
    assert desk.case(case).members == {}
    assert desk.tick() == []


def test_breaking_the_glass_lasts_eight_hours_and_is_seen() -> None:
    desk = Desk()
    case = opened(desk)
    broken = ops.BreakGlass(case=case, reason=WHY)
    desk.no("wrong_state", broken, "root", ADMIN)
    desk.do(restrict(case))
    desk.no("not_allowed", broken, "bo")
    desk.no("needs_authority", broken, "root", ADMIN, authority=False)
    desk.no("incomplete", ops.BreakGlass(case=case, reason=" "), "root", ADMIN)
    desk.no("invalid", ops.BreakGlass(case=case, reason="x" * 19 + "  "), "root", ADMIN)
    logged = len(desk.log)
    desk.do(broken, "root", ADMIN)
    assert desk.case(case).glass == {"root": desk.now + GLASS_MS}
    assert GLASS_MS == 8 * HOUR
    news = desk.log[logged:]
    assert {(each.stream, each.reason, each.verb) for each in news} == {
        (f"case:{case}", WHY, "BreakGlass"), ("org:audit", WHY, "BreakGlass"),
    }  # fmt: skip
    desk.now += GLASS_MS - 1
    desk.tick()
    assert desk.case(case).glass
    desk.now += 1
    assert not streams.may_see("root", ADMIN, f"case:{case}", desk.case(case), {}, desk.now)
    assert case in desk.tick()
    assert desk.case(case).glass == {}


def test_a_privileged_case_is_not_told_from_an_absent_one() -> None:
    desk = Desk()
    case = opened(desk)
    desk.do(restrict(case), "grace", LEAD)
    desk.do(ops.BreakGlass(case=case, reason=WHY), "root", ADMIN)
    desk.do(restrict(case, "privileged"), "grace", LEAD)
    assert desk.case(case).glass == {}
    said = desk.no("not_found", ops.BreakGlass(case=case, reason=WHY), "root", ADMIN)
    assert said == desk.no("not_found", ops.BreakGlass(case="nowhere", reason=WHY), "root", ADMIN)
