"""Faults in deciding, approving, carrying out, telling the user, filing (see faults.py)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import test_appeals as appeal_tests
import test_rules_approve as approve_tests
import test_rules_decide as decide_tests
import test_rules_enforce as enforce_tests
import test_rules_review as review_tests
import test_supersede as supersede_tests
from deciding_material import COMMENT, HOLD
from desk import DAY
from faults import Mutant, Seed, blind, entry, nothing, put

from escaltui.domain import decisions
from escaltui.domain import operations as ops
from escaltui.domain.decisions import Action, Decision
from escaltui.domain.rules import (
    HANDLERS,
    ROLES,
    agreement,
    approving,
    deciding,
    enforcing,
    guards,
    lines,
    noticing,
    opening,
    owed,
    planning,
    status,
    undo,
)
from escaltui.domain.rules.work import Work

AGREEMENT, RUN_ON = agreement.agreement, planning.run_on
CITES, APPEALING = lines._cites, opening._appealing


def nothing_found(*_args: Any) -> Any:
    """A check that finds no flaw."""
    return iter(())


def with_rows(kind: type[Any], change: Any) -> Seed:
    """A rule that does its work, and then changes the decisions and actions that it put."""
    handler = HANDLERS[kind]

    def changing(op: Any, work: Work) -> None:
        handler(op, work)
        for key, row in list(work.after.items()):
            if isinstance(row, Decision | Action):
                work.after[key] = change(row)

    return entry(HANDLERS, kind, changing)


def unpinned(spot: Any, work: Work) -> Any:
    """Any hash of a section that exists."""
    for flaw in CITES(spot, work):
        if "not those" not in flaw.what.template:
            yield flaw


def waived(case: Any, decision: Any, work: Work) -> Any:
    """A row with mode "after" wins over all, terminations too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agreement, "unwaivable", lambda *_: ())
        return AGREEMENT(case, decision, work)


def sampled_wins(decision_id: str, one_in: int) -> bool:
    return True


def without(name: str) -> Any:
    """The content that an approval binds to, without one of its parts."""
    return tuple(part for part in decisions._CONTENT if part != name)


def no_waiver() -> None:
    with pytest.MonkeyPatch.context() as patch:
        approve_tests.test_no_row_waives_it(patch)


def table() -> None:
    for row in approve_tests.TABLE:
        approve_tests.test_severity_action_verification_and_time_give_mode_and_roles(*row)


def holds() -> None:
    for severity, hold in ((0, 0), (3, HOLD)):
        decide_tests.test_the_undo_window_is_thirty_seconds_and_none_at_s0(severity, hold)


def contradictions() -> None:
    for says, line in decide_tests.WRONG:
        decide_tests.test_what_contradicts_itself_is_refused(says, line)


def fresh_key(row: Any) -> Any:
    return msgspec.structs.replace(row, key=row.key + "2") if isinstance(row, Action) else row


def kept_approvals(row: Any) -> Any:
    """A new proposal that brings the approvals of another one along."""
    if isinstance(row, Decision) and row.state == "proposed":
        return msgspec.structs.replace(row, approvals=(decisions.Approval("approver", "grace", 0),))
    return row


