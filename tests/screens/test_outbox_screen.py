"""The outbox by keys: what waits for a yes, for a hand, for sending, for an answer, for me."""

from __future__ import annotations

import pytest
from casebench import app_on, burst, do, open_case, press, shown

from escaltui.domain import operations as ops
from escaltui.screens.case import CaseScreen
from escaltui.screens.outbox import OutboxScreen
from escaltui.screens.sheets.agree import AgreeBox
from escaltui.workbench import Workbench

from .deskwork import caught_up, proposed, queued, status, work

SIZES = [(80, 24), (120, 40)]


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_outbox_says_so_in_each_list(bench: Workbench, size: tuple[int, int]) -> None:
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "o")
        for digit, words in zip(
            "12345",
            ("Nothing waits for your approval.", "Nothing is left to be done by hand.", "No letter waits.",
             "No question is open.", "No task is yours."), strict=True,
        ):  # fmt: skip
            await press(pilot, digit)
            assert words in shown(pilot)
        assert "say yes" not in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_one_reference_for_two_marked_cases(bench: Workbench, size: tuple[int, int]) -> None:
    first, second = queued(bench, "First praise"), queued(bench, "Second praise")
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "o")
        assert "By hand 4" in shown(pilot), "the first list with something in it shows"
        await press(pilot, *"xxxx", "A")
        assert "4 actions done" in shown(pilot)
        await press(pilot, *"ADS-77", "enter")
        assert "4 actions done." in shown(pilot)
        assert "Nothing is left to be done by hand." in shown(pilot)
    for case_id in (first, second):
        assert status(bench, case_id) == "resolved"
        assert {each.external_ref.value for each in work(bench, case_id).actions} == {"ADS-77"}


async def test_two_marked_cases_in_one_burst(bench: Workbench) -> None:
    for title in ("First praise", "Second praise"):
        queued(bench, title)
    async with app_on(bench) as pilot:
        await burst(pilot, "g", "o", *"xxxx", "A", *"ADS-77", "enter")
        assert "4 actions done." in shown(pilot)


async def test_only_what_is_marked_is_done(bench: Workbench) -> None:
    case_id = queued(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "g", "o", "down", "x", "A", *"T-1", "enter")
        assert "1 action done." in shown(pilot)
    assert sorted(each.state for each in work(bench, case_id).actions) == ["confirmed", "queued"]
    assert status(bench, case_id) == "enforcing"


async def test_what_cannot_be_done_is_told_from_the_case(bench: Workbench) -> None:
    case_id = queued(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "g", "o", "enter")
        assert isinstance(pilot.app.screen, CaseScreen)
        await press(pilot, "4", "enter", "f", *"the tool is down", "enter")
        assert "Noted as failed." in shown(pilot)
        await press(pilot, "enter", "r")
        assert "To be tried again." in shown(pilot)
    assert {each.state for each in work(bench, case_id).actions} == {"queued"}


@pytest.mark.parametrize("size", SIZES)
async def test_an_approval_is_given_from_the_outbox(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = proposed(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "o")
        assert "To approve 1" in shown(pilot)
        await press(pilot, "A")
        assert isinstance(pilot.app.screen, AgreeBox)
        await press(pilot, "y")
        assert isinstance(pilot.app.screen, OutboxScreen)
        assert "Approved as" in shown(pilot)
        assert "Nothing waits for your approval." in shown(pilot)
    assert status(bench, case_id) == "decided"


async def test_a_proposal_is_sent_back_from_the_outbox(bench: Workbench) -> None:
    case_id = proposed(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "g", "o", "R", *"which law?", "enter")
        assert "Sent back." in shown(pilot)
    assert status(bench, case_id) == "in_review"


async def test_letters_questions_and_tasks_are_opened_from_their_lists(bench: Workbench) -> None:
    case_id = open_case(bench)
    do(bench, ops.DraftMessage(case=case_id, party="requester", body="Received.", subject="Your order"))
    do(bench, ops.AskConsult(case=case_id, team="legal", question="Does it bind us?"))
    do(bench, ops.AddTask(case=case_id, title="Call the court", assignee="kosei"))
    async with app_on(bench) as pilot:
        await press(pilot, "g", "o")
        seen = shown(pilot)
        for words in ("Letters 1", "Questions 1", "My tasks 1"):
            assert words in seen
        await press(pilot, "3", "A")
        assert "Received." in shown(pilot)
        await press(pilot, "x")
        assert "Letter given up." in shown(pilot)
        await press(pilot, "4", "A", "s", "5", "A")
        assert "Task done." in shown(pilot)
        assert "No task is yours." in shown(pilot)
    found = work(bench, case_id)
    assert (found.letters[0].state, found.consults[0].state, found.tasks[0].state) == (
        "withdrawn", "acknowledged", "done",
    )  # fmt: skip


async def test_what_others_do_shows_in_the_open_list(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "g", "o", "5")
        do(bench, ops.AddTask(case=case_id, title="Call the court", assignee="kosei"))
        await caught_up(pilot)
        assert "Call the court" in shown(pilot)


async def test_the_case_that_was_opened_here_leads_back_here(bench: Workbench) -> None:
    queued(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "g", "o", "enter", "escape")
        assert "Outbox" in shown(pilot) or "Queue" in shown(pilot)
        await press(pilot, "g", "o")
        assert isinstance(pilot.app.screen, OutboxScreen)
        assert "By hand 2" in shown(pilot)
