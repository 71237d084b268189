"""Proposing: whole or refused with every missing part, free of contradictions, pinned, and what it does to its case."""

from __future__ import annotations

from typing import Any

import pytest
from deciding_material import (
    ACCOUNT,
    ANSWERED,
    APPROVER,
    BANNED,
    CLEAR,
    COMMENT,
    COUNSEL,
    DISABLED,
    DISCLOSED,
    GEO,
    HOLD,
    OTHER_PIN,
    PINNED,
    POST,
    REMOVED,
    RESTORED,
    acts,
    approval,
    at_hand,
    carried_out,
    decision,
    deeds,
    proposal,
    proposed,
    verify,
)
from desk import DAY, HOUR, LEAD, MINUTE, NOW, SYSTEM, Desk
from msgspec.structs import replace

from escaltui.domain import operations as ops
from escaltui.domain.decisions import ACTING, OUTCOMES, USUAL_GROUND, USUAL_POLICY, Cite, Line, effective_lines
from escaltui.domain.exchange import Consult
from escaltui.domain.operations import NewSubject

EVIDENCE = NewSubject(platform="web", item_type="url", item_id="u1", role="evidence_only", reach=3)


def test_a_decision_takes_effect_after_the_undo_window() -> None:
    desk = Desk()
    case = at_hand(desk)
    found = proposed(desk, case)
    assert (found.state, found.approval, found.proposed_by, found.reach) == ("proposed", "none", "ada", 5000)
    shown = desk.case(case)
    assert (shown.status, shown.lease, shown.owner, shown.hold_until) == ("decided", None, "ada", NOW + HOLD)
    assert (shown.decision, shown.outcomes, shown.acts) == (found.id, ("violation_action",), ("remove",))
    assert [(row.state, row.subject, row.by_hand) for row in deeds(desk, found)] == [("planned", POST.id, True)]
    assert shown.clocks["decision"].state == "stopped"
    desk.now += HOLD - 1
    assert desk.tick() == []
    desk.do(ops.EnforceDecision(case=case), "system", SYSTEM)
    assert desk.case(case).status == "decided"
    desk.now += 1
    desk.tick()
    shown, found = desk.case(case), decision(desk, case)
    assert (shown.status, shown.hold_until, shown.open_work) == ("enforcing", None, {"by_hand": 1})
    assert (found.state, found.effective_at) == ("effective", NOW + HOLD)
    assert [row.state for row in deeds(desk, found)] == ["queued"]


def test_deciding_wants_a_live_claim_of_ones_own() -> None:
    desk = Desk()
    case = at_hand(desk)
    desk.no("lost_claim", proposal(case), "grace")
    desk.no("lost_claim", proposal(case), "grace", LEAD)
    desk.now += 15 * MINUTE
    refused = desk.no("lost_claim", proposal(case))
    assert "draft is kept" in refused.mend.text
    desk.do(ops.Claim(case=case))
    proposed(desk, case)


def test_all_missing_parts_are_named_at_once_with_the_rules_that_ask() -> None:
    desk = Desk()
    case = at_hand(desk, POST, COMMENT)
    geo = replace(GEO, covers=(POST.id,), territory=(), cites=(Cite("cs/1"),))
    bare = Line(outcome="violation_action", covers=(COMMENT.id,))
    refused = desk.no("incomplete", proposal(case, geo, bare, rationale=" ", departs=True))
    assert set(refused.mend.fields) == {
        "rationale", "departure_reason", "lines.0.cites", "lines.0.territory", "lines.1.cites", "lines.1.ground",
        "lines.1.actions",
    }  # fmt: skip
    for asked in ("every decision says why", "pinned to the words", "rests on one", "does something", "named ones"):
        assert asked in refused.mend.text
    nothing = desk.no("incomplete", ops.ProposeDecision(case=case, lines=()))
    assert set(nothing.mend.fields) == {"lines", "rationale"}


def test_a_legal_line_that_did_not_ask_our_policy_says_why() -> None:
    desk = Desk()
    case = at_hand(desk)
    line = replace(GEO, own_policy="not_asked")
    refused = desk.no("incomplete", proposal(case, line, rationale=""))
    assert "why our own policy was not asked" in refused.mend.text
    proposed(desk, case, line)


