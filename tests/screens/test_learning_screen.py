"""Recommendations and goals by keys: proposed, decided, measured, ended; insights settled; drafts that survive."""

from __future__ import annotations

import pytest
from casebench import app_on, burst, do, press, settle, shown

from escaltui.domain import operations as ops
from escaltui.domain.entities import Goal, Recommendation
from escaltui.screens.case import CaseScreen
from escaltui.screens.incident import IncidentScreen
from escaltui.screens.learning import LearningScreen
from escaltui.screens.queue import QueueScreen
from escaltui.screens.sheets.recommend import RecommendSheet
from escaltui.widgets.field import SafeInput
from escaltui.widgets.passage import Passage
from escaltui.workbench import Workbench, learning
from escaltui.workbench import learning_doing as doing

from .deskwork import later
from .learnwork import DAY, SIZES, aimed, do_get, kept, one, opened, proposed, risen, there


@pytest.fixture(name="risen")
def _risen(bench: Workbench) -> Workbench:
    return risen(bench)


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_page_says_how_to_begin(bench: Workbench, size: tuple[int, int]) -> None:
    async with app_on(bench, size) as pilot:
        await there(pilot)
        seen = shown(pilot)
        for words in ("None yet. N proposes something", "No goal yet. N sets one.", "0 wait for a lead"):
            assert words in seen, words
        await press(pilot, "A", "R", "e", "L", "equals_sign", "enter")
        assert isinstance(pilot.app.screen, LearningScreen)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, QueueScreen)


@pytest.mark.parametrize("size", SIZES)
async def test_the_focused_one_stands_whole_beside_or_below(risen: Workbench, size: tuple[int, int]) -> None:
    key, late = proposed(risen, "Say it plainly", due=risen.now() + DAY), proposed(risen, "Ask for a hotline")
    doing.settle(risen, late, "declined", "too dear")
    aimed(risen)
    async with app_on(risen, size) as pilot:
        screen = await there(pilot)
        seen = shown(pilot)
        for words in ("Recommendations", "waits for a lead", "Goals", "1 waits for a lead", "Say it plainly",
                      "Policy recommendation", "Evidence"):  # fmt: skip
            assert words in seen, words
        assert '"never asked us"' in seen
        assert screen.listed_key == ("recommendation", key)
        parts = screen.query_one("#list"), screen.query_one("#whole")
        beside = parts[0].region.y == parts[1].region.y
        assert beside == (size[0] == 120)
        await press(pilot, "j")
        await settle(pilot)
        assert "too dear" in shown(pilot)
        await press(pilot, "2")
        await settle(pilot)
        seen = shown(pilot)
        assert "20 (n = 20) at the start" in seen
        assert "12 weeks" in seen
        assert "On track" in seen or "reached" in seen


async def test_n_proposes_and_a_draft_of_it_survives(risen: Workbench) -> None:
    ref = risen.line(opened(risen, DAY, "BR", "It shows it")).ref  # type: ignore[union-attr]
    flood = do_get(risen, ops.DeclareIncident(name="Flood", severity=2))
    incident = risen.incidents()[0].ref
    async with app_on(risen, (80, 24)) as pilot:
        await there(pilot)
        await press(pilot, "N", *"Name the teams")
        sheet = pilot.app.screen
        assert isinstance(sheet, RecommendSheet)
        await press(pilot, "ctrl+s")
        assert "A recommendation needs evidence." in shown(pilot)  # refused by the rules; what is typed stays
        await press(pilot, "escape")
        assert "Kept as a draft." in shown(pilot)
        await press(pilot, "N")
        await settle(pilot)
        assert "Your draft is back." in shown(pilot)
        assert pilot.app.screen.query_one("#claim", SafeInput).value == "Name the teams"
        await press(pilot, "tab", *"Who?", "tab", "tab", *f"{ref} the words", "tab", *"cs.1 cs.2")
        await press(pilot, "tab", *incident, "tab", "tab", *"2w", "ctrl+s")
        await settle(pilot)
        assert "Recommended. It waits for a lead." in shown(pilot)
        await press(pilot, "N")
        await settle(pilot)
        assert pilot.app.screen.query_one("#claim", SafeInput).value == ""  # the draft has done its work
    (found,) = learning.all_of(risen, Recommendation, ("proposed",))
    assert (found.claim, found.says, list(found.evidence.values())) == ("Name the teams", "Who?", ["the words"])
    assert (found.due, found.sections, found.incident) == (risen.now() + 14 * DAY, ("cs.1", "cs.2"), flood)


