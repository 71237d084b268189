"""On the case: what was decided is sent where it is done by a yes to its preview; other acts by a letter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from casebench import app_on, press, settle, shown

from escaltui.screens.sheets.agree import AgreeBox
from escaltui.workbench import Workbench, carrying, connecting

from . import there_bench
from .there_bench import MODERATOR, Place, case_of

Decided = tuple[Workbench, str]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    return there_bench.served(monkeypatch)


@pytest.fixture
def decided(tmp_path: Path, place: Place) -> Iterator[Decided]:
    with there_bench.decided(tmp_path, place) as (bench, (uri,)):
        yield bench, uri


async def opened(pilot: Any, bench: Workbench, uri: str) -> None:
    pilot.app.open_case(case_of(bench, uri))
    await settle(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_yes_on_the_case_opens_the_preview_and_sends(
    decided: Decided, place: Place, size: tuple[int, int]
) -> None:
    bench, uri = decided
    async with app_on(bench, size) as pilot:
        await opened(pilot, bench, uri)
        await press(pilot, "A")
        assert isinstance(pilot.app.screen, AgreeBox)
        assert "Review state: open." in shown(pilot)
        assert place.of("Takedown", uri) == [], "to look is not to send"
        await press(pilot, "escape", "A", "y")
        assert "Done there." in shown(pilot)
        await press(pilot, "4")
        assert "ozone event" in shown(pilot)
    assert len(place.of("Takedown", uri)) == 1


async def test_offline_it_says_so_and_stays_planned(decided: Decided, place: Place) -> None:
    bench, uri = decided
    place.faults = [httpx.ConnectError("nobody")]
    async with app_on(bench, (120, 36)) as pilot:
        await opened(pilot, bench, uri)
        await press(pilot, "A")
        assert "cannot be reached" in shown(pilot)
        assert "It stays planned here." in shown(pilot)
        await press(pilot, "A", "y")
    assert len(place.of("Takedown", uri)) == 1


async def test_a_role_that_may_not_is_told_before_sending(decided: Decided, place: Place) -> None:
    bench, uri = decided
    place.role = "triage"
    async with app_on(bench, (120, 36)) as pilot:
        await opened(pilot, bench, uri)
        await press(pilot, "A")
        assert "this account is: triage" in shown(pilot)
        await press(pilot, "y", "escape")
    assert place.of("Takedown", uri) == []
    assert len(carrying.waiting(bench, "ozone")) == 1, "somebody with the role sends it"


@pytest.mark.parametrize(
    ("keys", "typed", "kind"),
    [("a", "", "Acknowledge"), ("e", "", "Escalate"), ("c", "Please look", "Comment"), ("l", "spam", "Label"),
     ("t", "", "Takedown"), ("m", "24", "Mute"), ("g", "press", "Tag")],
)  # fmt: skip
async def test_what_no_decision_asks_for(decided: Decided, place: Place, keys: str, typed: str, kind: str) -> None:
    bench, uri = decided
    async with app_on(bench, (120, 36)) as pilot:
        await opened(pilot, bench, uri)
        await press(pilot, "E", keys)
        if typed:
            await press(pilot, *(key if key != " " else "space" for key in typed), "enter")
        assert isinstance(pilot.app.screen, AgreeBox)
        assert place.of(kind, uri) == []
        await press(pilot, "y")
        assert "Done there." in shown(pilot)
    (event,) = place.of(kind, uri)
    assert event["createdBy"] == MODERATOR
    connecting.run(bench, place.connect(), pause=lambda _s: None)
    rows = bench.store.bundle(case_of(bench, uri))
    assert rows is not None
    assert [note.elsewhere.ours for note in rows.notes if note.elsewhere] == [True], "told once"


async def test_where_nothing_can_be_done_there_it_says_so(decided: Decided, place: Place) -> None:
    bench, uri = decided
    async with app_on(bench, (120, 36)) as pilot:
        await opened(pilot, bench, uri)
        await press(pilot, "E", "v")
        assert "There is no appeal on it." in shown(pilot)
        await press(pilot, "y", "escape")
        place.faults_of["queryStatuses"] = [httpx.ConnectError("nobody")]
        await press(pilot, "E", "a")
        assert "Nothing was sent." in shown(pilot)
    assert place.of("Acknowledge", uri) == []
