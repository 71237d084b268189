"""What becomes of an insight, on its own page and on that of recommendations: kept, linked, dismissed, open again."""

from __future__ import annotations

import pytest
from casebench import app_on, do, press, settle, shown

from escaltui.domain import operations as ops
from escaltui.domain.entities import Insight, Recommendation
from escaltui.screens.insight import InsightScreen
from escaltui.screens.learning import LearningScreen
from escaltui.widgets.passage import Passage
from escaltui.workbench import Workbench, learning
from escaltui.workbench import learning_doing as doing

from .learnwork import SIZES, kept, one, proposed, risen, there


@pytest.fixture(name="risen")
def _risen(bench: Workbench) -> Workbench:
    return risen(bench)


async def test_a_kept_insight_is_recommended_from_linked_and_dismissed(risen: Workbench) -> None:
    key = kept(risen)
    async with app_on(risen, (120, 36)) as pilot:
        await there(pilot)
        await press(pilot, "3", "N", *"Ask for a hotline", "ctrl+s")
        await settle(pilot)
        row = one(risen, Insight, key)
        assert row.state == "linked"
        assert len(one(risen, Recommendation, row.recommendation).evidence) == 12
        seen = shown(pilot)
        assert "Twelve from Brazil" in seen  # it stands with the recommendation
        assert "Insights kept" not in seen
    doing.reopen(risen, key)
    async with app_on(risen, (120, 36)) as pilot:
        await there(pilot)
        await press(pilot, "L", "1")
        await settle(pilot)
        assert one(risen, Insight, key).state == "linked"
    doing.reopen(risen, key)
    async with app_on(risen, (120, 36)) as pilot:
        await there(pilot)
        await press(pilot, "3", "R", *"a holiday", "enter")
        await settle(pilot)
        assert (one(risen, Insight, key).state, one(risen, Insight, key).reason) == ("dismissed", "a holiday")
        assert "a holiday" in shown(pilot)
        await press(pilot, "3", "e", "o")
        await settle(pilot)
        assert one(risen, Insight, key).state == "open"


@pytest.mark.parametrize("size", SIZES)
async def test_a_settled_line_of_the_trends_says_so(risen: Workbench, size: tuple[int, int]) -> None:
    async with app_on(risen, size) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, InsightScreen)
        screen.query_one("#insight", Passage).go_to("country:BR")
        await press(pilot, "R", *"a holiday", "enter")
        await settle(pilot)
        row = next(each for each in shown(pilot).splitlines() if "BR  country" in each)
        assert "dismissed" in row
        await press(pilot, "equals_sign")
        assert "a holiday" in shown(pilot)
        await press(pilot, "escape", "e", "o")
        await settle(pilot)
        row = next(each for each in shown(pilot).splitlines() if "BR  country" in each)
        assert "dismissed" not in row  # the control: open again, it says what it did
        led = proposed(risen)
        await press(pilot, "L", "1")
        await settle(pilot)
        row = next(each for each in shown(pilot).splitlines() if "BR  country" in each)
        assert "linked" in row
        await press(pilot, "e", "g")
        await settle(pilot)
        assert isinstance(pilot.app.screen, LearningScreen)
        assert pilot.app.screen.listed_key == ("recommendation", led)
    (found,) = learning.all_of(risen, Insight, ("linked",))
    assert found.recommendation == led


async def test_n_on_a_line_proposes_with_its_cases(risen: Workbench) -> None:
    async with app_on(risen, (80, 24)) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        pilot.app.screen.query_one("#insight", Passage).go_to("country:BR")
        await press(pilot, "N")
        await settle(pilot)
        assert "none named takes the 12 cases of the line" in " ".join(shown(pilot).split())
        await press(pilot, *"Ask for a hotline", "ctrl+s")
        await settle(pilot)
    (found,) = learning.all_of(risen, Recommendation, ("proposed",))
    assert (len(found.evidence), found.measure.scope, found.measure.before) == (12, 'country:"BR"', 12.0)
    assert one(risen, Insight, found.insight).state == "linked"


async def test_a_line_is_not_dismissed_by_who_does_not_lead(risen: Workbench) -> None:
    do(risen, ops.AddPerson(login="bo", roles=("specialist",)))
    risen.act_as("bo")
    async with app_on(risen, (80, 24)) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        assert "give back" not in shown(pilot).splitlines()[-1]
        await press(pilot, "R")
        assert "Settling an insight needs a lead." in shown(pilot)
        await press(pilot, "e", "d")  # not offered: the menu stays
        await press(pilot, "escape")
        assert learning.all_of(risen, Insight, ("open", "dismissed")) == ()
        await press(pilot, "e", "k")
        await settle(pilot)
        assert len(learning.all_of(risen, Insight, ("open",))) == 1  # the control: keeping is everybody's