async def test_a_lead_takes_it_from_proposed_to_measured(risen: Workbench) -> None:
    key = proposed(risen)
    async with app_on(risen, (120, 36)) as pilot:
        await there(pilot)
        await press(pilot, "A", *"good", "enter")
        await settle(pilot)
        assert (one(risen, Recommendation, key).state, one(risen, Recommendation, key).reason) == ("accepted", "good")
        assert "Accepted." in shown(pilot)
        await press(pilot, "A")
        await settle(pilot)
        assert one(risen, Recommendation, key).state == "shipped"
        seen = shown(pilot)
        assert "There is no control group." in seen.replace("\n", " ") or "control group" in seen
        assert "not written down yet" in seen
        await press(pilot, "e", "m")
        await settle(pilot)
        assert one(risen, Recommendation, key).measure.measured_at == risen.now()
        assert "Written down on" in shown(pilot)
        await press(pilot, "equals_sign")
        assert "there is no control group" in " ".join(shown(pilot).split())
        await press(pilot, "escape", "u")
        await settle(pilot)
        assert one(risen, Recommendation, key).measure.measured_at is None
        await press(pilot, "u")
        await settle(pilot)
        assert one(risen, Recommendation, key).state == "accepted"


async def test_sent_back_changed_and_withdrawn(risen: Workbench) -> None:
    key = proposed(risen)
    async with app_on(risen, (80, 24)) as pilot:
        await there(pilot)
        await press(pilot, "R", "r", *"name the teams", "enter")
        await settle(pilot)
        assert one(risen, Recommendation, key).state == "returned"
        assert "name the teams" in shown(pilot)
        await press(pilot, "e", "e")
        await settle(pilot)
        assert isinstance(pilot.app.screen, RecommendSheet)
        await press(pilot, "end", *", and to whom", "ctrl+s")
        await settle(pilot)
        found = one(risen, Recommendation, key)
        assert (found.claim, found.state) == ("Say it plainly, and to whom", "proposed")
        assert list(found.evidence.values()) == ["never asked us"]  # what was not touched stays
        await press(pilot, "R", "w", "enter")
        await settle(pilot)
        assert one(risen, Recommendation, key).state == "withdrawn"


async def test_a_burst_of_keys_acts_on_what_each_key_saw(risen: Workbench) -> None:
    first, second = (
        proposed(risen, "First", due=risen.now() + DAY),
        proposed(risen, "Second", due=risen.now() + 2 * DAY),
    )
    async with app_on(risen, (80, 24)) as pilot:
        await burst(pilot, "g", "r", "j", "A", *"fine", "enter", "home", "R", "d", *"no", "enter")
        assert one(risen, Recommendation, second).state == "accepted"
        assert (one(risen, Recommendation, first).state, one(risen, Recommendation, first).reason) == ("declined", "no")


