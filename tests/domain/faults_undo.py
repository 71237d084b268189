"""More faults: in merging, undoing, folding, numbering and ordering (see faults.py)."""

from __future__ import annotations

from typing import Any

import test_fold
import test_merge as merge_tests
import test_rules_intake as intake_tests
import test_rules_priority
import test_undo as undo_tests
from faults import Mutant, nothing, put

from escaltui.domain import clocks, fold, priority, transitions
from escaltui.domain import operations as ops
from escaltui.domain.entities import Case
from escaltui.domain.rules import (
    merging,
    undo,
)
from escaltui.domain.rules.work import Work

MAY_ABSORB, PATCH = merging.may_absorb, fold.patch


def unchecked_self(into: Case, case: Case) -> None:
    if into.id != case.id:
        MAY_ABSORB(into, case)


def forgetful(row: Any, changed: Any, sets: frozenset[str]) -> dict[str, Any]:
    return fold.plain(fold.build("case", PATCH(row, changed, sets)))


def whole_sets(name: str, was: Any, now: Any) -> dict[str, tuple[Any, Any]]:
    return {name: (list(was), list(now))}


TAKEN_BACK: tuple[Mutant, ...] = (
    Mutant(
        "merge into itself",
        put(merging, "may_absorb", unchecked_self),
        merge_tests.test_a_case_is_not_merged_into_itself,
    ),
    Mutant(
        "merge into a closed case",
        put(merging.transitions, "WORKING", frozenset(transitions.STATUSES)),
        merge_tests.test_only_a_case_at_work_absorbs,
    ),
    Mutant(
        "merge into a less sensitive case",
        put(merging, "SENSITIVITY_ORDER", dict.fromkeys(merging.SENSITIVITY_ORDER, 0)),
        merge_tests.test_the_survivor_is_as_sensitive_or_more,
    ),
    Mutant(
        "merge forgets the asked time",
        put(clocks, "absorb", lambda survivor, absorbed: survivor),
        merge_tests.test_the_survivor_takes_the_worse_severity_and_the_times_set_from_outside,
    ),
    Mutant(
        "unmerge forgets the survivor's clocks",
        put(clocks, "give_back", lambda survivor, absorbed: survivor),
        merge_tests.test_unmerge_gives_back_fields_and_clocks_as_if_they_had_run_on,
    ),
    Mutant(
        "unmerge forgets its own clocks",
        put(clocks, "revive", lambda case: case),
        merge_tests.test_unmerge_gives_back_fields_and_clocks_as_if_they_had_run_on,
    ),
    Mutant(
        "unmerge keeps the severity",
        put(merging, "severity_without", lambda survivor, absorbed: survivor.severity),
        merge_tests.test_unmerge_gives_back_fields_and_clocks_as_if_they_had_run_on,
    ),
    Mutant(
        "unmerge from a closed survivor",
        put(merging, "may_let_go", nothing),
        merge_tests.test_no_unmerge_from_a_closed_or_merged_survivor,
    ),
    Mutant(
        "undo ignores moved fields",
        put(undo, "_unmoved", nothing),
        lambda: undo_tests.test_undo_is_refused_where_a_field_moved_since(
            "SetSeverity", ops.SetSeverity(case="c", severity=1, reason="r"), "stale"
        ),
    ),
    Mutant(
        "undo ignores a closed case",
        put(undo, "still_open", nothing),
        lambda: undo_tests.test_undo_is_refused_where_a_field_moved_since(
            "SetSeverity", ops.Dismiss(case="c", reason="spam"), "wrong_state"
        ),
    ),
    Mutant(
        "undo lowers the fence",
        put(undo, "KEPT", Case.DERIVED),
        undo_tests.test_the_fence_never_goes_back_and_a_claim_given_back_is_a_new_grant,
    ),
    Mutant(
        "undo gives a claim back under an old fence",
        put(undo, "_given", lambda before, after, work: after),
        undo_tests.test_the_fence_never_goes_back_and_a_claim_given_back_is_a_new_grant,
    ),
    Mutant(
        "undo gives back to somebody recused",
        put(undo, "not_recused", nothing),
        undo_tests.test_nothing_is_given_back_to_somebody_recused_since,
    ),
    Mutant("undo overwrites sums", put(undo, "COUNTED", frozenset()), undo_tests.test_sums_keep_what_others_added),
    Mutant(
        "undo overwrites clocks",
        put(undo, "_clock_back", lambda path, held, was, now: was),
        undo_tests.test_a_pause_since_is_kept_by_the_undo_of_something_else,
    ),
    Mutant(
        "undo of another's work",
        put(undo, "is_lead", lambda work: True),
        undo_tests.test_undo_is_for_ones_own_or_by_a_lead,
    ),
    Mutant(
        "undo of undo",
        put(undo, "NOT_UNDONE", {}),
        lambda: undo_tests.test_undo_twice_and_undo_of_undo_are_refused("Tag"),
    ),
    Mutant(
        "undo of a merge into a closed case",
        put(undo, "may_let_go", nothing),
        merge_tests.test_a_merge_is_not_undone_where_it_could_not_be_unmerged,
    ),
    Mutant(
        "undo of an unmerge into a closed case",
        put(undo, "may_absorb", nothing),
        merge_tests.test_an_unmerge_is_not_undone_into_a_case_that_is_past_work,
    ),
    Mutant(
        "unknown fields are dropped", put(fold, "patch", forgetful), test_fold.test_a_field_of_another_version_survives
    ),
    Mutant(
        "sets are written whole",
        put(fold, "_set_difference", whole_sets),
        test_fold.test_two_people_who_touch_different_elements_both_keep_theirs,
    ),
    Mutant(
        "ids repeat",
        put(Work, "new_id", lambda self: self.ctx.new_id(0)),
        intake_tests.test_a_report_is_kept_as_it_came,
    ),
    Mutant(
        "lateness lifts a case",
        put(priority, "_lane", lambda case, rules: (0 if case.rung == 100 else case.severity, "")),
        test_rules_priority.test_thirty_late_s2_never_stand_above_a_new_s1,
    ),
    Mutant(
        "an order's hour is not seen",
        put(priority, "_lane", lambda case, rules: (min(case.severity, 3), "")),
        test_rules_priority.test_a_one_hour_order_is_in_lane_one_from_receipt,
    ),
)
