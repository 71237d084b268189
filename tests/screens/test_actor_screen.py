"""The page of an account or network by keys: whose page, what stands there, opening and coming back, `@`, undo."""

from __future__ import annotations

from typing import Any

import pytest
from casebench import app_on, burst, open_case, press, settle, shown
from textual.pilot import Pilot

from escaltui.domain import ids
from escaltui.domain.media import Attachment
from escaltui.domain.operations import NewSubject, OpenCase
from escaltui.screens.actor import ActorScreen
from escaltui.screens.case import CaseScreen
from escaltui.screens.queue import QueueScreen
from escaltui.store import Done
from escaltui.widgets.key_menu import KeyMenu
from escaltui.widgets.passage import Passage
from escaltui.workbench import Workbench, networks

SIZES = [(80, 24), (120, 36)]
PICTURE = "a" * 64


def case(bench: Workbench, title: str, *authors: str, files: tuple[str, ...] = ()) -> str:
    """A case of nobody in particular about one item of each author; gives its id."""
    key = bench.operation_id()
    held = tuple(Attachment("p.png", "image/png", 9, each) for each in files)
    items = tuple(NewSubject(platform="web", item_id=f"{title}-{each}", author=each, media=held) for each in authors)
    outcome = bench.do(OpenCase(opens=ids.entity_id(key, 0), title=title, subjects=items), op_id=key)
    assert isinstance(outcome, Done)
    return ids.entity_id(key, 0)


async def at(pilot: Pilot[str], key: str) -> None:
    pilot.app.open_case(key)  # type: ignore[attr-defined]
    await settle(pilot)


async def said(pilot: Pilot[str], *lines: str) -> None:
    """Each answered to one question."""
    for line in lines:
        await press(pilot, *("space" if each == " " else each for each in line), "enter")


def cursor(pilot: Pilot[str]) -> str:
    focused = pilot.app.focused
    assert isinstance(focused, Passage)
    return focused.cursor


def flat(pilot: Pilot[str]) -> str:
    return " ".join(shown(pilot).split())


@pytest.mark.parametrize("size", SIZES)
async def test_the_page_tells_all_there_is(bench: Workbench, size: tuple[int, int]) -> None:
    one, _two = case(bench, "First", "nn", files=(PICTURE,)), case(bench, "Second", "nn")
    case(bench, "Elsewhere", "mm", files=(PICTURE,))
    async with app_on(bench, size) as pilot:
        await at(pilot, one)
        await press(pilot, "U")
        assert isinstance(pilot.app.screen, ActorScreen)
        seen = flat(pilot)
        for words in ("Account / nn", "2 cases, 2 open", "0 decided", "0 violations", "0 strikes", "0 reversed",
                      "seen 2026-05-28", "First", "Second", "@ members"):  # fmt: skip
            assert words in seen, words
        for digit, words in (("2", "the same file  mm"), ("2", "1 file on its items, compared"), ("1", "Second"),
                             ("3", "Nobody is named who asked"), ("4", "It is in no network.")):  # fmt: skip
            await press(pilot, digit)
            assert words in shown(pilot), words


@pytest.mark.parametrize("size", SIZES)
async def test_a_case_opens_over_the_page_and_each_step_back_is_one(bench: Workbench, size: tuple[int, int]) -> None:
    one, two = case(bench, "First", "nn"), case(bench, "Second", "nn")
    async with app_on(bench, size) as pilot:
        app: Any = pilot.app
        await at(pilot, one)
        await press(pilot, "U", "escape")
        assert isinstance(app.screen, CaseScreen)
        assert app.screen.targets() == (one,)
        await press(pilot, "U")
        page = app.screen
        assert isinstance(page, ActorScreen)
        while cursor(pilot) != f"case {two}":
            await press(pilot, "down")
        await press(pilot, "enter")
        assert isinstance(app.screen, CaseScreen)
        assert app.screen.targets() == (two,)
        assert "from nn" in shown(pilot)
        await press(pilot, "escape")
        assert app.screen is page
        assert cursor(pilot) == f"case {two}"
        await press(pilot, "escape")
        assert isinstance(app.screen, CaseScreen)
        assert app.screen.targets() == (one,)
        await press(pilot, "escape")
        assert isinstance(app.screen, QueueScreen)


async def test_keys_of_one_packet_open_the_page_and_a_case(bench: Workbench) -> None:
    one, two = case(bench, "First", "nn"), case(bench, "Second", "nn")
    async with app_on(bench) as pilot:
        await at(pilot, one)
        await burst(pilot, "U", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, CaseScreen)
        assert screen.targets() in ((one,), (two,))
        assert "from nn" in shown(pilot)


