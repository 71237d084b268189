"""Holes in the wall between streams, each with the test that must notice it (see faults.py)."""

from __future__ import annotations

from typing import Any

import test_streams
import test_streams_moving
import test_streams_readers
from faults import Mutant, entry, nothing, put
from msgspec.structs import replace

from escaltui.domain import fold, ladder, streams
from escaltui.domain import operations as ops
from escaltui.domain.entities import Case, Consult, Note
from escaltui.domain.rules import ROLES, access, consulting, fields, intake, merging, moving, opening, work

MOVE, WHOLE, LEFT, MAY_SEE = moving.move, fold.whole, work._left, streams.may_see


def without_notes(case: Case, to: str, unit: Any) -> None:
    MOVE(case, to, unit)
    for key, row in list(unit.after.items()):
        if isinstance(row, Note):
            del unit.after[key]


def told_why(row: Any, to: str) -> Any:
    return replace(LEFT(row, to), verb="SetSensitivity", reason="quill")


def only_set(before: Any, after: Any) -> Any:
    return {name: pair for name, pair in WHOLE(before, after).items() if pair[1] is not None}


def stale_content(row: Any, names: Any) -> Any:
    return row if not names or row.NAME != "decision" else fold.build(row.NAME, moving._swapped(fold.plain(row), names))


def admin_sees(person: str, roles: Any, stream: str, case: Any, memberships: Any, now: int) -> bool:
    return MAY_SEE(person, roles, stream, case, memberships, now) or ("admin" in roles and stream.startswith("desk:"))


def glass_opens_all(person: str, roles: Any, stream: str, case: Any, memberships: Any, now: int) -> bool:
    seen = MAY_SEE(person, roles, stream, case, memberships, now)
    return seen or (case is not None and case.glass.get(person, 0) > now and streams.case_of(stream) == case.id)


def dropped_anyway(row: Any, change: Any) -> bool:
    return change.action == "moved" and row is not None


def asked_openly(row: Any, stream: str, unit: Any) -> str:
    return stream if isinstance(row, Consult) else moving.own_stream(row, stream, unit)


HOLES = (
    Mutant("a case moves and its rows stay", put(access, "placed", lambda case, unit: None),
           lambda: test_streams_moving.test_all_that_hangs_moves_and_keeps_what_it_says(("restricted",))),
    Mutant("notes stay behind", put(moving, "move", without_notes),
           lambda: test_streams_moving.test_all_that_hangs_moves_and_keeps_what_it_says(("restricted",))),
    Mutant("the old stream hears why", put(work, "_left", told_why),
           test_streams_moving.test_the_old_stream_hears_that_rows_left_and_no_more),
    Mutant("fields at their default are left out", put(fold, "whole", only_set),
           test_streams_readers.test_what_went_back_to_its_default_is_taken_away_from_what_was_held),
    Mutant("a moved row is dropped though it came", put(fold, "leaves", dropped_anyway),
           test_streams_readers.test_a_row_that_came_stays_when_its_old_stream_tells_that_it_left),
    Mutant("what others name is taken from them", put(moving, "_copies", lambda *_all: {}),
           test_streams_moving.test_what_others_name_stays_and_is_copied),
    Mutant("a decision that names a copy keeps its hash", put(moving, "_renamed", stale_content),
           test_streams_moving.test_what_others_name_stays_and_is_copied),
    Mutant("a reason is told to all", put(streams, "reasoned", list),
           test_streams_moving.test_a_question_lies_in_the_stream_of_the_higher_level),
    Mutant("a privileged question lies at the desk", put(consulting, "own_stream", asked_openly),
           test_streams_moving.test_a_question_lies_in_the_stream_of_the_higher_level),
    Mutant("a link is told to the lower end", put(fields, "higher", lambda one, other: one),
           test_streams_moving.test_what_is_done_afterwards_stays_behind_the_wall),
    Mutant("a requester behind the wall is known by name", put(intake, "level", lambda stream: 0),
           test_streams_moving.test_a_requester_of_a_restricted_case_is_nobody_at_the_desk),
    Mutant("what is split off is open", put(opening, "_as_seen", lambda op, draft, unit: draft),
           test_streams_moving.test_what_comes_of_a_restricted_case_is_as_restricted),
    Mutant("an absorbed case stays where it was", put(merging, "move", lambda *_all: None),
           test_streams_moving.test_a_case_merges_into_a_higher_one_and_comes_back_as_high),
    Mutant("anybody opens a case to more", entry(ROLES, ops.SetSensitivity, nothing),
           lambda: test_streams.test_the_table_of_sensitivity("privileged", "normal", "specialist")),
    Mutant("anybody names members", entry(ROLES, ops.AddMember, nothing),
           test_streams.test_members_are_named_by_owner_lead_or_counsel),
    Mutant("the glass opens what is privileged", put(streams, "may_see", glass_opens_all),
           lambda: test_streams.test_who_sees_which_stream("breaker")),
    Mutant("an admin sees the desk", put(streams, "may_see", admin_sees),
           lambda: test_streams.test_who_sees_which_stream("admin")),
    Mutant("a privileged case is told by its refusal", entry(ROLES, ops.BreakGlass, nothing),
           test_streams.test_a_privileged_case_is_not_told_from_an_absent_one),
    Mutant("the glass stays broken", put(streams, "lapsed", lambda case, now: case),
           test_streams.test_breaking_the_glass_lasts_eight_hours_and_is_seen),
    Mutant("nobody looks when the glass is whole again", put(ladder, "_ends", lambda case: []),
           test_streams.test_members_are_named_by_owner_lead_or_counsel),
)  # fmt: skip
