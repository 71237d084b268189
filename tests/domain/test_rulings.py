"""Standing calls: written, agreed to, ended; and the decisions that apply them, changed or not."""

from __future__ import annotations

from typing import Any

import pytest
from deciding_material import (
    BANNED,
    CLEAR,
    COUNSEL,
    DISCLOSED,
    GEO,
    REMOVED,
    at_hand,
    decision,
    proposal,
    proposed,
)
from desk import HOUR, LEAD, NOW, SPECIALIST, SYSTEM, Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from test_incidents import declared, moved, the

from escaltui.domain import operations as ops
from escaltui.domain.crisis import RECHECK, Ruling
from escaltui.domain.decisions import Cite, Decision, LineAction
from escaltui.domain.rules.agreement import sampled


def written(desk: Desk, incident: str, actor: str = "ada", **more: Any) -> Ruling:
    fields = {"name": "The song", "what_counts": "Videos with the song.", "line": REMOVED, "rationale": "Praise."}
    desk.do(ops.SaveRuling(incident=incident, **(fields | more)), actor)
    found = desk.rows["ruling", desk.log[-1].entity_id]
    assert isinstance(found, Ruling)
    return found


def again(desk: Desk, ruling: Ruling) -> Ruling:
    found = desk.rows["ruling", ruling.id]
    assert isinstance(found, Ruling)
    return found


def approved(desk: Desk, incident: str, **more: Any) -> Ruling:
    ruling = written(desk, incident, **more)
    desk.do(ops.ProposeRuling(incident=incident, ruling=ruling.id))
    yes = ops.ApproveRuling(incident=incident, ruling=ruling.id, content_sha256=ruling.content_sha256)
    desk.do(yes, "lin", LEAD)
    return again(desk, ruling)


def member(desk: Desk, incident: str, **more: Any) -> str:
    case = at_hand(desk, **more)
    desk.do(ops.JoinIncident(case=case, incident=incident))
    return case


# --- written and agreed to


@pytest.mark.parametrize(("code", "more"), [
    ("incomplete", {"name": " "}), ("incomplete", {"what_counts": ""}), ("incomplete", {"rationale": ""}),
    ("invalid", {"name": "n" * 201}), ("invalid", {"what_counts": "x" * (2 << 20)}), ("invalid", {"hours": 23}),
    ("invalid", {"hours": 73}), ("invalid", {"line": replace(REMOVED, covers=("s1",))}),
    ("incomplete", {"line": replace(REMOVED, cites=())}), ("incomplete", {"line": replace(REMOVED, actions=())}),
    ("incomplete", {"line": replace(REMOVED, cites=(Cite("cs/1"),))}), ("invalid", {"line": GEO}),
    ("invalid", {"line": DISCLOSED}), ("invalid", {"line": BANNED}),
    ("invalid", {"line": replace(REMOVED, actions=(LineAction("no_such"),))}),
    ("invalid", {"line": replace(REMOVED, cites=(Cite("cs/1", "v1", "f" * 64),))}),
    ("invalid", {"line": replace(REMOVED, own_policy="clear")}),
])  # fmt: skip
def test_what_no_standing_call_can_be(code: str, more: dict[str, Any]) -> None:
    desk = Desk()
    fields = {"name": "The song", "what_counts": "Videos.", "line": REMOVED, "rationale": "Praise."}
    desk.no(code, ops.SaveRuling(incident=declared(desk), **(fields | more)))