def test_a_default_line_is_there_exactly_where_an_item_has_none() -> None:
    desk = Desk()
    case = at_hand(desk, POST, COMMENT)
    post, both = replace(REMOVED, covers=(POST.id,)), replace(CLEAR, covers=(COMMENT.id,))
    assert "default line (1 items" in desk.no("incomplete", proposal(case, post)).mend.text
    desk.no("invalid", proposal(case, REMOVED, CLEAR))
    desk.no("invalid", proposal(case, post, both, REMOVED))
    found = proposed(desk, case, CLEAR, post)
    lines = effective_lines(found.lines, found.subjects)
    assert {key: line.outcome for key, line in lines.items()} == {
        POST.id: "violation_action", COMMENT.id: "no_violation",
    }  # fmt: skip
    assert [row.subject for row in deeds(desk, found)] == [POST.id]
    assert found.reach == 5000


def test_a_subject_has_one_line() -> None:
    desk = Desk()
    case = at_hand(desk, POST, COMMENT)
    one, two = replace(REMOVED, covers=(POST.id,)), replace(CLEAR, covers=(POST.id,))
    refused = desk.no("invalid", proposal(case, ANSWERED, one, two))
    assert "have a line already" in refused.reason
    desk.no("invalid", proposal(case, ANSWERED, replace(one, covers=(POST.id, POST.id))))
    desk.no("invalid", proposal(case, ANSWERED, replace(one, covers=("elsewhere",))))


def test_evidence_is_not_decided_but_where_a_line_names_it() -> None:
    desk = Desk()
    case = at_hand(desk, POST, EVIDENCE)
    found = proposed(desk, case, DISABLED)
    assert (found.subjects, found.reach) == ((POST.id,), 5000)
    assert [row.subject for row in deeds(desk, found)] == [POST.id]


def test_an_item_that_comes_later_is_not_decided() -> None:
    desk = Desk()
    case = at_hand(desk, case_type="legal_removal")
    found = proposed(desk, case, GEO)
    desk.do(ops.AttachSubject(case=case, subject=COMMENT))
    desk.do(ops.ApproveDecision(case=case, decision=found.id, content_sha256=found.content_sha256), "grace", APPROVER)
    assert [row.subject for row in deeds(desk, found)] == [POST.id]


@pytest.mark.parametrize(
    ("cite", "says"),
    [
        (Cite("cs/1", "v9", "0" * 64), "no section cs/1 in version v9"),
        (Cite("gone", "v1", "0" * 64), "no section gone"),
        (Cite("cs/1", "v1", "1" * 64), "not those that were read"),
    ],
)
def test_a_cite_is_what_the_policy_says(cite: Cite, says: str) -> None:
    desk = Desk()
    case = at_hand(desk)
    refused = desk.no("invalid", proposal(case, replace(REMOVED, cites=(PINNED, cite))))
    assert says in refused.reason
    assert "up again" in refused.mend.text
    desk.no("invalid", proposal(case, replace(ANSWERED, cites=(cite,))))


@pytest.mark.parametrize("cite", [Cite("cs/1"), Cite("cs/1", "v1"), Cite("cs/1", "", "0" * 64)])
def test_a_cite_is_pinned(cite: Cite) -> None:
    desk = Desk()
    refused = desk.no("incomplete", proposal(at_hand(desk), replace(REMOVED, cites=(cite,))))
    assert refused.mend.fields == ("lines.0.cites",)


@pytest.mark.parametrize("outcome", ["answered", "product_issue", "refer_out", "insufficient_information"])
def test_what_is_answered_and_not_judged_goes_uncited_with_a_rationale(outcome: Any) -> None:
    desk = Desk()
    case = desk.held(case_type="press")
    refused = desk.no("incomplete", proposal(case, Line(outcome=outcome), rationale=""))
    assert refused.mend.fields == ("rationale",)
    proposed(desk, case, Line(outcome=outcome))
    assert carried_out(desk, case).state == "effective"
    assert desk.case(case).status == "resolved"


