"""Faults to seed into the rules of letters, each with the test that must notice it (see test_mutants.py)."""

from __future__ import annotations

from typing import Any

import msgspec
import test_letter_text as text_tests
import test_letters as letter_tests
import test_letters_in as in_tests
from faults import Mutant, blind, entry, nothing, put

from escaltui.domain import letters
from escaltui.domain import operations as ops
from escaltui.domain.entities import Case, Message
from escaltui.domain.rules import HANDLERS, ROLES, leaving, lettering
from escaltui.domain.rules.work import Work

ROLES_ASKED, REWRITE = letters.roles_asked, lettering._rewrite


def keeps_sign_off(letter: Message, content_sha256: str) -> bool:
    return True


def forgets_failure(kind: type[Any]) -> Any:
    """A record of a letter's fate that takes the unknown for a failure."""
    handler = HANDLERS[kind]

    def forgetting(op: Any, work: Work) -> None:
        handler(msgspec.structs.replace(op, outcome="failed") if op.outcome == "unknown" else op, work)

    return entry(HANDLERS, kind, forgetting)


def uncounted(case: Case, name: str, by: int) -> Case:
    return case


def first_role_only(party: str, *more: str) -> tuple[str, ...]:
    return ROLES_ASKED(party) or ROLES_ASKED(party, *more)


def template_decides(party: str, *more: str) -> tuple[str, ...]:
    return ROLES_ASKED("", *more) if any(more) else ROLES_ASKED(party)


def by_name_alone(letter: Message) -> tuple[str, ...]:
    return tuple(role for role in letter.signoff_roles if role not in letter.signed)


def no_edition(op: Any, letter: Message, work: Work) -> None:
    REWRITE(op, letter, work)
    after = work.row(Message, letter.id)
    work.put(msgspec.structs.replace(after, edition=letter.edition))


def any_role_signs(op: Any, work: Work) -> None:
    work.ctx = msgspec.structs.replace(work.ctx, roles=frozenset(letters.SIGNERS))
    lettering.may_sign(op, work)


def by_party_alone(letter: Message, case: Case, work: Work) -> bool:
    return letter.party == "affected_user"


def whole_text_only(text: str, secrets: Any) -> str:
    return next((each for each in secrets if len(each) >= 40 and each in text), "")


