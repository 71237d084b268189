"""Deciding by keys: one line, several, drafts, undo, a second person, what like cases say, refusals that stay."""

from __future__ import annotations

import time

import pytest
import quick
from casebench import app_on, burst, do, open_case, press, settle, shown
from textual.pilot import Pilot

from escaltui.app import EscaltuiApp
from escaltui.domain import operations as ops
from escaltui.screens.case import CaseScreen
from escaltui.screens.sheets import decision_more
from escaltui.screens.sheets.agree import AgreeBox
from escaltui.screens.sheets.decide import DecideSheet
from escaltui.workbench import Workbench

from .deskwork import WHY, case_of, caught_up, decision, effective, later, proposed, status, work

SIZES = [(80, 24), (120, 40)]
REMOVE = ("2", *"praise", "enter", "r", *WHY)


def sheet(pilot: Pilot[str]) -> DecideSheet:
    found = pilot.app.screen
    assert isinstance(found, DecideSheet)
    return found


# --- one line


@pytest.mark.parametrize("size", SIZES)
async def test_one_line_is_decided(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = case_of(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "n", "d", *REMOVE, "ctrl+s")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert "Decided: violation, action." in shown(pilot)
        await press(pilot, "4")
        assert WHY in shown(pilot)
    made = decision(bench, case_id)
    (line,) = made.lines
    assert (line.outcome, line.own_policy, line.actions) == ("violation_action", "breaks", (("remove", None),))
    assert [(cite.heading.value, cite.version, cite.current) for cite in line.cites] == [
        ("Praise of attacks", "2026-01-29", True)
    ]
    assert made.rationale.value == WHY
    assert len(work(bench, case_id).actions) == 2
    assert status(bench, case_id) == "decided"


async def test_the_keys_in_one_packet_decide_the_same(bench: Workbench) -> None:
    case_id = case_of(bench)
    async with app_on(bench) as pilot:
        await burst(pilot, "n", "d", *REMOVE, "ctrl+s", "4")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert WHY in shown(pilot)
    (line,) = decision(bench, case_id).lines
    assert (line.outcome, line.actions, len(line.cites)) == ("violation_action", (("remove", None),), 1)
    assert len(work(bench, case_id).earlier) == 0


async def test_what_is_missing_stays_in_the_sheet(bench: Workbench) -> None:
    case_id = case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", "ctrl+s")
        assert "Pick an outcome" in shown(pilot)
        await press(pilot, "2", "ctrl+s")
        seen = shown(pilot)
        assert "Not done" in seen
        for part in ("section", "action", "rationale"):
            assert part in seen
        await press(pilot, *"praise", "enter", "r", *WHY, "ctrl+s")
        assert isinstance(pilot.app.screen, CaseScreen)
    assert status(bench, case_id) == "decided"


async def test_words_that_find_nothing_are_said(bench: Workbench) -> None:
    case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", "2", *"qzxv", "enter")
        assert "No section is like that" in shown(pilot)
        assert sheet(pilot).draft.lines[0].cites == []


async def test_backspace_in_an_empty_field_takes_the_citation_off(bench: Workbench) -> None:
    case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", "2", *"praise", "enter")
        assert len(sheet(pilot).draft.lines[0].cites) == 1
        await press(pilot, "shift+tab", "backspace")
        assert sheet(pilot).draft.lines[0].cites == []
        assert "Praise of attacks" not in shown(pilot)


async def test_an_answer_needs_no_section(bench: Workbench) -> None:
    case_id = case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", "a", *"Told them how", "ctrl+s")
    assert decision(bench, case_id).lines[0].outcome == "answered"


@pytest.mark.parametrize("size", SIZES)
async def test_every_outcome_shows_its_key_whole(bench: Workbench, size: tuple[int, int]) -> None:
    case_of(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "n", "d")
        seen = shown(pilot)
        for choice in sheet(pilot).query_one("#outcome").choices:  # type: ignore[attr-defined]
            assert f"{choice.key} {choice.label.value}" in seen


async def test_the_sheet_says_what_it_would_need_and_touch(bench: Workbench) -> None:
    open_case(bench, "Removal order", items=3)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", *REMOVE)
        seen = shown(pilot)
        assert "Needs" in seen
        assert "authority" in seen
        assert "3 items, 3 actions" in seen


# --- several lines


@pytest.mark.parametrize("size", SIZES)
async def test_three_lines_over_marked_items(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = case_of(bench, items=5)
    async with app_on(bench, size) as pilot:
        await press(pilot, "n", "d", *REMOVE)
        await press(pilot, "tab", "N", "x", "x", "ctrl+s", "1", *"praise", "enter")
        await press(pilot, "tab", "N", "x", "ctrl+s", "9")
        seen = shown(pilot)
        for words in ("the other 2 items", "[violation, action]", "[no violation]", "2 items", "1 item"):
            assert words in seen
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, CaseScreen), shown(pilot)
    first, second, third = decision(bench, case_id).lines
    assert [line.outcome for line in (first, second, third)] == ["violation_action", "no_violation", "refer_out"]
    assert (len(first.covers), len(second.covers), len(third.covers)) == (0, 2, 1)
    assert not set(second.covers) & set(third.covers)
    assert len(work(bench, case_id).actions) == 2, "only the items of the first line"


async def test_a_line_without_items_goes_and_one_item_has_no_lines(bench: Workbench) -> None:
    case_of(bench, items=3)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", "2", "shift+tab", "shift+tab", "N", "x", "ctrl+s")
        assert len(sheet(pilot).draft.lines) == 2
        await press(pilot, "shift+tab", "enter", "x", "ctrl+s")
        assert len(sheet(pilot).draft.lines) == 1
        await press(pilot, "N", "escape")
        assert len(sheet(pilot).draft.lines) == 1


async def test_one_item_has_no_further_lines(bench: Workbench) -> None:
    case_of(bench, items=1)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", "N")
        assert "two items or more" in shown(pilot)


# --- what the case brings in


async def test_keys_wait_for_what_the_case_cites(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a section cited the outcome goes on to the action: not to the section, because it was typed early."""
    case_id = case_of(bench)
    bench.cite(case_id, "praise")
    real, app = decision_more._cites, EscaltuiApp(bench, bench.config)

    def slow(*asked: object) -> object:
        for _try in range(1000):  # until a key waits, or the last one was let go
            if app.gate.waiting or app.focused is None or app.focused.id != "outcome":
                break
            time.sleep(0.005)
        return real(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(decision_more, "_cites", slow)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await burst(pilot, "n", "d", "2", "r", *WHY, "ctrl+s")
        assert isinstance(app.screen, CaseScreen), shown(pilot)
    (line,) = decision(bench, case_id).lines
    assert (line.actions, [cite.section for cite in line.cites]) == ((("remove", None),), ["praise"])


async def test_what_the_case_brings_in_is_no_draft(bench: Workbench) -> None:
    case_id = case_of(bench)
    bench.cite(case_id, "praise")
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d")
        assert "[praise]" in shown(pilot)
        await press(pilot, "escape")
        assert "Kept as a draft." not in shown(pilot)
    assert bench.draft(f"decision {case_id}") is None


async def test_what_is_said_is_what_was_accepted(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it waits for approval is told by the decision as it was made, not by what was foreseen."""
    open_case(bench, severity=0)
    monkeypatch.setattr(DecideSheet, "_previewed", lambda sheet, found: None)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", *REMOVE, "ctrl+s")
        assert "Proposed: violation, action. It waits for approval." in shown(pilot)


# --- drafts


async def test_a_draft_survives_esc_and_is_offered_again(bench: Workbench) -> None:
    case_id = case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", *REMOVE, "escape")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert "Kept as a draft." in shown(pilot)
        assert status(bench, case_id) == "in_review"
        await press(pilot, "d")
        seen = shown(pilot)
        for words in ("Your draft is back.", "[violation, action]", "Remove", WHY):
            assert words in seen
        await press(pilot, "ctrl+s")
    assert decision(bench, case_id).rationale.value == WHY
    assert bench.draft(f"decision {case_id}") is None


async def test_a_refused_decision_is_kept(bench: Workbench) -> None:
    case_id = case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", *REMOVE)
        do(bench, ops.Release(case=case_id))
        bench.act_as("akim")
        do(bench, ops.Claim(case=case_id))
        bench.act_as("kosei")
        await press(pilot, "ctrl+s")
        assert sheet(pilot)
        for _try in range(200):  # what others did comes to the screen by itself, too
            if "akim" in shown(pilot):
                break
            await quick.pause(pilot)
        assert "akim" in shown(pilot)
        await press(pilot, "escape", "d")
        assert "akim holds it until" in shown(pilot)
        await press(pilot, "a", "t", *"off sick", "enter", "d")
        assert "Your draft is back." in shown(pilot)
    assert status(bench, case_id) == "in_review"


# --- taking back, carrying out


async def test_undo_within_the_window(bench: Workbench) -> None:
    case_id = case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", *REMOVE, "ctrl+s", "u")
        assert "Undone:" in shown(pilot)
    assert status(bench, case_id) == "in_review"
    assert {each.state for each in work(bench, case_id).actions} == {"cancelled"}


async def test_after_the_window_it_is_carried_out(bench: Workbench) -> None:
    case_id = case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", *REMOVE, "ctrl+s")
        later(bench)
        await caught_up(pilot)
        assert [each.state for each in work(bench, case_id).actions] == ["queued", "queued"]
        await press(pilot, "u")
        assert "The undo window is over" in shown(pilot)
        await press(pilot, "A", *"T-77", "enter")
        assert "2 actions done." in shown(pilot)
    assert {(each.state, each.external_ref.value) for each in work(bench, case_id).actions} == {("confirmed", "T-77")}
    assert status(bench, case_id) == "resolved"


async def test_a_decision_is_taken_back_from_the_menu(bench: Workbench) -> None:
    case_id = case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", *REMOVE, "ctrl+s", "e", "w", *"wrong post", "enter")
        assert "Taken back." in shown(pilot)
    assert status(bench, case_id) == "in_review"


# --- a second person


@pytest.mark.parametrize("size", SIZES)
async def test_a_second_person_reads_it_whole_and_approves(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = proposed(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "enter", "A")
        assert isinstance(pilot.app.screen, AgreeBox)
        seen = shown(pilot)
        for words in ("violation, action", "Praise of attacks", "Remove", WHY, "proposed by akim", "approve as"):
            assert words in seen
        await press(pilot, "y")
        assert "Approved as" in shown(pilot)
    made = decision(bench, case_id)
    assert [who for _role, who, _at in made.approvals] == ["second"]
    assert status(bench, case_id) == "decided"


async def test_a_second_person_sends_back_with_a_reason(bench: Workbench) -> None:
    case_id = proposed(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "R", *"which law?", "enter")
        assert "Sent back." in shown(pilot)
    assert status(bench, case_id) == "in_review"
    (returned,) = work(bench, case_id).earlier
    assert returned.returned.value == "which law?"


async def test_the_author_is_not_offered_a_yes(bench: Workbench) -> None:
    proposed(bench)
    bench.act_as("akim")
    async with app_on(bench) as pilot:
        await press(pilot, "enter")
        assert "say yes" not in shown(pilot)
        await press(pilot, "A")
        assert not isinstance(pilot.app.screen, AgreeBox)


async def test_somebody_without_the_role_may_read_but_not_approve(bench: Workbench) -> None:
    case_id = proposed(bench, "counsel")
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "A")
        assert "approve as" not in shown(pilot)
        await press(pilot, "y", "escape")
    assert decision(bench, case_id).approvals == ()


async def test_what_changed_since_it_was_read_is_not_approved(bench: Workbench) -> None:
    """The author takes it back while a second person reads: the yes is refused, and says so."""
    case_id = proposed(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "A")
        bench.act_as("akim")
        do(bench, ops.WithdrawDecision(case=case_id, decision=decision(bench, case_id).id))
        bench.act_as("second")
        await press(pilot, "y")
        assert "Not done" in shown(pilot)
    assert status(bench, case_id) == "in_review"


# --- appeals, precedents


async def test_an_appeal_is_a_case_of_its_own_and_overturns(bench: Workbench) -> None:
    case_id = effective(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "colon", *f"open {bench.line(case_id).ref}", "enter")  # type: ignore[union-attr]
        await press(pilot, "e", "a", "1", *"The author says: satire", "enter")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert "Appeal against" in shown(pilot)
        appeal = pilot.app.screen.face
        assert appeal is not None
        assert appeal.work.appeal is not None
        await press(pilot, "e", "t", "ctrl+s", "a", "a")
        await press(pilot, "d", "4", *"praise", "enter", "r", *"Satire after all", "tab", "a", "2", "ctrl+s")
        assert isinstance(pilot.app.screen, CaseScreen), shown(pilot)
    made = decision(bench, appeal.line.id)
    assert (made.appeal_outcome, made.lines[0].outcome) == ("overturned", "enforcement_error")
    assert made.reverses


@pytest.mark.parametrize("size", SIZES)
async def test_precedents_and_the_notice_of_a_departure(bench: Workbench, size: tuple[int, int]) -> None:
    for n in range(5):
        effective(bench, f"Praise of the attack of May {n}")
    mine = case_of(bench, "Praise of the attack of June")
    bench.cite(mine, decision(bench, effective(bench, "Praise of May")).lines[0].cites[0].section)
    async with app_on(bench, size) as pilot:
        await press(pilot, "n", "P")
        seen = shown(pilot)
        assert "How cases like" in seen
        assert seen.count("violation, action") >= 2
        await press(pilot, "escape", "d", "1", *"It praises nothing")
        assert "nearest like cases ended in" in shown(pilot)
        assert sheet(pilot).preview is not None
        assert sheet(pilot).preview.departs
        await press(pilot, "tab", "d", *"A documentary", "enter", "ctrl+s")
        assert isinstance(pilot.app.screen, CaseScreen), shown(pilot)
    made = decision(bench, mine)
    assert made.departs
    assert made.departure_reason.value == "A documentary"


async def test_no_precedent_is_said(bench: Workbench) -> None:
    case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "P")
        assert "No decided case is like this one yet." in shown(pilot)