def test_a_standing_call_is_approved_by_another_for_its_hours() -> None:
    desk = Desk()
    one = declared(desk)
    ruling = written(desk, one, hours=48)
    propose = ops.ProposeRuling(incident=one, ruling=ruling.id)
    yes = ops.ApproveRuling(incident=one, ruling=ruling.id, content_sha256=ruling.content_sha256)
    desk.no("stale", yes, "lin", LEAD)  # nobody asked yet
    desk.do(propose)
    desk.no("stale", propose)
    desk.no("not_allowed", yes, "grace", SPECIALIST)
    desk.no("recused", yes, "ada", LEAD)
    desk.no("stale", replace(yes, content_sha256="0" * 64), "lin", LEAD)
    desk.do(yes, "kim", COUNSEL)
    ruling = again(desk, ruling)
    assert (ruling.state, ruling.approved_by, ruling.expires_at) == ("approved", "kim", NOW + 48 * HOUR)
    desk.no("stale", yes, "lin", LEAD)
    fields = {"name": "n", "what_counts": "w", "line": REMOVED, "rationale": "r"}
    desk.no("stale", ops.SaveRuling(incident=one, ruling=ruling.id, **fields))
    other = declared(desk)
    desk.no("not_found", ops.SaveRuling(incident=other, ruling=ruling.id, **fields))
    desk.no("not_found", replace(propose, incident=other))
    moved(desk, other, "resolved")
    desk.no("wrong_state", ops.SaveRuling(incident=other, **fields))


def test_an_edit_voids_the_proposal_and_makes_an_author() -> None:
    desk = Desk()
    one = declared(desk)
    ruling = written(desk, one)
    desk.do(ops.ProposeRuling(incident=one, ruling=ruling.id))
    written(desk, one, "lin", ruling=ruling.id, name="The other song")
    changed = again(desk, ruling)
    assert (changed.state, changed.authors) == ("draft", ("ada", "lin"))
    assert changed.content_sha256 != ruling.content_sha256
    desk.do(ops.ProposeRuling(incident=one, ruling=ruling.id))
    yes = ops.ApproveRuling(incident=one, ruling=ruling.id, content_sha256=changed.content_sha256)
    desk.no("recused", yes, "lin", LEAD)
    desk.no("stale", replace(yes, content_sha256=ruling.content_sha256), "eve", LEAD)
    desk.do(yes, "eve", LEAD)


def test_it_is_revoked_with_a_reason_by_those_it_concerns() -> None:
    desk = Desk()
    one = declared(desk)
    ruling = approved(desk, one)
    revoke = ops.RevokeRuling(incident=one, ruling=ruling.id, reason="It was satire.")
    desk.no("not_allowed", revoke, "grace", SPECIALIST)
    desk.no("incomplete", replace(revoke, reason=" "), "lin", SPECIALIST)
    desk.do(revoke, "lin", SPECIALIST)  # who approved it
    assert (again(desk, ruling).state, again(desk, ruling).reason) == ("revoked", "It was satire.")
    desk.no("stale", revoke, "lin", LEAD)
    desk.do(ops.RevokeRuling(incident=one, ruling=written(desk, one).id, reason="r"))  # its author


def test_time_ends_it_and_leaves_a_task() -> None:
    desk = Desk()
    one = declared(desk)
    ruling = approved(desk, one, hours=24)
    expire = ops.ExpireRuling(incident=one, ruling=ruling.id)
    desk.no("not_allowed", expire)
    desk.now += 24 * HOUR - 1
    desk.tick()
    assert again(desk, ruling).state == "approved"
    desk.now += 1
    desk.tick()
    assert again(desk, ruling).state == "expired"
    assert the(desk, one).steps == {f"{RECHECK}{ruling.id}": ""}
    before = len(desk.log)
    desk.tick()
    desk.do(expire, "system", SYSTEM)
    assert len(desk.log) == before
    desk.do(ops.TickStep(incident=one, step=f"{RECHECK}{ruling.id}"))
    assert the(desk, one).steps == {f"{RECHECK}{ruling.id}": "ada"}


# --- applied


def flagged(desk: Desk, case: str) -> str:
    desk.do(ops.AddFlag(case=case, flag="high_profile"))
    return case


def test_a_member_decided_by_it_unchanged_asks_nobody() -> None:
    desk = Desk()
    one = declared(desk)
    ruling = approved(desk, one)
    case = flagged(desk, member(desk, one))
    found = proposed(desk, case, ruling=ruling.id)
    assert (found.ruling, found.approval in ("none", "review_due"), desk.case(case).status) == (
        ruling.id, True, "decided",
    )  # fmt: skip
    assert desk.case(case).ruling == ruling.id
    other = flagged(desk, member(desk, one))
    control = proposed(desk, other)  # the same without it waits for a lead
    assert (control.ruling, control.approval, desk.case(other).status) == ("", "pending", "pending_approval")
    assert desk.case(other).ruling == ""