LETTERS: tuple[Mutant, ...] = (
    Mutant(
        "a placeholder is sent",
        put(letters, "unfinished", lambda *texts: ()),
        lambda: letter_tests.test_no_placeholder_leaves("{{case.ref}}"),
    ),
    Mutant(
        "a value is looked at again",
        put(letters, "fill", lambda text, values: letters.Filled(_twice(text, values), ())),
        text_tests.test_a_hostile_name_stays_a_name,
    ),
    Mutant("an edit keeps the sign-off", put(lettering, "same_words", keeps_sign_off),
           letter_tests.test_an_edit_voids_the_sign_off),
    Mutant("a yes to words nobody read", put(lettering, "whole", nothing),
           letter_tests.test_a_yes_is_to_the_words_that_were_read),
    Mutant("other words are sent than were read", put(leaving, "same_words", keeps_sign_off),
           letter_tests.test_an_edit_voids_the_sign_off),
    Mutant("a yes holds for other words", put(letters, "lacking", by_name_alone),
           letter_tests.test_a_yes_does_not_pass_to_other_words),
    Mutant("undo changes what was sent", put(lettering, "_rewrite", no_edition),
           letter_tests.test_undo_changes_no_words_that_were_signed_or_sent),
    Mutant("the author signs", entry(ROLES, ops.SignOff, nothing), letter_tests.test_no_author_signs),
    Mutant("the wrong role signs", entry(ROLES, ops.SignOff, any_role_signs),
           lambda: letter_tests.test_the_party_says_who_signs("press", "comms")),
    Mutant("a template asks for less", put(letters, "roles_asked", template_decides),
           letter_tests.test_a_template_asks_for_more_never_for_less),
    Mutant("a template cannot ask for more", put(letters, "roles_asked", first_role_only),
           letter_tests.test_a_template_asks_for_more_never_for_less),
    Mutant("sent where it is forbidden", put(leaving, "user_may_be_told", nothing),
           lambda: letter_tests.test_the_affected_user_is_not_told_while_that_is_forbidden(
               letter_tests.FORBIDDEN, "order 12, section 4")),
    Mutant("the affected user under another name", put(leaving, "_reaches_user", by_party_alone),
           lambda: letter_tests.test_the_affected_user_is_not_told_while_that_is_forbidden(
               letter_tests.FORBIDDEN, "order 12, section 4")),
    Mutant("an appellant is told what is forbidden", put(leaving, "_reaches_user", by_party_alone),
           letter_tests.test_an_appellant_is_the_affected_user),
    Mutant("sent twice after unknown", put(leaving, "undecided", lambda letter: False),
           letter_tests.test_what_may_have_been_sent_is_sent_again_only_when_asked_for),
    Mutant("an edit hides that it may have been sent", put(lettering, "undecided", lambda letter: False),
           letter_tests.test_what_may_have_been_sent_is_sent_again_only_when_asked_for),
    Mutant("the unknown counts as a failure", forgets_failure(ops.RecordSent),
           letter_tests.test_what_may_have_been_sent_is_sent_again_only_when_asked_for),
    Mutant("sent while it is being sent", put(leaving, "UNSENT", leaving.UNSENT | {"sent"}),
           letter_tests.test_a_letter_is_sent_once),
    Mutant("a privileged consult is quoted", put(leaving, "_quotes_nothing_privileged", nothing),
           lambda: letter_tests.test_no_letter_quotes_a_privileged_consult(letter_tests.SECRET)),
    Mutant("a quotation in capitals is none", put(letters, "quoted", whole_text_only),
           lambda: letter_tests.test_no_letter_quotes_a_privileged_consult(letter_tests.SECRET.upper())),
    Mutant("consults are not looked at", blind(ops.SendMessage, "consults"),
           lambda: letter_tests.test_no_letter_quotes_a_privileged_consult(letter_tests.SECRET)),
    Mutant("a pending reference is sent", put(letters, "pending_refs", lambda *_: ()),
           letter_tests.test_a_reference_that_was_not_settled_stays_in_the_house),
    Mutant("an empty letter is sent", put(leaving, "filled", nothing),
           lambda: letter_tests.test_nothing_empty_leaves({"body": "  \n"})),
    Mutant("a second address in one", put(letters, "is_address", lambda text: "@" in text),
           lambda: letter_tests.test_what_no_mail_can_hold_is_refused_as_it_is_written(
               {"address": "a@b.example, c@d.example"}, "address")),
    Mutant("a letter that waits goes by itself", put(ops.SendMessage, "MODE", "free"),
           letter_tests.test_an_hour_old_letter_does_not_leave_by_itself),
    Mutant("what left is still counted", put(leaving, "counted", uncounted), letter_tests.test_a_letter_is_sent_once),
    Mutant("a letter comes in twice", blind(ops.RecordInbound, "message_with"),
           in_tests.test_a_letter_comes_in_once),
    Mutant("an absence note wakes a case",
           put(lettering, "_answers_nothing", lambda op: False),
           lambda: in_tests.test_a_letter_wakes_a_case_that_waits_for_its_writer("requester", "requester", True)),
    Mutant("a bounce marks no letter", put(lettering, "_came_back", nothing),
           lambda: in_tests.test_a_bounce_marks_the_letter_that_did_not_arrive_once("sent")),
    Mutant("each bounce asks again", put(letters, "CAME_BACK", ""),
           lambda: in_tests.test_a_bounce_marks_the_letter_that_did_not_arrive_once("sent")),
    Mutant("what came back is not counted", put(lettering, "counted", uncounted),
           lambda: in_tests.test_a_bounce_marks_the_letter_that_did_not_arrive_once("sent")),
    Mutant("a letter wakes whatever waits", put(lettering, "ANSWERS", dict.fromkeys(lettering.ANSWERS, ("legal",))),
           lambda: in_tests.test_a_letter_wakes_a_case_that_waits_for_its_writer("legal", "requester", False)),
)  # fmt: skip


def _twice(text: str, values: Any) -> str:
    for _round in range(2):
        for name, value in values.items():
            text = text.replace("{{" + name + "}}", value)
    return text