DECIDED: tuple[Mutant, ...] = (
    Mutant("own approval", put(approving, "_second_person", nothing),
           approve_tests.test_nobody_approves_their_own_decision),
    Mutant("one person gives two roles",
           put(approving, "_second_person", lambda decision, case, work: guards.not_recused(work.ctx.actor, case)),
           approve_tests.test_nobody_gives_two_of_the_roles),
    Mutant("any role approves", put(approving, "role_for", lambda d, r, w: (d.lacks or ("",))[0]),
           lambda: approve_tests.test_the_wrong_role_does_not_approve(frozenset({"specialist"}))),
    Mutant("an edit keeps the approval", with_rows(ops.ProposeDecision, kept_approvals),
           approve_tests.test_an_edit_is_another_decision_that_keeps_no_approval),
    Mutant("approval of what was not read",
           entry(HANDLERS, ops.ApproveDecision, lambda op, work: approving.approve(
               msgspec.structs.replace(op, content_sha256=work.row(Decision, op.decision).content_sha256), work)),
           approve_tests.test_what_was_read_is_what_is_approved),
    *(Mutant(f"the approval does not bind to: {part}", put(decisions, "_CONTENT", without(part)),
             approve_tests.test_every_part_that_was_read_is_in_the_hash)
      for part in ("rationale", "facts", "departure_reason", "consults", "lines")),
    Mutant("`after` on a termination", put(deciding, "agreement", waived),
           no_waiver),
    Mutant("`before` wins over `after`", put(agreement, "reversible", lambda *_: False), table),
    Mutant("a removal is reversible",
           put(agreement, "REVERSIBLE", decisions.REVERSIBLE | {"visibility_content_removed"}), table),
    Mutant("doing nothing is reversible", put(agreement, "reversible",
           lambda d, w: agreement.kinds_of(d, w) <= decisions.REVERSIBLE), table),
    Mutant("a failed verification counts", put(agreement, "verified",
           lambda work, case: any(r.verification.state != "unverified" for r in work.state.list("reports", case.id))),
           table),
    Mutant("a sampled look waives the approval", put(agreement, "sampled", sampled_wins),
           approve_tests.test_one_departure_in_ten_is_looked_at_later),
    Mutant("undo after the window", put(undo, "_within_its_window", nothing),
           lambda: decide_tests.test_not_undone_after_the_window(False)),
    Mutant("hold of 0 at S3", put(planning, "HOLD_MS", 0), holds),
    Mutant("hold of 30 s at S0", put(planning, "hold_of", lambda case, now: now + planning.HOLD_MS), holds),
    Mutant("carried out in the undo window", put(planning, "hold_of", lambda case, now: now),
           decide_tests.test_a_decision_takes_effect_after_the_undo_window),
    Mutant("an unpinned section", put(lines, "_cites", nothing_found),
           lambda: decide_tests.test_a_cite_is_what_the_policy_says(decisions.Cite("gone", "v1", "0" * 64), "gone")),
    Mutant("a wrong hash is accepted", put(lines, "_cites", unpinned),
           lambda: decide_tests.test_a_cite_is_what_the_policy_says(decisions.Cite("cs/1", "v1", "1" * 64), "read")),
    Mutant("uncited judgement", put(lines, "UNCITED", frozenset(decisions.OUTCOMES)),
           decide_tests.test_all_missing_parts_are_named_at_once_with_the_rules_that_ask),
    Mutant("disclosure on an unverified report", put(deciding, "disclosure_allowed", nothing),
           decide_tests.test_no_data_is_disclosed_on_an_unverified_report),
    Mutant("approved though the verification fell", put(approving, "disclosure_allowed", nothing),
           decide_tests.test_a_verification_that_falls_later_stops_the_disclosure_at_each_step),
    Mutant("queued though the verification fell", put(enforcing, "_may_leave", lambda *_: True),
           decide_tests.test_a_verification_that_falls_later_stops_the_disclosure_at_each_step),
    Mutant("an appeal judged by its decider", put(deciding, "not_its_judge", nothing),
           appeal_tests.test_an_appeal_is_not_judged_by_who_decided_or_approved),
    Mutant("an appeal may be claimed by its decider", put(opening, "_appealing",
           lambda case, appeal, work: msgspec.structs.replace(APPEALING(case, appeal, work), recused=())),
           appeal_tests.test_an_appeal_is_about_what_was_decided_and_by_whom),
    Mutant("an overturned action is forgotten", put(deciding, "_unsettled", nothing_found),
           lambda: appeal_tests.test_overturning_takes_each_action_back_or_keeps_it_with_a_reason("overturned")),
    Mutant("what is overturned stays in force", blind(ops.EnforceDecision, "appealed"),
           appeal_tests.test_what_is_overturned_is_no_longer_in_force),
    Mutant("nothing is superseded", put(enforcing, "decisions_of", lambda *_: ()),
           supersede_tests.test_a_new_decision_on_a_reopened_case_supersedes_the_one_in_force),
    Mutant("a reversal that does not say so", put(deciding, "compensated", lambda *_: {}),
           supersede_tests.test_what_takes_deeds_back_reverses_whether_it_says_so_or_not),
    Mutant("a subject in two lines", put(lines, "_coverage", nothing_found),
           decide_tests.test_a_subject_has_one_line),
    Mutant("no default line needed",
           put(lines, "decided_subjects", lambda subjects: ()),
           decide_tests.test_a_default_line_is_there_exactly_where_an_item_has_none),
    Mutant("what comes later is decided too", put(planning, "effective_lines",
           lambda ls, subjects: decisions.effective_lines(ls, (*subjects, COMMENT.id))),
           decide_tests.test_an_item_that_comes_later_is_not_decided),
    Mutant("a legal line although our policy breaks", put(lines, "LEGAL", frozenset()), contradictions),
    Mutant("an exception anywhere", put(lines, "EXEMPT", frozenset(decisions.OUTCOMES)), contradictions),
    Mutant("any ground", put(lines, "GROUNDS", dict.fromkeys(decisions.OUTCOMES, ("legal_order",))), contradictions),
    Mutant("an action on the wrong item type", put(lines, "_items", lambda *_: set()),
           decide_tests.test_an_action_is_for_every_item_that_its_line_covers),
    Mutant("an end in the past", put(lines, "LAST_INSTANT", 10**30), contradictions),
    Mutant("countries of any form", put(lines, "_places", nothing_found), contradictions),
    Mutant("deciding without a claim", put(deciding, "live_lease", lambda case, now: case.lease),
           decide_tests.test_deciding_wants_a_live_claim_of_ones_own),
    Mutant("decided before the consult is answered", put(deciding, "consults_answered", nothing),
           decide_tests.test_cited_and_required_consults_are_answered_first),
    Mutant("approved before the consult is answered", put(approving, "consults_answered", nothing),
           approve_tests.test_an_open_consult_that_must_be_answered_stops_the_approval),
    Mutant("departs without a reason", put(deciding, "_lacks", nothing_found), decide_tests.test_a_departure_says_why),
    Mutant("sent back without a reason", put(approving, "filled", nothing),
           approve_tests.test_sent_back_with_a_reason_the_author_proposes_anew),
    Mutant("withdrawn by anybody", entry(ROLES, ops.WithdrawDecision, nothing),
           approve_tests.test_withdrawn_by_its_author_or_a_lead_while_nothing_was_sent),
    Mutant("withdrawn after it left the house", put(approving, "nothing_left", nothing),
           approve_tests.test_not_withdrawn_once_something_left_the_house),
    Mutant("the clocks stay stopped", put(planning, "run_on", lambda case, since, now: case.clocks),
           approve_tests.test_withdrawn_by_its_author_or_a_lead_while_nothing_was_sent),
    Mutant("a clock met by an earlier decision runs again",
           put(planning, "run_on", lambda case, since, now: RUN_ON(case, 0, now)),
           supersede_tests.test_what_an_earlier_decision_met_stays_met),
    Mutant("a retry under a new key", with_rows(ops.RetryAction, fresh_key),
           enforce_tests.test_a_failure_says_why_and_is_tried_again_under_the_same_key),
    Mutant("one key for all", put(planning, "action_key", lambda *_: "k"),
           enforce_tests.test_keys_differ_by_deed_and_decision),
    Mutant("done by hand without a reference", put(enforcing, "filled", nothing),
           enforce_tests.test_done_for_all_with_one_reference),
    Mutant("waived without a lead", entry(ROLES, ops.WaiveAction, nothing),
           lambda: enforce_tests.test_a_lead_waives_with_a_reason(False)),
    Mutant("a person ends the undo window", entry(ROLES, ops.EnforceDecision, nothing),
           enforce_tests.test_only_the_system_carries_out),
    Mutant("resolved while one failed", put(enforcing, "DONE_STATES", planning.DONE_STATES | {"failed"}),
           enforce_tests.test_a_failure_says_why_and_is_tried_again_under_the_same_key),
    Mutant("the notice loosened without a lead", entry(ROLES, ops.SetUserNotice, nothing),
           lambda: enforce_tests.test_loosening_takes_a_lead_and_a_reason(
               ("forbidden", None), ("allowed", None), True)),
    Mutant("a shorter delay is no loosening", put(noticing, "_until", lambda n, now: float(n.forbids(now))),
           lambda: enforce_tests.test_loosening_takes_a_lead_and_a_reason(
               ("delayed", 2 * DAY), ("delayed", DAY), True)),
    Mutant("closed with an open consult", put(owed, "_CONSULTS", frozenset()),
           enforce_tests.test_everything_open_or_owed_is_named_at_once),
    Mutant("closed with anything open", put(status, "still_open", nothing_found),
           enforce_tests.test_where_statements_are_drafted_each_item_is_owed_one),
    Mutant("anybody reviews", entry(ROLES, ops.ReviewDecision, nothing),
           review_tests.test_a_review_is_due_in_time_and_is_anothers),
)  # fmt: skip
