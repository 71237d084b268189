"""The page of connectors by keys: how each stands, fetching in a thread, what would come, what was not mapped."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import quick
from casebench import Clock, app_on, press, settle, shown
from textual.pilot import Pilot

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake"))

import memory_place
from memory_place import PASSWORD, Memory, Place

from escaltui.config import Config, Me
from escaltui.config_connectors import ConnectorRow
from escaltui.intake import connectors as kinds
from escaltui.intake.connector import ConnectorError, Page
from escaltui.screens.connectors import ConnectorsScreen
from escaltui.screens.queue import QueueScreen
from escaltui.widgets.passage import Passage
from escaltui.workbench import Workbench, connector_plan, scheduling

SIZES = [(80, 24), (120, 36)]


class Slow(Memory):
    """Waits within its first request until it is let go on."""

    go_on = threading.Event()

    def fetch(self, cursor: str) -> Page:
        assert self.go_on.wait(20)
        return super().fetch(cursor)


class Odd(Memory):
    """Says of each page that something in it was odd."""

    def fetch(self, cursor: str) -> Page:
        page = super().fetch(cursor)
        odd = (f"An \x1b[31models\u202e with no name after {cursor or 'nothing'}.",)
        return Page(reports=page.reports, cursor=page.cursor, more=page.more, problems=odd)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place of two kinds of connector."""
    made = Place()
    monkeypatch.setitem(memory_place.SHELVES, "one", made)
    for kind in (Memory, Slow, Odd):
        monkeypatch.setitem(kinds.KINDS, kind.__name__.lower(), f"{kind.__module__}:{kind.__name__}")  # type: ignore[arg-type]
    for name in ("PRESS", "SLOW", "ODD"):
        monkeypatch.setenv(f"ESCALTUI_CONNECTOR_{name}", PASSWORD)
    Slow.go_on.clear()
    return made


def bench_of(folder: Path, *rows: ConnectorRow) -> Workbench:
    config = Config(folder / "config", me=Me(name="kosei"), exists=True, connectors=rows)
    return Workbench.open(folder / "store", config=config, clock=Clock())


@pytest.fixture
def bench(tmp_path: Path, place: Place) -> Iterator[Workbench]:
    at = {"shelf": "one"}
    made = bench_of(tmp_path, ConnectorRow("press", "memory", dict(at)), ConnectorRow("slow", "slow", dict(at)),
                    ConnectorRow("odd", "odd", dict(at)), ConnectorRow("queer", "carrier-pigeon"))  # fmt: skip
    yield made
    made.close()


def columns(pilot: Pilot[str]) -> str:
    """What is on the screen, each column read by itself, on one line; the left one ends at the rule of the right."""
    rows = shown(pilot).splitlines()
    at = rows[1].find("Not mapped") if "Not mapped" in rows[1] else rows[1].find("Would come")
    parts = [rows] if at < 20 else [[row[: at - 2] for row in rows], [row[at - 2 :] for row in rows], rows]
    return " ".join(" ".join(part).replace("\n", " ") for part in parts)


def seen_on(pilot: Pilot[str]) -> str:
    return " ".join(columns(pilot).split())


async def until(pilot: Pilot[str], words: str) -> None:
    """Until some words are shown, while something is still under way."""
    for _try in range(400):
        await quick.pause(pilot)
        if words in seen_on(pilot):
            return
    raise AssertionError(words)


async def opened(pilot: Pilot[str]) -> ConnectorsScreen:
    await press(pilot, "g", "f")
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, ConnectorsScreen)
    for _try in range(400):
        if screen.query_one("#list", Passage)._drawn:
            break
        await quick.pause(pilot)
    await settle(pilot)
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_it_says_how_to_begin_where_there_is_none(tmp_path: Path, size: tuple[int, int]) -> None:
    bench = bench_of(tmp_path)
    try:
        async with app_on(bench, size) as pilot:
            await opened(pilot)
            seen = seen_on(pilot)
            assert "escaltui / Connectors" in seen
            assert "No connector is set up" in seen
            await press(pilot, "f", "i", "enter", "j")
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, QueueScreen)
    finally:
        bench.close()