async def test_enter_lists_the_cases_and_the_whole_leads_on(risen: Workbench) -> None:
    incident = do_get(risen, ops.DeclareIncident(name="Flood", severity=2))
    key = proposed(risen, incident=incident)
    async with app_on(risen, (120, 36)) as pilot:
        screen = await there(pilot)
        await press(pilot, "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, QueueScreen)
        assert pilot.app.screen.listing.pages.total == 1
        await press(pilot, "g", "r")
        await settle(pilot)
        await press(pilot, "tab", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, CaseScreen)
        await press(pilot, "g", "r")
        await settle(pilot)
        screen.query_one("#whole", Passage).go_to(f"incident {incident}")
        await press(pilot, "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, IncidentScreen)
        assert pilot.app.screen.at == incident
    assert key


async def test_a_goal_is_set_changed_and_ended(risen: Workbench) -> None:
    async with app_on(risen, (80, 24)) as pilot:
        await there(pilot)
        await press(pilot, "2", "N", *"Fewer from Brazil", "tab", "1", "tab", *"country:BR", "enter")
        await settle(pilot)
        assert "now 12 (n = 12)" in shown(pilot)
        await press(pilot, "ctrl+s")
        assert "Say what should be reached." in shown(pilot)
        await press(pilot, *"5", "tab", *"30d", "ctrl+s")
        await settle(pilot)
        assert "The goal is set" in shown(pilot)
        (goal,) = learning.all_of(risen, Goal, ("open",))
        of = goal.measure
        assert (of.metric, of.scope, of.before, of.before_n, of.wanted) == ("volume", "country:BR", 12.0, 12, 5.0)
        assert goal.due == risen.now() + 30 * DAY
        await press(pilot, "2", "e", "e", "tab", "tab", "tab", "end", *"0", "ctrl+s")
        await settle(pilot)
        assert one(risen, Goal, goal.id).measure.wanted == 50.0
        assert one(risen, Goal, goal.id).measure.before == 12.0
        await press(pilot, "R", "m", *"a wave", "enter")
        await settle(pilot)
        ended = one(risen, Goal, goal.id)
        assert (ended.state, ended.reason, ended.measure.after) == ("missed", "a wave", 12.0)
        await press(pilot, "u")
        await settle(pilot)
        assert one(risen, Goal, goal.id).state == "open"
        await press(pilot, "2", "A", *"so", "enter")
        await settle(pilot)
        assert one(risen, Goal, goal.id).state == "met"
        await press(pilot, "2", "e", "o")
        await settle(pilot)
        assert one(risen, Goal, goal.id).state == "open"


@pytest.fixture
def by_other(risen: Workbench) -> Workbench:
    """The same desk with Bo at the keyboard, who leads nothing."""
    proposed(risen)
    aimed(risen)
    kept(risen)
    do(risen, ops.AddPerson(login="bo", roles=("specialist",)))
    risen.act_as("bo")
    return risen


@pytest.mark.parametrize("size", SIZES)
async def test_what_a_role_forbids_is_said_before_and_refused_in_words(
    by_other: Workbench, size: tuple[int, int]
) -> None:
    async with app_on(by_other, size) as pilot:
        await there(pilot)
        bar = shown(pilot).splitlines()[-1]
        assert "say yes" not in bar
        assert "give back" not in bar
        assert "A lead accepts it, sends it back or declines it." in " ".join(shown(pilot).split())
        for keys in (("A",), ("R",)):
            await press(pilot, *keys)
            await settle(pilot)
            assert "needs a lead" in shown(pilot)
        await press(pilot, "2", "A")
        await settle(pilot)
        assert "Setting a goal needs a lead." in shown(pilot)
        await press(pilot, "e")
        assert "Only a lead or whoever owns it changes this." in shown(pilot)
        await press(pilot, "3", "R")
        await settle(pilot)
        assert "Settling an insight needs a lead." in shown(pilot)
        (row,) = learning.all_of(by_other, Recommendation, ("proposed",))
        assert row.rev == 1


async def test_a_lead_sees_the_keys_that_work(risen: Workbench) -> None:
    """The control of the one above."""
    proposed(risen)
    async with app_on(risen, (120, 36)) as pilot:
        await there(pilot)
        bar = shown(pilot).splitlines()[-1]
        assert "say yes" in bar
        assert "A lead accepts it" not in shown(pilot)


async def test_an_incident_and_what_it_taught_lead_to_each_other(bench: Workbench) -> None:
    incident = do_get(bench, ops.DeclareIncident(name="Flood", severity=2))
    key = do_get(bench, ops.Recommend(incident=incident, claim="Keep a list", kind="process"))
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "i")
        await settle(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, IncidentScreen)
        await press(pilot, "enter")
        screen.query_one("#board", Passage).go_to(f"recommendation {key}")
        await burst(pilot, "enter", "A", *"good", "enter")  # what is typed at once is meant for what opens
        assert isinstance(pilot.app.screen, LearningScreen)
        assert one(bench, Recommendation, key).state == "accepted"
        assert bench.incidents()[0].ref in shown(pilot)
    assert "accepted" in bench.after_action(incident)


async def test_what_a_colleague_did_is_read_within_a_minute(bench: Workbench) -> None:
    case = opened(bench, DAY, "BR")
    async with app_on(bench, (80, 24)) as pilot:
        screen = await there(pilot)
        do(bench, ops.Recommend(claim="Theirs", evidence={case: ""}))
        later(bench, 59_000)
        screen.ticked()
        await settle(pilot)
        assert "Theirs" not in shown(pilot)
        later(bench, 1_000)
        screen.ticked()
        await settle(pilot)
        assert "Theirs" in shown(pilot)


async def test_a_change_of_one_with_many_cases_loses_none(bench: Workbench) -> None:
    cases = [opened(bench, DAY, "BR") for _case in range(learning.NAMED + 5)]
    key = do_get(bench, ops.Recommend(claim="Many", evidence=dict.fromkeys(cases, "")))
    async with app_on(bench, (80, 24)) as pilot:
        await there(pilot)
        assert "5 more cases" in repr(pilot.app.screen.query_one("#whole", Passage).blocks)
        await press(pilot, "e", "e", "tab", "tab", "tab", *"x", "backspace", "ctrl+s")
        await settle(pilot)
        assert set(one(bench, Recommendation, key).evidence) == set(cases)
        line = bench.line(cases[0])
        assert line is not None
        await press(pilot, "e", "e", "tab", "tab", "tab", *f"{line.ref} its words", "enter", "ctrl+s")
        await settle(pilot)
        found = one(bench, Recommendation, key)
        assert set(found.evidence) == set(cases)
