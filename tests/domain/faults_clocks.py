"""Faults to seed into the clocks, each with the test that must notice it (see test_mutants.py)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import test_clocks
import test_clocks_ours as ours
import test_statutory as law
import test_worked_examples as table
from desk import NOW
from faults import Mutant, entry, nothing, put
from msgspec.structs import replace

from escaltui.domain import clock_edit, clock_letters, clocks, ladder, legal_rows, legal_time, statutory
from escaltui.domain.clock import At, Clock, Unstated, Window
from escaltui.domain.entities import Case
from escaltui.domain.legal_rows import StatutoryRow
from escaltui.domain.operations import HoldClock
from escaltui.domain.rules import HANDLERS, timing
from escaltui.domain.rules.work import Work
from escaltui.domain.ruleset import RuleSet

_hold, _end, _start = clocks._hold, legal_time._end, statutory._start
_release, _instant_of = statutory.release, ladder.instant_of


def example(rule: str, received: str) -> Callable[[], None]:
    """A check: one line of the table of worked examples."""
    found = next(e for e in table.EXAMPLES if (e.rule, e.received) == (rule, received))
    return lambda: table.test_the_table(found)


def fuzz(check: Callable[..., None]) -> Callable[[], None]:
    """A property as a check."""
    return lambda: check()


def pauses_everything(found: dict[str, Clock], case: Case, now: int, rules: RuleSet) -> None:
    kinds = {key: clock.kind for key, clock in found.items()}
    own = {key: replace(clock, kind="sla", metric="decision") if clock.kind == "statutory" else clock
           for key, clock in found.items()}  # fmt: skip
    _hold(own, case, now, rules)
    found |= {key: replace(clock, kind=kinds[key], metric=found[key].metric) for key, clock in own.items()}


def and_promises_pause(found: dict[str, Clock], case: Case, now: int, rules: RuleSet) -> None:
    _hold(found, case, now, rules)
    if case.waiting is not None and case.waiting.on:
        found |= {key: clock_edit.paused(clock, "x", now) for key, clock in found.items()
                  if clock.kind == "promise" and clock.state == "running"}  # fmt: skip


def one_day_early(row: StatutoryRow, start: int, count: int, rules: RuleSet) -> int:
    return _end(row, start, count - (row.unit != "hours" and count > 1), rules)


def on_the_day_it_is_found(patch: pytest.MonkeyPatch) -> None:
    valid = legal_time.valid
    patch.setattr(legal_time, "valid", lambda row, start: valid(row, NOW))


def any_reason(op: HoldClock, work: Work) -> None:
    case = work.case(op.case)
    work.put(statutory.hold(case, op.clock, op.reason, op.source, work.ctx.now, work.ctx.rules))


def due_now(self: Clock) -> int | None:
    return self.started_at if isinstance(self.due, Unstated) else self.due.instant if isinstance(self.due, At) \
        else self.due.closes  # fmt: skip


def from_now(row: StatutoryRow, case: Case, now: int) -> int | None:
    return now if _start(row, case, now) is not None else None


def never_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(statutory, "ending", lambda *_: "")


def decided_ends(_clock: Clock, events: frozenset[str], _rules: RuleSet) -> str:
    return "decided" if "decided" in events else ""


def at_s0_too(found: dict[str, Clock], case: Case, now: int, rules: RuleSet) -> None:
    _hold(found, replace(case, severity=3), now, rules)


def resumes(case: Case, key: str, now: int, rules: RuleSet) -> Case:
    row = rules.statutory[key]
    row = replace(row, holds=dict.fromkeys(row.holds, "resume"))
    return _release(case, key, now, replace(rules, statutory=rules.statutory | {key: row}))


def from_its_start(clock: Clock, percent: int, rules: RuleSet) -> int | None:
    return _instant_of(
        replace(clock, due=At(clock.due.closes)) if isinstance(clock.due, Window) else clock, percent, rules
    )


CLOCKS: tuple[Mutant, ...] = (
    Mutant("a wait of ours pauses the law", put(clocks, "_hold", pauses_everything),
           fuzz(law.test_nothing_of_ours_ever_moves_a_time_of_the_law)),
    Mutant("a wait pauses our clocks at S0 too", put(clocks, "_hold", at_s0_too),
           lambda: test_clocks.test_the_worst_cases_never_pause(0)),
    Mutant("a wait pauses a promise", put(clocks, "_hold", and_promises_pause),
           ours.test_a_promise_runs_from_now_and_no_wait_pauses_it),
    Mutant("the day of receipt is counted", put(legal_time, "_end", one_day_early),
           example("in-grievance", "2026-03-02 09:00")),
    Mutant("a holiday is a business day", put(legal_time, "is_business", lambda day, *_: day.weekday() < 5),
           example("us-dmca-restore", "2026-11-20 09:15")),
    Mutant("a last day at a weekend stays there", put(legal_time, "_rolled", lambda day, *_: day),
           example("eu-gdpr-erasure", "2026-03-05 09:00")),
    Mutant("a month has thirty days", put(legal_time, "_months_on", lambda day, n: day + timedelta(30 * n)),
           example("eu-gdpr-erasure", "2028-01-31 10:00")),
    Mutant("a law nobody has read starts a clock", put(legal_rows.StatutoryRow, "unread", False),
           law.test_a_law_that_nobody_has_read_starts_no_clock_and_says_so),
    Mutant("words without a number are sorted as due", put(Clock, "due_at", property(due_now)),
           law.test_words_without_a_number_have_no_rung_no_place_and_no_end_in_time),
    Mutant("the law of the day it is found is taken", on_the_day_it_is_found,
           law.test_the_row_in_force_on_the_day_of_receipt_is_taken_however_late_it_is_found),
    Mutant("a law counts from the day it is found", put(statutory, "_start", from_now),
           law.test_a_later_type_country_or_flag_starts_one_from_receipt_and_its_loss_cancels_it),
    Mutant("a hold takes any reason", entry(HANDLERS, HoldClock, any_reason),
           law.test_only_a_reason_that_the_law_lists_holds_its_clock),
    Mutant("a hold that restarts resumes", put(statutory, "release", resumes),
           law.test_a_hold_that_restarts_gives_the_whole_time_again),
    Mutant("a held time is not given back", put(legal_time, "later", lambda row, end, *_: end),
           fuzz(law.test_a_hold_that_resumes_moves_the_end_by_its_length_and_the_run_time_is_the_budget)),
    Mutant("an incomplete request's clock comes back by itself", put(statutory, "INCOMPLETE", "no_rule"),
           law.test_what_a_request_lacks_is_named_cancels_and_completion_starts_anew),
    Mutant("what meets a law does not stop its clock", never_over,
           law.test_what_meets_a_law_stops_it_and_data_is_kept_from_then),
    Mutant("a decision alone meets a removal", put(statutory, "ending", decided_ends),
           law.test_a_decision_alone_removes_nothing_and_its_clock_runs_on),
    Mutant("a window climbs from its start", put(ladder, "instant_of", from_its_start),
           law.test_a_counter_notice_opens_a_window_from_its_own_receipt),
    Mutant("what is met is not kept", put(statutory, "kept", lambda *_: {}),
           law.test_what_meets_a_law_stops_it_and_data_is_kept_from_then),
    Mutant("anybody lets go of kept data", put(timing, "lead_only", nothing),
           ours.test_kept_data_is_renewed_with_a_source_and_let_go_by_a_lead),
    Mutant("a letter to anybody is the answer",
           put(clock_letters, "with_answers", lambda _case, events: events | {"answered"}),
           lambda: ours.test_the_first_letter_to_whoever_asked_is_the_answer("user", "press", False)),
)  # fmt: skip
