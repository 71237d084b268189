"""The page of what rose, by keys: empty in words, a wave with its cases behind it, how a line is computed."""

from __future__ import annotations

import pytest
from casebench import app_on, do, press, settle, shown

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.entities import Recommendation
from escaltui.screens.insight import InsightScreen
from escaltui.screens.insight_lines import widths
from escaltui.screens.queue import QueueScreen
from escaltui.store import standing
from escaltui.widgets.passage import Passage
from escaltui.workbench import Workbench

SIZES = [(80, 24), (120, 36)]
DAY = 86_400_000


def opened(bench: Workbench, back: int, country: str, title: str = "Removal order") -> str:
    """A case that came some milliseconds ago."""
    opening = bench.operation_id()
    key = ids.entity_id(opening, 0)
    do(bench, ops.OpenCase(opens=key, title=title, countries=(country,), received_at=bench.now() - back))
    return key


@pytest.fixture
def risen(bench: Workbench) -> Workbench:
    """Thirty quiet weeks, then twelve from Brazil in a few hours."""
    for days in range(8, 210, 4):
        opened(bench, days * DAY, "DE")
    for n in range(12):
        opened(bench, n * 60_000, "BR", "Fake ballots")
    return bench


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_page_says_so(bench: Workbench, size: tuple[int, int]) -> None:
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        assert isinstance(pilot.app.screen, InsightScreen)
        seen = shown(pilot)
        for words in ("There are no cases yet.", "0 cases are open", "Nothing is counted by this"):
            assert words in seen, words
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, QueueScreen)


@pytest.mark.parametrize("size", SIZES)
async def test_what_rose_stands_first_and_fits_its_line(risen: Workbench, size: tuple[int, int]) -> None:
    async with app_on(risen, size) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        passage = pilot.app.screen.query_one(Passage)
        rows = [block for block in passage.blocks if block.key]
        assert passage.cursor == rows[0].key
        brazil = next(row for row in shown(pilot).splitlines() if "BR  country" in row)
        assert "12" in brazil
        assert "0-0" in brazil
        assert any(word in brazil for word in ("more than usual", "new", "same cases"))
        assert all(len(drawn.lines) == 1 for drawn in passage._drawn if drawn.block.key)


async def test_enter_lists_the_cases_behind_a_line_in_the_queue(risen: Workbench) -> None:
    async with app_on(risen, (120, 36)) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        pilot.app.screen.query_one(Passage).go_to("country:BR")
        await press(pilot, "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, QueueScreen)
        assert pilot.app.screen.listing.pages.total == 12
        await press(pilot, "g", "t", "]", "]")
        await settle(pilot)
        assert "by policy area" in shown(pilot)


async def test_a_line_that_no_query_finds_marks_its_cases(risen: Workbench) -> None:
    async with app_on(risen, (120, 36)) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, InsightScreen)
        assert screen.face is not None
        line = next(each for each in screen.face.lines if not each.query and each.now)
        screen.query_one(Passage).go_to(line.key)
        await press(pilot, "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, QueueScreen)
        assert len(pilot.app.screen.listing.marks) == line.now


async def test_the_line_says_how_it_is_computed_and_is_recommended_from(risen: Workbench) -> None:
    async with app_on(risen, (120, 36)) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        pilot.app.screen.query_one(Passage).go_to("country:BR")
        await press(pilot, "=")
        assert "Windows of seven days" in shown(pilot)
        await press(pilot, "escape", "N", *"Ask for a hotline", "ctrl+s")
        await settle(pilot)
        assert "Recommended." in shown(pilot)
    (found,) = risen.store.read(lambda connection: standing.standing(connection, Recommendation, ("proposed",)))
    assert found.claim == "Ask for a hotline"
    assert found.insight
    assert len(found.evidence) == 12


@pytest.mark.parametrize("width", [60, 78, 118, 158])
def test_the_columns_fit(width: int) -> None:
    room = widths(width)
    assert room.name >= 8
    assert room.name + room.bars + 5 + 8 + 3 + 2 + 20 <= width
