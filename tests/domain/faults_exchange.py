"""Faults in what goes between people: questions, tasks, verification, updates, macros (see faults.py)."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import test_consults
import test_macros
import test_tasks
import test_updates
import test_verify
from desk import NOW
from faults import Mutant, Seed, blind, entry, nothing, put
from msgspec.structs import replace

from escaltui.domain import macros, updates
from escaltui.domain import operations as ops
from escaltui.domain.clock import At
from escaltui.domain.entities import Case, Consult, Person, Report, Update, Verification
from escaltui.domain.rules import HANDLERS, ROLES, consulting, intake, tasking, updating
from escaltui.domain.rules.work import Work

OFFER, SAVE, LINK = (HANDLERS[kind] for kind in (ops.OfferAnswer, ops.SaveUpdate, ops.LinkReport))
DRAFT, PUT = updates.draft, macros._put
HOURS = 3_600_000


def deaf(module: ModuleType, template: str) -> Seed:
    """A rule of a module that is not asked any more: the refusal with this template."""
    real = module.need  # type: ignore[attr-defined]

    def need(condition: object, code: Any, reason: str, mend: str, **more: Any) -> None:
        real(condition or reason == template, code, reason, mend, **more)

    return put(module, "need", need)


def trusting(op: ops.AnswerConsult, consult: Consult, work: Work) -> str:
    people = [row for row in work.state.list("login", op.by) if isinstance(row, Person) and row.team == consult.team]
    consulting.need(people, "incomplete", "x", "x", fields=("source",))
    return people[0].name


def asleep(before: Consult, after: Consult, work: Work) -> None:
    work.put(replace(after, offered="", offered_by=""))
    case = consulting.counted(work.case(before.case), "consult", -1)
    work.put(consulting.counted(case, "offered", -1) if before.offered else case)


def forgetful_offer(op: ops.OfferAnswer, work: Work) -> None:
    consult = work.row(Consult, op.consult)
    work.state = type(work.state)(
        {**work.state.rows, ("consult", consult.id): replace(consult, offered_with=())}, work.state.lists
    )
    OFFER(op, work)


def inherited(op: ops.LinkReport, work: Work) -> None:
    LINK(op, work)
    report = work.row(Report, op.report)
    work.put(replace(report, verification=Verification(state=work.case(op.case).verified)))  # type: ignore[arg-type]


def keeping_the_yes(op: ops.SaveUpdate, work: Work) -> None:
    before = work.find(Update, op.update)
    SAVE(op, work)
    if before is not None:
        work.put(replace(work.row(Update, op.update), state=before.state, approved_by=before.approved_by))


def uncounted(case: Case, _name: str, _by: int) -> Case:
    return case


def answered_late() -> None:
    test_consults.test_the_answer_is_due_before_the_law_and_what_the_letter_asks(At(NOW + 6 * HOURS), "statutory")


def answered_late_for_the_letter() -> None:
    test_consults.test_the_answer_is_due_before_the_law_and_what_the_letter_asks(At(NOW + 6 * HOURS), "asked")


def executive() -> None:
    test_updates.test_executives_and_the_outside_ask_for_a_yes_of_a_role(
        "executive", test_updates.LEAD, test_updates.COMMS
    )


EXCHANGED: tuple[Mutant, ...] = (
    Mutant("an answer is due after the law", put(consulting, "_in_time", lambda due, case, now: due), answered_late),
    Mutant(
        "an answer is due after the time that the letter asks",
        put(consulting, "legal_due", lambda case, now: None),
        answered_late_for_the_letter,
    ),
    Mutant(
        "a team's usual time runs past the law",
        put(consulting, "usual_due", lambda case, team, now, rules: now + 90 * 24 * HOURS),
        test_consults.test_without_a_time_it_is_the_teams_own_but_never_after_the_law,
    ),
    Mutant(
        "an outsider answers without a source",
        put(consulting, "_of_team", lambda op, consult, work: work.ctx.actor),
        test_consults.test_an_answer_is_the_teams_or_says_where_it_is_from,
    ),
    Mutant(
        "an outsider answers in a colleague's name",
        put(consulting, "_of_team", trusting),
        test_consults.test_an_answer_is_the_teams_or_says_where_it_is_from,
    ),
    Mutant(
        "a team that gives advice only binds",
        deaf(consulting, "{team} gives advice only."),
        test_consults.test_a_team_that_gives_advice_only_binds_nobody,
    ),
    Mutant(
        "a privileged question goes to anybody",
        deaf(consulting, "A privileged question goes to {teams} only."),
        test_consults.test_privilege_is_counsels_own,
    ),
    Mutant(
        "one mail offers its answer twice",
        entry(HANDLERS, ops.OfferAnswer, forgetful_offer),
        test_consults.test_an_answer_by_mail_waits_for_one_key_and_comes_once,
    ),
    Mutant(
        "an answer wakes nobody",
        put(consulting, "_ended", asleep),
        test_consults.test_the_case_waits_for_the_team_and_wakes_at_its_answer,
    ),
    Mutant(
        "an answer wakes a case that waits for another",
        blind(ops.AnswerConsult, "consults"),
        test_consults.test_the_case_waits_for_the_team_and_wakes_at_its_answer,
    ),
    Mutant(
        "open questions are not counted",
        put(consulting, "counted", uncounted),
        test_consults.test_a_question_is_kept_as_asked_and_counted,
    ),
    Mutant(
        "a question moves a colleague's case",
        put(consulting, "live_lease", lambda case, now: None),
        test_consults.test_only_a_case_at_work_waits_and_nobody_moves_a_colleagues_case,
    ),
    Mutant(
        "a report is verified by a contact out of itself",
        put(intake, "_mentions", lambda body, contact: False),
        lambda: test_verify.test_never_by_a_contact_out_of_the_report_itself("06 11 22 33 44"),
    ),
    Mutant(
        "a number out of the report passes in other spelling",
        put(intake, "_bare", lambda contact: contact.casefold()),
        lambda: test_verify.test_never_by_a_contact_out_of_the_report_itself("06 11 22 33 44"),
    ),
    Mutant(
        "a report is verified by a contact of nobody's directory",
        deaf(intake, "That contact is not in our directory of this requester."),
        test_verify.test_by_call_back_to_a_contact_of_ours,
    ),
    Mutant(
        "a verified report vouches for the sender's next one",
        entry(HANDLERS, ops.LinkReport, inherited),
        test_verify.test_a_forged_order_from_a_sender_once_verified_is_unverified,
    ),
    Mutant(
        "a contact enters our directory without a source",
        put(intake, "is_lead", lambda work: True),
        test_verify.test_a_contact_needs_a_source_or_a_lead,
    ),
    Mutant(
        "a step becomes a task twice",
        deaf(tasking, "That step is a task of this case already."),
        test_tasks.test_steps_become_tasks_once,
    ),
    Mutant(
        "a blocked task is begun",
        deaf(tasking, "That task waits for: {tasks}."),
        test_tasks.test_a_task_that_waits_for_another_is_not_begun_before_it,
    ),
    Mutant(
        "two tasks wait for each other",
        deaf(tasking, "That task waits for this one."),
        test_tasks.test_a_task_that_waits_for_another_is_not_begun_before_it,
    ),
    Mutant(
        "tasks that are done stay counted",
        put(tasking, "counted", uncounted),
        test_tasks.test_a_task_is_kept_and_counted_while_it_is_open,
    ),
    Mutant(
        "an author says yes to an update",
        deaf(updating, "You wrote on this update."),
        test_updates.test_no_author_says_yes_to_an_update_and_an_edit_takes_the_yes_back,
    ),
    Mutant(
        "an edit keeps the yes to an update",
        entry(HANDLERS, ops.SaveUpdate, keeping_the_yes),
        test_updates.test_no_author_says_yes_to_an_update_and_an_edit_takes_the_yes_back,
    ),
    Mutant("an update for executives needs no yes", put(updating, "APPROVERS", {}), executive),
    Mutant("anybody says yes to an update", entry(ROLES, ops.ApproveUpdate, nothing), executive),
    Mutant(
        "an update tells of a privileged question",
        put(updates, "open_to_all", list),
        test_updates.test_the_next_update_tells_what_changed_since_and_what_is_needed,
    ),
    Mutant(
        "an update drawn again looks past its last change",
        put(updates, "draft", lambda changes, since, upto, now: DRAFT(changes, since, 1 << 62, now)),
        test_updates.test_an_update_is_drawn_again_as_it_was_whatever_came_after,
    ),
    Mutant(
        "a macro looks through the values it filled in",
        put(macros, "_put", lambda value, values: PUT(PUT(value, values), values)),
        test_macros.test_variables_are_filled_in_once_and_never_looked_through,
    ),
    Mutant(
        "a macro approves",
        put(macros, "NEVER", frozenset()),
        lambda: test_macros.test_each_fault_of_a_file_is_told(
            '[[steps]]\ndo = "ApproveDecision"\n', "ApproveDecision is no operation"
        ),
    ),
)
