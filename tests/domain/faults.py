"""Faults to seed into the rules, each with the test that must notice it (see test_mutants.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest
import test_rules_case as case_tests
import test_rules_due as due_tests
import test_rules_intake as intake_tests
import test_rules_notes as note_tests
import test_rules_refusals as refusal_tests
import test_rules_status as status_tests
import test_transitions
from desk import HOUR

from escaltui.domain import ids, transitions
from escaltui.domain import operations as ops
from escaltui.domain.changes import State
from escaltui.domain.entities import Case
from escaltui.domain.operations import NewSubject
from escaltui.domain.rules import (
    HANDLERS,
    fields,
    gate,
    guards,
    handling,
    intake,
    opening,
    people,
    status,
    subjects,
)
from escaltui.domain.rules.work import Work

Seed = Callable[[pytest.MonkeyPatch], None]


class Mutant(NamedTuple):
    """One fault: what it is, how it is put in, and the test that must fail with it."""

    name: str
    seed: Seed
    check: Callable[[], None]


def nothing(*_args: Any, **_more: Any) -> None:
    """A check that lets everything pass."""


def put(where: Any, name: str, value: Any) -> Seed:
    """A fault that replaces a name of a module."""
    return lambda patch: patch.setattr(where, name, value)


def entry(where: dict[Any, Any], key: Any, value: Any) -> Seed:
    """A fault that replaces an entry of a table."""
    return lambda patch: patch.setitem(where, key, value)


def blind(kind: type[Any], *lists: str) -> Seed:
    """A rule that does not look at some of the lists it was given."""
    handler = HANDLERS[kind]

    def without(op: Any, work: Work) -> None:
        kept = {key: value for key, value in work.state.lists.items() if key[0] not in lists}
        work.state = State(work.state.rows, kept)
        handler(op, work)

    return entry(HANDLERS, kind, without)


def slip(kind: type[Any], **wrong: Callable[[Case], Any]) -> Seed:
    """A rule that does its work and then sets fields of the case wrongly."""
    handler = HANDLERS[kind]

    def slipping(op: Any, work: Work) -> None:
        handler(op, work)
        case = work.case(op.case)
        work.after["case", case.id] = msgspec.structs.replace(
            case, **{name: value(case) for name, value in wrong.items()}
        )

    return entry(HANDLERS, kind, slipping)


def old_lease(case: Case) -> Any:
    return case.lease and msgspec.structs.replace(case.lease, fence=case.fence - 1)


def first_only(what: str, /, **required: object) -> None:
    for name, value in required.items():
        FILLED(what, **{name: value})


def other_author(self: NewSubject) -> str:
    return ids.entity_id(f"{self.platform}/{self.item_type}/{self.item_id or self.url}/{self.author}", 0)


FILLED = guards.filled
row = transitions.Row
AT_WORK: tuple[Mutant, ...] = (
    Mutant(
        "claim without looking at the lease",
        put(gate, "fence", nothing),
        status_tests.test_a_lease_that_ran_out_stops_nobody,
    ),
    Mutant(
        "a lease stops a claim only",
        put(gate, "VERBS", {}),
        status_tests.test_a_live_lease_stops_the_status_verbs_of_others_but_not_of_a_lead,
    ),
    Mutant(
        "an admin counts as a lead",
        put(gate, "is_lead", lambda work: bool({"lead", "admin"} & work.ctx.roles)),
        refusal_tests.test_a_lead_is_not_bound_by_a_claim_and_an_admin_is,
    ),
    Mutant(
        "anybody takes over",
        put(gate, "is_lead", lambda work: True),
        status_tests.test_taking_over_is_for_a_lead_or_at_s0_and_s1_with_a_reason,
    ),
    Mutant(
        "take over without a reason",
        put(gate, "filled", nothing),
        status_tests.test_taking_over_is_for_a_lead_or_at_s0_and_s1_with_a_reason,
    ),
    Mutant(
        "the fence is not raised",
        slip(ops.Claim, fence=lambda c: c.fence - 1, lease=old_lease),
        status_tests.test_each_grant_raises_the_fence_by_one_and_a_renewal_does_not,
    ),
    Mutant(
        "a renewal raises the fence",
        slip(ops.RenewLease, fence=lambda c: c.fence + 1),
        status_tests.test_each_grant_raises_the_fence_by_one_and_a_renewal_does_not,
    ),
    Mutant(
        "a lease lasts an hour",
        put(status, "LEASE_MS", HOUR),
        status_tests.test_a_claim_lasts_fifteen_minutes_on_one_device_and_makes_an_owner,
    ),
    Mutant(
        "a lease never runs out",
        put(status, "live_lease", lambda case, now: case.lease),
        due_tests.test_a_claim_runs_out,
    ),
    Mutant(
        "anybody gives back",
        put(status, "is_lead", lambda work: True),
        status_tests.test_only_the_holder_gives_back_and_the_owner_stays,
    ),
    Mutant("own recusal ignored", put(status, "not_recused", nothing), status_tests.test_recused_people_do_not_claim),
    Mutant(
        "assigned to somebody recused",
        put(handling, "not_recused", nothing),
        case_tests.test_recusing_is_for_oneself_or_by_a_lead,
    ),
    Mutant(
        "recusing keeps the claim",
        put(handling, "let_go", lambda case, person: case),
        status_tests.test_recused_people_do_not_claim,
    ),
    Mutant(
        "snooze past the deadline",
        put(status, "_later_not_late", nothing),
        status_tests.test_a_snooze_ends_before_the_next_deadline,
    ),
    Mutant(
        "a snooze pauses",
        slip(ops.Wait, waiting=lambda c: msgspec.structs.replace(c.waiting, on="requester")),
        status_tests.test_a_snooze_ends_before_the_next_deadline,
    ),
    Mutant(
        "severity lowered without a reason",
        put(fields, "severity_allowed", nothing),
        case_tests.test_lowering_a_severity_or_s0_needs_a_reason,
    ),
    Mutant(
        "triage lowers without a reason",
        put(status, "severity_allowed", nothing),
        status_tests.test_triage_confirms_and_stops_ack,
    ),
    Mutant(
        "transfer without a reason",
        put(status, "filled", nothing),
        status_tests.test_transfer_gives_away_claim_and_ownership,
    ),
    Mutant(
        "transfer keeps the claim",
        slip(ops.Transfer, owner=lambda c: "ada"),
        status_tests.test_transfer_gives_away_claim_and_ownership,
    ),
    Mutant(
        "dismissed for any reason, closed without a cause",
        put(status, "one_of", nothing),
        status_tests.test_closing_needs_a_root_cause_and_no_running_law,
    ),
    Mutant(
        "the law does not hold a dismissal",
        put(gate, "_law_runs", lambda *_: False),
        status_tests.test_an_authoritys_case_with_a_law_clock_is_dismissed_by_a_lead_alone,
    ),
    Mutant(
        "a reopening is not counted",
        slip(ops.Reopen, reopened=lambda c: 0),
        status_tests.test_reopening_counts_and_starts_a_new_round,
    ),
    Mutant(
        "a row too many in the table",
        entry(transitions.TABLE, "reopen", row("reopen", frozenset({"resolved", "closed", "new"}), "triaged")),
        test_transitions.test_the_table_is_the_designed_one_and_whole,
    ),
    Mutant(
        "a row that leads elsewhere",
        entry(transitions.TABLE, "close", row("close", frozenset({"resolved"}), "resolved")),
        test_transitions.test_new_reaches_every_status_and_every_status_reaches_closed,
    ),
    Mutant(
        "what wants an open case takes any",
        put(gate, "still_open", nothing),
        lambda: test_transitions.test_what_wants_an_open_case_is_refused_on_the_others("closed"),
    ),
    Mutant(
        "the state is asked before the fence",
        put(gate, "fence", lambda op, case, work: (gate.state(op, case), FENCE(op, case, work))),
        refusal_tests.test_the_first_thing_wrong_is_the_refusal,
    ),
    Mutant("roles are not asked", put(gate, "role", nothing), note_tests.test_only_its_author_corrects_a_note),
    Mutant(
        "note of another corrected by a lead",
        put(gate, "role", lambda op, work: None if guards.is_lead(work) else ROLE(op, work)),
        note_tests.test_only_its_author_corrects_a_note,
    ),
    Mutant(
        "anybody boosts",
        put(gate, "lead_only", nothing),
        case_tests.test_a_boost_is_a_leads_with_a_reason_within_three_days,
    ),
    Mutant(
        "a colleague's change is not noticed",
        put(gate, "not_moved", nothing),
        refusal_tests.test_a_colleagues_change_is_noticed_field_by_field,
    ),
    Mutant(
        "an online operation waits in a queue",
        put(ops.AddPerson, "MODE", "free"),
        refusal_tests.test_the_role_comes_before_the_authority,
    ),
    Mutant(
        "half characters pass", put(gate, "sayable", nothing), intake_tests.test_half_a_character_is_refused_in_words
    ),
    Mutant(
        "only the first empty field is named",
        put(status, "filled", first_only),
        refusal_tests.test_all_empty_fields_are_named_at_once,
    ),
    Mutant(
        "skip without a reason",
        put(handling, "filled", nothing),
        case_tests.test_skipping_needs_a_reason_and_lasts_four_hours,
    ),
    Mutant(
        "a skip ends at once", put(handling, "SKIP_MS", 0), case_tests.test_skipping_needs_a_reason_and_lasts_four_hours
    ),
    Mutant(
        "flag floors ignored",
        put(fields, "flag_floor", lambda *_: None),
        lambda: case_tests.test_a_flag_brings_its_floor(["ncii"], 1),
    ),
    Mutant(
        "a floor lowers",
        put(
            fields,
            "raised_to_floor",
            lambda before, after, flag, work: (msgspec.structs.replace(after, severity=1), "severity"),
        ),
        case_tests.test_a_floor_never_lowers,
    ),
    Mutant(
        "an item brings no floor",
        put(subjects, "raised_to_floor", lambda before, after, flag, work: (after,)),
        case_tests.test_live_violence_is_s0_whichever_comes_first,
    ),
    Mutant(
        "a flag cleared without a reason",
        put(fields, "filled", nothing),
        case_tests.test_flags_are_known_ones_and_cleared_with_a_reason,
    ),
    Mutant(
        "an act elsewhere is told by each desk",
        blind(ops.RecordElsewhere, "notes"),
        note_tests.test_what_was_done_elsewhere_is_told_once_however_many_hear_of_it,
    ),
    Mutant("links are not recognised", blind(ops.LinkCases, "links"), case_tests.test_the_same_link_twice_is_one),
    Mutant(
        "items differ by author",
        put(NewSubject, "id", property(other_author)),
        case_tests.test_an_item_is_one_by_its_triple,
    ),
    Mutant(
        "too many items", put(subjects, "SUBJECT_LIMIT", 10**6), case_tests.test_a_case_has_at_most_ten_thousand_items
    ),
    Mutant(
        "titles of any length",
        put(fields, "TITLE_LIMIT", 10**6),
        lambda: case_tests.test_editing_refuses_what_does_not_fit(case_tests.edited(title="x" * 201), "title"),
    ),
    Mutant("dedupe ignored", blind(ops.ReceiveReport, "dedupe"), intake_tests.test_a_known_dedupe_key_adds_nothing),
    Mutant(
        "known requesters ignored",
        blind(ops.ReceiveReport, "requester_named"),
        intake_tests.test_a_requester_of_a_known_name_is_the_known_one,
    ),
    Mutant(
        "bodies of any size",
        put(intake, "BODY_LIMIT", 10**9),
        lambda: intake_tests.test_a_report_that_does_not_fit_is_refused({"body": "x" * 1048577}, "body"),
    ),
    Mutant(
        "a body is measured in characters",
        put(intake, "body_fits", lambda body, *rest: guards.body_fits("x" * len(body), *rest)),
        lambda: intake_tests.test_a_report_that_does_not_fit_is_refused({"body": "é" * 524289}, "body"),
    ),
    Mutant(
        "reference collision ignored",
        put(opening, "free_ref", lambda case_id, taken: ids.case_ref(case_id)),
        intake_tests.test_references_get_longer_while_they_are_taken,
    ),
    Mutant(
        "verified by the letter's own number",
        put(intake, "_checked", nothing),
        intake_tests.test_a_report_is_verified_by_a_method_and_a_contact_of_ours,
    ),
    Mutant(
        "the last report speaks for the case",
        put(intake, "requester_of", lambda *_: None),
        intake_tests.test_a_case_opens_from_a_report,
    ),
    Mutant("any login", put(people, "RESERVED", ()), lambda: note_tests.test_what_cannot_be_a_login("system")),
)
FENCE, ROLE = gate.fence, gate.role