WRONG: list[tuple[str, Line]] = [
    ("the law although it breaks our policy", replace(GEO, own_policy="breaks")),
    ("our policy says otherwise", replace(REMOVED, own_policy="clear")),
    ("our policy says otherwise", replace(CLEAR, own_policy="breaks")),
    ("cannot rest on", replace(REMOVED, ground="legal_order")),
    ("cannot rest on", replace(CLEAR, ground="illegal_content")),
    ("cannot rest on", replace(GEO, ground="incompatible_content")),
    ("makes an exception", replace(REMOVED, exception="satire")),
    ("names an action", replace(CLEAR, actions=acts("remove"))),
    ("no action", replace(REMOVED, actions=acts("vanish"))),
    ("cannot be done to: post", replace(REMOVED, actions=acts("reject_ad"))),
    ("cannot end then", replace(REMOVED, actions=acts("remove", until=NOW + DAY))),
    ("cannot end then", replace(REMOVED, actions=acts("disable", until=NOW))),
    ("cannot end then", replace(REMOVED, actions=acts("disable", until=10**18))),
    ("twice", replace(REMOVED, actions=acts("remove", "remove"))),
    ("restores nothing", replace(RESTORED, actions=acts("warn"))),
    ("no list of countries", replace(GEO, territory=("de",))),
    ("no list of countries", replace(GEO, territory=("DE", "DE"))),
    ("no list of countries", replace(GEO, territory=("EUR",))),
]


@pytest.mark.parametrize(("says", "line"), WRONG)
def test_what_contradicts_itself_is_refused(says: str, line: Line) -> None:
    desk = Desk()
    assert says in desk.no("invalid", proposal(at_hand(desk), line)).reason


def test_an_action_is_for_every_item_that_its_line_covers() -> None:
    desk = Desk()
    case = at_hand(desk, POST, ACCOUNT)
    refused = desk.no("invalid", proposal(case, REMOVED))
    assert "cannot be done to: account" in refused.reason
    proposed(desk, case, REMOVED, replace(CLEAR, covers=(ACCOUNT.id,)))


def test_a_case_without_items_has_deeds_of_its_own() -> None:
    desk = Desk()
    case = desk.held()
    desk.no("invalid", proposal(case, REMOVED))
    line = replace(REMOVED, actions=acts("warn", "refer"))
    found = proposed(desk, case, line)
    assert [(row.name, row.subject) for row in deeds(desk, found)] == [("warn", ""), ("refer", "")]


def test_exceptions_go_with_what_is_left_up() -> None:
    desk = Desk()
    line = replace(CLEAR, outcome="violation_no_action", own_policy="breaks", ground="incompatible_content",
                   exception="newsworthy")  # fmt: skip
    case = at_hand(desk)
    proposed(desk, case, line, spirit=False)
    assert desk.case(case).traits == ("newsworthy",)


@pytest.mark.parametrize(("severity", "hold"), [(0, 0), (1, HOLD), (2, HOLD), (3, HOLD), (4, HOLD)])
def test_the_undo_window_is_thirty_seconds_and_none_at_s0(severity: int, hold: int) -> None:
    desk = Desk()
    case = at_hand(desk, severity=severity)
    found = proposed(desk, case)
    assert (found.hold_until, desk.case(case).next_event) == (NOW + hold, NOW + hold) or severity > 0
    assert desk.case(case).hold_until == NOW + hold
    desk.tick()
    assert (desk.case(case).status == "enforcing") == (severity == 0)


def test_undone_within_the_window_and_the_clocks_run_on() -> None:
    desk = Desk()
    case = at_hand(desk)
    due = desk.case(case).clocks["decision"].due
    found = proposed(desk, case)
    operation = desk.last
    desk.now += HOLD - 1
    desk.undo(operation)
    shown = desk.case(case)
    assert (shown.status, shown.decision, shown.hold_until, shown.outcomes) == ("in_review", "", None, ())
    assert shown.lease is not None
    assert (shown.clocks["decision"].state, shown.clocks["decision"].due) == ("running", due)
    assert desk.rows["decision", found.id].state == "withdrawn"  # type: ignore[attr-defined]
    assert {row.state for row in deeds(desk, found)} == {"cancelled"}
    desk.now += HOUR
    desk.tick()
    assert desk.case(case).status == "in_review"


@pytest.mark.parametrize("looked", [False, True])
def test_not_undone_after_the_window(looked: bool) -> None:
    desk = Desk()
    case = at_hand(desk)
    proposed(desk, case)
    operation = desk.last
    desk.now += HOLD
    if looked:
        desk.tick()
    refused = desk.no("out_of_window", ops.Undo(operation=operation))
    assert "compensates" in refused.mend.text


