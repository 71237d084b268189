"""Faults in what is said of files and in the seal, each with the test that must notice it (see faults.py)."""

from __future__ import annotations

from typing import Any

import test_media
from faults import Mutant, blind, entry, nothing, put
from msgspec.structs import replace

from escaltui.domain import operations as ops
from escaltui.domain.entities import Case, Media
from escaltui.domain.media import Attachment
from escaltui.domain.rules import HANDLERS, intake, media, sealing, subjects, undo
from escaltui.domain.rules.work import Work

UNSAID, SEALED, TOGETHER, FACTS = sealing.unsaid, sealing.sealed, sealing.together, sealing.sealed_facts
WITH_FILES = sealing.with_files
RATE, SEAL = HANDLERS[ops.RateMedia], HANDLERS[ops.SealMedia]


def believed(case: Case, holder: str, at: int, facts: Attachment, work: Work) -> Media:
    return replace(UNSAID(case, holder, at, facts, work), rating=facts.claimed)


def unroutable(case: Case, work: Work) -> Case:
    return case


def rateless(op: Any, work: Work) -> None:
    RATE(op, work)
    found = work.row(Media, op.media)
    work.put(replace(found, rated_by=""))


def unlifted(before: Case, after: Case, flag: str, work: Work) -> tuple[Any, ...]:
    return (after,)


def unsaid_lift(before: Case, after: Case, flag: str, work: Work) -> tuple[Any, ...]:
    from escaltui.domain.rules.fields import raised_to_floor

    found = raised_to_floor(before, after, flag, work)
    work.reason = ""
    return found


def chatty(facts: Attachment) -> Attachment:
    return replace(facts, sealed=True)


def forgetful(facts: Attachment) -> Attachment:
    return replace(FACTS(facts), sha256="")


def counted_on(op: Any, work: Work) -> None:
    before = work.case(op.case)
    SEAL(op, work)
    work.put(replace(work.case(op.case), files=before.files))


def anew(case: Case, held: tuple[Attachment, ...], kind: str, row_id: str, work: Work) -> Case:
    return case


def held_on(case: Case, held: tuple[Attachment, ...], kind: str, row_id: str, work: Work) -> Case:
    """The files that came sealed stay among the case's own."""
    return replace(WITH_FILES(case, held, kind, row_id, work), files=case.files)


def first_wins(known: tuple[Attachment, ...], new: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    return known or new


def without_seal(known: tuple[Attachment, ...], new: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    return TOGETHER(known, tuple(replace(each, sealed=False) for each in new))


def nothing_said() -> None:
    test_media.test_nothing_is_said_of_a_sealed_file("none")


REFUSED_UNDOS = {key: said for key, said in undo.NOT_UNDONE.items() if key != "SealMedia"}

MEDIA: tuple[Mutant, ...] = (
    Mutant("a sealed file is rated", put(media, "_not_sealed", nothing), nothing_said),
    Mutant(
        "a seal is undone",
        lambda patch: (patch.setattr(undo, "NOT_UNDONE", REFUSED_UNDOS), patch.setattr(undo, "Media", Case))[0],
        test_media.test_a_seal_is_never_undone,
    ),
    Mutant(
        "what brought a sealed file is undone",
        put(undo, "Media", Case),
        test_media.test_what_brought_a_sealed_file_is_not_undone_either,
    ),
    Mutant(
        "a reporter's claim is the team's rating",
        put(media, "unsaid", believed),
        test_media.test_a_reporters_claim_never_becomes_the_teams_rating,
    ),
    Mutant(
        "nobody rated it",
        entry(HANDLERS, ops.RateMedia, rateless),
        test_media.test_what_a_team_member_says_is_kept_with_who_and_when,
    ),
    Mutant(
        "a seal routes nobody", put(media, "routed", unroutable), test_media.test_a_seal_asks_the_operators_team_once
    ),
    Mutant(
        "a second question is asked",
        blind(ops.SealMedia, "consults"),
        test_media.test_a_seal_asks_the_operators_team_once,
    ),
    Mutant(
        "a second question is asked with a report",
        blind(ops.LinkReport, "consults"),
        test_media.test_a_file_that_comes_sealed_is_sealed_and_routed,
    ),
    Mutant(
        "a seal lifts no severity",
        put(media, "raised_to_floor", unlifted),
        test_media.test_a_seal_flags_the_case_and_lifts_its_severity_with_a_note,
    ),
    Mutant(
        "the log does not say why the severity rose",
        put(media, "raised_to_floor", unsaid_lift),
        test_media.test_a_seal_flags_the_case_and_lifts_its_severity_with_a_note,
    ),
    Mutant(
        "a sealed file keeps its name and words",
        put(media, "sealed_facts", chatty),
        test_media.test_a_seal_keeps_id_hash_who_when_basis_and_hides_the_rest,
    ),
    Mutant(
        "a sealed file loses its hash as received",
        put(media, "sealed_facts", forgetful),
        test_media.test_a_seal_keeps_id_hash_who_when_basis_and_hides_the_rest,
    ),
    Mutant(
        "a seal stays on its own case",
        put(media, "_hide", nothing),
        test_media.test_a_seal_goes_with_the_item_to_every_case_it_is_on,
    ),
    Mutant(
        "a case still counts a sealed file among its own",
        entry(HANDLERS, ops.SealMedia, counted_on),
        test_media.test_a_seal_keeps_id_hash_who_when_basis_and_hides_the_rest,
    ),
    Mutant(
        "a labelled file of a known item is not sealed",
        put(sealing, "born_sealed", anew),
        test_media.test_a_later_label_seals_a_file_that_the_item_had,
    ),
    Mutant(
        "a report that came sealed leaves its file among the case's own",
        put(intake, "with_files", held_on),
        test_media.test_a_report_with_a_sealed_file_takes_it_off_the_cases_own,
    ),
    Mutant(
        "a later label is lost where the item has files",
        put(subjects, "together", first_wins),
        test_media.test_a_later_label_seals_a_file_that_the_item_had,
    ),
    Mutant(
        "a label is dropped on the way",
        put(subjects, "together", without_seal),
        test_media.test_a_later_label_seals_a_file_that_the_item_had,
    ),
    Mutant(
        "a file of another case is sealed from here",
        put(media, "named", lambda op, work: (UNSAID(work.case(op.case), op.holder, 0, test_media.PHOTO, work),
                                              test_media.PHOTO)),
        test_media.test_a_file_of_another_case_is_not_here,
    ),
)  # fmt: skip