@pytest.mark.parametrize("changed", ["line", "two lines", "spirit", "departs", "not a member", "another incident's",
                                     "revoked", "over", "unknown", "not approved"])  # fmt: skip
def test_changed_or_ended_it_is_an_ordinary_decision(changed: str) -> None:
    desk = Desk()
    one = declared(desk)
    ruling = approved(desk, one)
    case = flagged(desk, at_hand(desk) if changed == "not a member" else member(desk, one))
    lines, more, key = [REMOVED], {}, ruling.id
    match changed:
        case "line":
            lines = [CLEAR]
        case "two lines":
            lines = [REMOVED, replace(CLEAR, covers=tuple(desk.case(case).subjects))]
            desk.do(ops.AttachSubject(case=case, subject=ops.NewSubject(platform="web", item_id="p2")))
        case "spirit":
            more = {"spirit": True}
        case "departs":
            more = {"departs": True, "departure_reason": "r"}
        case "another incident's":
            key = approved(desk, declared(desk)).id
        case "revoked":
            desk.do(ops.RevokeRuling(incident=one, ruling=key, reason="r"), "lin", LEAD)
        case "over":
            desk.now += 24 * HOUR
            desk.do(ops.Claim(case=case))
        case "unknown":
            key = "nowhere"
        case "not approved":
            key = written(desk, one).id
    found = proposed(desk, case, *lines, ruling=key, **more)
    assert (found.ruling, desk.case(case).ruling, found.approval) == ("", "", "pending")


def test_no_standing_call_waives_what_no_rule_can() -> None:
    desk = Desk()
    one = declared(desk)
    ruling = approved(desk, one)
    sly = replace(ruling, line=BANNED)  # behind the rules' back
    desk.rows["ruling", ruling.id] = sly
    case = member(desk, one)
    subject = ops.NewSubject(platform="web", item_type="account", item_id="a7")
    desk.do(ops.AttachSubject(case=case, subject=subject))
    post = next(key for key, role in desk.case(case).subjects.items() if role == "primary")
    desk.do(ops.DetachSubject(case=case, subject=post))
    found = proposed(desk, case, BANNED, ruling=ruling.id)
    assert (found.ruling, found.approval) == (ruling.id, "pending")


def test_one_in_ten_is_looked_at_by_its_id() -> None:
    desk = Desk()
    one = declared(desk)
    ruling = approved(desk, one)
    found = [proposed(desk, member(desk, one), ruling=ruling.id) for _ in range(60)]
    looked_at = [each for each in found if each.approval == "review_due"]
    assert looked_at == [each for each in found if sampled(each.id, 10)]
    assert 1 <= len(looked_at) <= 15
    assert {each.review_by for each in looked_at} == {NOW + 24 * HOUR}


def test_undone_in_its_window_the_case_forgets_it() -> None:
    desk = Desk()
    one = declared(desk)
    ruling = approved(desk, one)
    case = member(desk, one)
    op = desk.do(proposal(case, ruling=ruling.id))
    assert desk.case(case).ruling == ruling.id
    desk.undo(op)
    assert desk.case(case).ruling == ""


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30 * HOUR), st.booleans(), st.booleans(), st.booleans())
def test_never_without_a_yes_unless_the_call_holds_for_it(late: int, joins: bool, same: bool, named: bool) -> None:
    desk = Desk()
    one = declared(desk)
    ruling = approved(desk, one)
    case = flagged(desk, member(desk, one) if joins else at_hand(desk))
    desk.now += late
    desk.do(ops.Claim(case=case))
    desk.do(proposal(case, REMOVED if same else CLEAR, ruling=ruling.id if named else ""))
    found = decision(desk, case)
    assert isinstance(found, Decision)
    holds = late < 24 * HOUR and joins and same and named
    assert (found.approval == "pending") == (not holds)
    assert bool(found.ruling) == holds
