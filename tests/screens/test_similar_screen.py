"""Similar cases by keyboard: the list with why, open, link and merge from there; what is close marked in the queue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import casebench
import pytest
from casebench import app_on, do, open_case, press, settle, shown
from in_force import decide
from like_desk import LETTER, strangers

from escaltui.domain import operations as ops
from escaltui.screens.case import CaseScreen
from escaltui.screens.queue import QueueScreen
from escaltui.screens.sheets.merge import MergeSheet
from escaltui.screens.similar import SimilarSheet
from escaltui.workbench import Workbench

SIZES = [(80, 24), (120, 36)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with casebench.workbench(tmp_path) as found:
        strangers(found, 6)
        yield found


def pair(bench: Workbench) -> tuple[str, str]:
    """An earlier case that is decided, and a later one of the same item, letter and sender."""
    earlier = open_case(bench, "One shop", body=LETTER, requester="Brumwald", severity=3)
    decide(bench.store, earlier)
    return earlier, open_case(bench, "One shop", body=LETTER, requester="Brumwald", severity=0)


def ref(bench: Workbench, case_id: str) -> str:
    line = bench.line(case_id)
    assert line is not None
    return line.ref


@pytest.mark.parametrize("size", SIZES)
async def test_the_list_says_status_age_outcome_and_why_and_opens_one(bench: Workbench, size: tuple[int, int]) -> None:
    earlier, later = pair(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "colon", *f"open {ref(bench, later)}", "enter", "M")
        assert isinstance(pilot.app.screen, SimilarSheet)
        seen = shown(pilot)
        assert f"Cases like {ref(bench, later)}" in seen
        row = next(line for line in seen.splitlines() if "same item" in line)
        assert ref(bench, earlier) in row
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert pilot.app.screen.face is not None
        assert pilot.app.screen.face.line.id == earlier
        await press(pilot, "escape")
        assert pilot.app.screen.face.line.id == later, "esc comes back to the case it was asked from"


async def test_what_likely_repeats_stands_on_the_case_and_in_the_preview(bench: Workbench) -> None:
    earlier, later = pair(bench)
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "slash", *f"ref:{ref(bench, later)}", "enter")
        assert isinstance(pilot.app.screen, QueueScreen)
        while pilot.app.screen.face is None:  # the cursor has to rest first
            await pilot.pause(0.02)
        await settle(pilot)
        assert f"repeats    {ref(bench, earlier)}" in shown(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert "Likely repeats" in shown(pilot)
        assert f"likely repeats {ref(bench, earlier)}" in shown(pilot)


async def test_one_is_linked_from_the_list(bench: Workbench) -> None:
    earlier, later = pair(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "colon", *f"open {ref(bench, later)}", "enter", "M", "L")
        assert isinstance(pilot.app.screen, CaseScreen)
        face = bench.case(later)
        assert face is not None
        assert [link.case_id for link in face.links] == [earlier]
        assert face.repeats == (), "what is linked is no hint any more"


async def test_one_absorbs_it_after_what_will_happen_was_said(bench: Workbench) -> None:
    earlier, later = pair(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "colon", *f"open {ref(bench, later)}", "enter", "M", "e")
        assert isinstance(pilot.app.screen, MergeSheet)
        assert "ends as merged" in shown(pilot)
        line = bench.line(later)
        assert line is not None
        assert line.status != "merged", "nothing is done yet"
        await press(pilot, "ctrl+s")
    case = bench.store.case(later)
    assert case is not None
    assert case.merged_into == earlier


async def test_a_case_like_no_other_is_said(bench: Workbench) -> None:
    alone = open_case(bench, "Quux", body="xyzzy plugh", requester="Nobody else")
    async with app_on(bench) as pilot:
        await press(pilot, "colon", *f"open {ref(bench, alone)}", "enter", "M")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert f"No case here is like {ref(bench, alone)}." in shown(pilot)


async def test_what_is_close_is_marked_with_how_many_and_why_and_then_worked_on(bench: Workbench) -> None:
    mine = open_case(bench, "One shop", body=LETTER, requester="Brumwald", severity=0)
    near = [open_case(bench, "One shop", body=LETTER, requester="Brumwald", severity=3) for _n in range(3)]
    ended = open_case(bench, "One shop", body=LETTER, requester="Brumwald", severity=3)
    do(bench, ops.Dismiss(case=ended, reason="spam"))
    async with app_on(bench) as pilot:
        before = bench.store.last_seq()
        await press(pilot, "home", "X")
        assert isinstance(pilot.app.screen, QueueScreen)
        assert pilot.app.screen.listing.marks == {mine, *near}
        assert "Marked, and 3 more: 3 same item. ; then a verb." in shown(pilot)
        assert bench.store.last_seq() == before, "marking does nothing to them"
        await press(pilot, "semicolon", "e", "g", *"storm", "enter")
        assert "4 cases will change" in shown(pilot)
        await press(pilot, "y")
    assert sorted(bench.matching("tag:storm")) == sorted([mine, *near])


async def test_marking_where_nothing_is_close_is_said(bench: Workbench) -> None:
    open_case(bench, "Quux", body="xyzzy plugh", requester="Nobody else", severity=0)
    async with app_on(bench) as pilot:
        await press(pilot, "home", "X")
        assert isinstance(pilot.app.screen, QueueScreen)
        assert not pilot.app.screen.listing.marks
        assert "No open case listed here is close to this one." in shown(pilot)


async def test_what_repeats_is_marked_from_the_list(bench: Workbench) -> None:
    _earlier, later = pair(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "asterisk", "4", "enter")
        assert isinstance(pilot.app.screen, QueueScreen)
        assert pilot.app.screen.listing.marks == {later}