async def test_where_there_are_several_one_is_picked(bench: Workbench) -> None:
    key = open_case(bench, "Order", requester="Police")
    several = case(bench, "Two of them", "nn", "mm")
    async with app_on(bench) as pilot:
        await at(pilot, key)
        await press(pilot, "U")
        assert isinstance(pilot.app.screen, KeyMenu)
        assert "1 Account: nn Order" in flat(pilot)
        assert "2 Requester: Police" in flat(pilot)
        await press(pilot, "1")
        assert isinstance(pilot.app.screen, ActorScreen)
        await press(pilot, "3")
        assert "Police law enforcement 1 case" in flat(pilot)
        await press(pilot, "escape")
        await at(pilot, several)
        await press(pilot, "U", "2")
        assert "Account / nn" in shown(pilot)


async def test_from_the_queue_too_and_where_nobody_is_named(bench: Workbench) -> None:
    case(bench, "First", "nn")
    async with app_on(bench) as pilot:
        await press(pilot, "U")
        assert isinstance(pilot.app.screen, ActorScreen)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, QueueScreen)
    bare = case(bench, "Bare")
    async with app_on(bench) as pilot:
        await at(pilot, bare)
        assert "account" not in shown(pilot).splitlines()[-1]
        await press(pilot, "escape", "home")
        screen: Any = pilot.app.screen
        while screen.line().id != bare:
            await press(pilot, "down")
        await press(pilot, "U")
        assert "No account and no requester is named on this case." in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_network_is_started_joined_left_and_taken_back(bench: Workbench, size: tuple[int, int]) -> None:
    one, two = case(bench, "First", "nn"), case(bench, "Second", "mm")
    async with app_on(bench, size) as pilot:
        await at(pilot, one)
        await press(pilot, "U", "at", "n")
        await said(pilot, "Ring", "one phone")
        assert "The network is changed. u takes it back." in shown(pilot)
        await press(pilot, "4")
        for words in ("one phone  by kosei", "web/nn  1 case  this one"):
            assert words in shown(pilot), words
        await press(pilot, "escape")
        await at(pilot, two)
        await press(pilot, "U", "at", "1")
        await said(pilot, "same pictures")
        (ring,) = networks.every(bench)
        assert [each.ref for each in ring.members] == ["web/mm", "web/nn"]
        assert ring.reason.value == "same pictures"
        await press(pilot, "at", "1")
        await said(pilot, "another owner")
        assert [each.ref for each in networks.every(bench)[0].members] == ["web/nn"]
        await press(pilot, "u")
        assert len(networks.every(bench)[0].members) == 2
        await press(pilot, "4", "enter")
        assert "Network / Ring" in shown(pilot)
        await press(pilot, "4")
        for words in ("2 cases, 2 open", "took out web/mm", "another owner", "added web/mm"):
            assert words in shown(pilot), words


async def test_on_its_own_page_a_network_takes_accounts_a_name_and_an_end(bench: Workbench) -> None:
    one = case(bench, "First", "nn")
    case(bench, "Second", "mm")
    assert isinstance(networks.start(bench, "Ring", ("web/nn",), "one phone"), Done)
    async with app_on(bench) as pilot:
        await at(pilot, one)
        await press(pilot, "U", "4", "enter")
        await press(pilot, "at", "a")
        await said(pilot, "mm", "same pictures")
        assert "2 cases" in shown(pilot)
        await press(pilot, "at", "a")
        await said(pilot, "nobody", "why not")
        assert "PLATFORM/ACCOUNT" in shown(pilot)
        await press(pilot, "at", "n")
        await said(pilot, "River", "as we say")
        assert "Network / River" in shown(pilot)
        await press(pilot, "4", "home", "at", "1")
        await said(pilot, "another owner")
        (ring,) = networks.every(bench)
        assert [each.ref for each in ring.members] == ["web/nn"]
        await press(pilot, "at", "w")
        await said(pilot, "mistaken")
        assert networks.every(bench) == []
        assert "Withdrawn: its accounts are not held" in shown(pilot)
        assert "@ members" not in shown(pilot)


async def test_a_member_opens_its_own_page(bench: Workbench) -> None:
    one = case(bench, "First", "nn")
    case(bench, "Second", "mm")
    assert isinstance(networks.start(bench, "Ring", ("web/nn", "web/mm"), "one phone"), Done)
    async with app_on(bench) as pilot:
        await at(pilot, one)
        await press(pilot, "U", "4", "down", "down", "enter")
        assert "Account / mm" in shown(pilot)
        await press(pilot, "escape")
        assert "Account / nn" in shown(pilot)
        await press(pilot, "up", "enter")  # its own line leads nowhere else
        assert "Account / nn" in shown(pilot)


async def test_what_others_do_shows_on_the_open_page(bench: Workbench) -> None:
    one = case(bench, "First", "nn")
    async with app_on(bench) as pilot:
        await at(pilot, one)
        await press(pilot, "U")
        assert "1 case, 1 open" in shown(pilot)
        case(bench, "Second", "nn")
        await pilot.pause(0.2)
        await settle(pilot)
        assert "2 cases, 2 open" in shown(pilot)
