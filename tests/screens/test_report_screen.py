"""Charts of what rose, below the table or over it, and `:report` from any place."""

from __future__ import annotations

import stat

import pytest
from casebench import app_on, press, settle, shown

from escaltui.screens.insight_chart import ChartPane
from escaltui.screens.queue import QueueScreen
from escaltui.screens.reporting import Wanted, asked
from escaltui.widgets.passage import Passage
from escaltui.workbench import Workbench

from .test_insight_screen import opened

DAY = 86_400_000


@pytest.fixture
def risen(bench: Workbench) -> Workbench:
    """Thirty quiet weeks, then twelve from Brazil in a few hours."""
    for days in range(8, 210, 4):
        opened(bench, days * DAY, "DE")
    for n in range(12):
        opened(bench, n * 60_000, "BR", "Fake ballots")
    return bench


async def test_a_chart_of_the_line_stands_below_where_there_is_room(risen: Workbench) -> None:
    async with app_on(risen, (120, 36)) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        screen = pilot.app.screen
        pane = screen.query_one(ChartPane)
        screen.query_one(Passage).go_to("country:BR")
        await press(pilot, "down", "up")
        assert pane.display
        rows = [row for row in shown(pilot).splitlines() if "┤" in row]
        assert any("12┤" in row and "██" in row for row in rows), rows
        assert "05-28" in shown(pilot)
        before = shown(pilot).split("┤", 1)[1]
        screen.query_one(Passage).go_to("country:DE")
        await press(pilot, "down", "up")
        assert shown(pilot).split("┤", 1)[1] != before, "it follows the cursor"
        assert all(len(drawn.lines) == 1 for drawn in pane._drawn), "no line of it is wrapped"


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_plus_shows_it_as_large_as_the_window_allows(risen: Workbench, size: tuple[int, int]) -> None:
    async with app_on(risen, size) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        screen = pilot.app.screen
        assert screen.query_one(ChartPane).display is (size[0] == 120)
        screen.query_one(Passage).go_to("country:BR")
        await press(pilot, "+")
        assert pilot.app.screen is not screen
        text = shown(pilot)
        assert "12┤" in text
        assert "05-28" in text
        assert "in the last 7 days" in text
        (found,) = pilot.app.screen.query(Passage)
        assert all(len(drawn.lines) == 1 for drawn in found._drawn[1:]), "no line of it is wrapped"
        assert found.height_of_all <= size[1] - 4, "nothing of it has to be scrolled to"
        await press(pilot, "escape")
        assert pilot.app.screen is screen


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_an_empty_page_has_no_chart(bench: Workbench, size: tuple[int, int]) -> None:
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "t")
        await settle(pilot)
        assert "┤" not in shown(pilot)
        screen = pilot.app.screen
        await press(pilot, "+")
        assert pilot.app.screen is screen


async def test_report_saves_from_any_place_and_says_where(risen: Workbench) -> None:
    async with app_on(risen, (120, 36)) as pilot:
        assert isinstance(pilot.app.screen, QueueScreen)
        await press(pilot, ":", *"report 4 md", "enter")
        await settle(pilot)
        (file,) = (risen.store.folder / "reports").iterdir()
        assert file.name.endswith("-4w.md")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "Saved, for you alone:" in shown(pilot)
        await press(pilot, "g", "t")
        await settle(pilot)
        await press(pilot, ":", *"report soon", "enter")
        await settle(pilot)
        assert "report 4 md" in shown(pilot)
        assert len(list((risen.store.folder / "reports").iterdir())) == 1


def test_what_report_takes() -> None:
    assert asked("") == Wanted("html", 1)
    assert asked("4") == Wanted("html", 4)
    assert asked("MD 12") == asked("12 md") == Wanted("md", 12)
    assert isinstance(asked("four"), str)
    assert isinstance(asked("100"), str)