@pytest.mark.parametrize("size", SIZES)
async def test_each_is_shown_and_f_fetches(bench: Workbench, place: Place, size: tuple[int, int]) -> None:
    place.add(5)
    async with app_on(bench, size) as pilot:
        screen = await opened(pilot)
        seen = seen_on(pilot)
        for words in ("press", "never ran", "queer", "not usable", "no kind of connector carrier-pigeon",
                      "1 needs a look", "Not mapped: press"):  # fmt: skip
            assert words in seen, words
        assert screen.connector == "press"
        await press(pilot, "f")
        await settle(pilot)
        seen = seen_on(pilot)
        assert "press: 5 new cases." in seen
        assert "5 new cases, 5 in all" in seen
        assert bench.store.count(None) == 5
        await press(pilot, "f")
        await settle(pilot)
        assert "0 new cases, 5 in all" in seen_on(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_i_tells_what_would_come_and_changes_nothing(
    bench: Workbench, place: Place, size: tuple[int, int]
) -> None:
    place.add(2)
    async with app_on(bench, size) as pilot:
        await opened(pilot)
        await press(pilot, "i")
        await settle(pilot)
        seen = seen_on(pilot)
        for words in ("Would come: press", "2 new cases, 0 known. Nothing was changed.", "item 1", "never ran"):
            assert words in seen, words
        assert bench.store.count(None) == 0
        await press(pilot, "j")  # another one: what would come belongs to the first
        await settle(pilot)
        assert "Not mapped: slow" in shown(pilot)


async def test_keys_go_on_while_one_fetches_and_f_stops_it(bench: Workbench, place: Place) -> None:
    place.add(9)
    async with app_on(bench, (120, 36)) as pilot:
        await opened(pilot)
        await pilot.press("j", "f")
        await until(pilot, "under way")
        await pilot.press("k")
        await until(pilot, "Not mapped: press")
        await pilot.press("j", "f")
        await until(pilot, "slow stops after what it is at")
        Slow.go_on.set()
        await settle(pilot)
        assert "stopped" in shown(pilot)
        assert bench.store.count(None) == 3  # its first page
        await press(pilot, "f")
        await settle(pilot)
        assert bench.store.count(None) == 9


@pytest.mark.parametrize("size", SIZES)
async def test_what_was_not_mapped_is_shown_harmless(bench: Workbench, place: Place, size: tuple[int, int]) -> None:
    place.add(1)
    async with app_on(bench, size) as pilot:
        await opened(pilot)
        await press(pilot, "j", "j", "f")
        await settle(pilot)
        seen = seen_on(pilot)
        assert "with no name after nothing." in seen
        assert "1 thing not mapped" in seen
        seen = shown(pilot)
        assert "\x1b" not in seen
        assert "\u202e" not in seen


@pytest.mark.parametrize("size", SIZES)
async def test_one_that_runs_by_itself_fills_the_queue_and_says_when_it_is_next(
    tmp_path: Path, place: Place, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.add(2)
    monkeypatch.setattr(scheduling.Schedule.start, "__defaults__", (0.0,))
    monkeypatch.setattr(scheduling.Schedule.__init__, "__defaults__", (lambda row: row.name != "away",))
    at = {"shelf": "one"}
    bench = bench_of(tmp_path, ConnectorRow("press", "memory", at, every=300),
                     ConnectorRow("away", "memory", at, every=300))  # fmt: skip
    try:
        async with app_on(bench, size) as pilot:
            await until(pilot, "item 1")  # on the queue, by itself
            await opened(pilot)
            seen = seen_on(pilot)
            assert "2 new cases, 2 in all" in seen
            assert "next run " in seen
            assert "next run: once there is a network" in seen
            await press(pilot, "f")
            await settle(pilot)
            assert "press: 0 new cases." in seen_on(pilot)
            with connector_plan.turn(bench, "press"):
                await press(pilot, "f")
                await settle(pilot)
                assert "is being fetched from just now" in seen_on(pilot)
    finally:
        bench.close()


async def test_a_refusal_stands_on_the_page(bench: Workbench, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", "wrong")
    async with app_on(bench, (80, 24)) as pilot:
        await opened(pilot)
        await press(pilot, "f")
        await settle(pilot)
        seen = seen_on(pilot)
        assert "failed" in seen
        assert "press: The place does not take this password." in seen
        await press(pilot, "j", "j", "j", "f")  # one that cannot be made at all
        await settle(pilot)
        assert "There is no kind of connector carrier-pigeon" in seen_on(pilot)
        monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", PASSWORD)
        place.faults = [ConnectorError("The limit is reached.", again=True, wait=3600)]
        await press(pilot, "k", "k", "k", "f")
        await settle(pilot)
        seen = seen_on(pilot)
        assert "waits" in seen
        assert "not to be asked before" in seen