def test_no_data_is_disclosed_on_an_unverified_report() -> None:
    desk = Desk()
    report = desk.report()
    case = desk.held(report=report, case_type="data_request")
    desk.no("blocked", proposal(case, DISCLOSED))
    verify(desk, report, "failed")
    desk.no("blocked", proposal(case, DISCLOSED))
    desk.do(ops.LinkReport(case=case, report=(second := desk.report("the order itself"))))
    verify(desk, second)
    proposed(desk, case, DISCLOSED)


def test_a_verification_that_falls_later_stops_the_disclosure_at_each_step() -> None:
    desk = Desk()
    report = desk.report()
    case = desk.held(report=report)
    verify(desk, report)
    found = proposed(desk, case, DISCLOSED)
    verify(desk, report, "failed")
    desk.no("blocked", approval(found), "grace", COUNSEL)
    verify(desk, report)
    desk.do(approval(found), "grace", COUNSEL)
    verify(desk, report, "failed")
    carried_out(desk, case)
    (row,) = deeds(desk, found)
    assert (row.state, desk.case(case).status) == ("failed", "decided")
    desk.no("blocked", ops.RetryAction(case=case, actions=(row.id,)))
    verify(desk, report)
    desk.do(ops.RetryAction(case=case, actions=(row.id,)))
    assert desk.case(case).status == "enforcing"


def test_cited_and_required_consults_are_answered_first() -> None:
    desk = Desk()
    case = at_hand(desk)
    consult = Consult(id="c" * 26, case=case, team="legal", question="?", binding="approval_required")
    desk.rows["consult", consult.id] = consult
    refused = desk.no("blocked", proposal(case))
    assert "legal" in refused.reason
    desk.rows["consult", consult.id] = replace(consult, binding="advice")
    desk.no("blocked", proposal(case, consults=(consult.id,)))
    desk.no("invalid", proposal(case, consults=("elsewhere",)))
    desk.rows["consult", consult.id] = replace(consult, state="answered", answer="Yes.")
    assert proposed(desk, case, consults=(consult.id,)).consults == (consult.id,)


@pytest.mark.parametrize("state", ["asked", "acknowledged", "declined", "expired", "answered", "withdrawn"])
def test_a_required_consult_stands_until_it_is_answered_or_withdrawn(state: Any) -> None:
    desk = Desk()
    case = at_hand(desk)
    desk.rows["consult", "c"] = Consult(id="c", case=case, team="legal", binding="approval_required", state=state)
    if state in ("answered", "withdrawn"):
        proposed(desk, case)
    else:
        desk.no("blocked", proposal(case))


def test_a_departure_says_why() -> None:
    desk = Desk()
    case = at_hand(desk)
    assert desk.no("incomplete", proposal(case, departs=True)).mend.fields == ("departure_reason",)
    proposed(desk, case, departs=True, departure_reason="The word means another thing there.")
    assert "departs" in desk.case(case).traits


def test_what_only_an_appeal_has() -> None:
    desk = Desk()
    case = at_hand(desk)
    desk.no("invalid", proposal(case, appeal_outcome="upheld"))
    desk.no("invalid", proposal(case, kept={"x": "y"}))


def test_recused_people_do_not_decide() -> None:
    desk = Desk()
    case = at_hand(desk)
    desk.put(case, recused=("ada",))
    desk.no("recused", proposal(case))


def test_two_pins_and_words_are_kept_as_they_were_read() -> None:
    desk = Desk()
    case = at_hand(desk)
    found = proposed(desk, case, replace(REMOVED, cites=(PINNED, OTHER_PIN)), facts="Seen at noon.")
    assert found.lines[0].cites == (PINNED, OTHER_PIN)
    assert found.facts == "Seen at noon."


def test_a_termination_waits_whatever_the_severity() -> None:
    desk = Desk()
    case = at_hand(desk, ACCOUNT, severity=0)
    found = proposed(desk, case, BANNED)
    assert (desk.case(case).status, found.needs) == ("pending_approval", ("lead_or_counsel",))
    assert desk.case(case).awaits == ("counsel", "lead")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_an_outcome_usually_says_can_be_decided(outcome: Any) -> None:
    desk = Desk()
    line = Line(
        outcome=outcome, own_policy=USUAL_POLICY.get(outcome, "not_asked"), ground=USUAL_GROUND.get(outcome, "none"),
        cites=(PINNED,), actions=acts("restore" if outcome == "enforcement_error" else "remove"),
    )  # fmt: skip
    proposed(desk, at_hand(desk), line if outcome in ACTING else replace(line, actions=()))
