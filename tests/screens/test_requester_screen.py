"""The page of a requester by keys: what it shows at both sizes, saying that names are one or not, opening and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from casebench import app_on, do, open_case, press, settle, shown, workbench
from textual.pilot import Pilot

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.screens.case import CaseScreen
from escaltui.screens.requester import RequesterScreen
from escaltui.workbench import Workbench, requester_names, requesters

SIZES = [(80, 24), (120, 36)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as made:
        for name, title in (("Roskomnadzor", "First order"), ("Roskomnadzor", "Second order"),
                            ("Rozkomnadzor", "Third order"), ("Ofcom", "An enquiry")):  # fmt: skip
            open_case(made, title, requester=name, kind="government")
        yield made


async def opened(pilot: Pilot[str], bench: Workbench, name: str = "Roskomnadzor") -> RequesterScreen:
    pilot.app.open_requester(requesters.find(bench, name))  # type: ignore[attr-defined]
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, RequesterScreen)
    return screen


async def whole(pilot: Pilot[str]) -> str:
    """What the page shows from its top to its end, on one line."""
    seen = shown(pilot)
    for _page in range(4):
        await press(pilot, "pagedown")
        seen += shown(pilot)
    await press(pilot, "down", "down", "down")
    seen += shown(pilot)
    await press(pilot, "home")
    return " ".join(seen.split())


@pytest.mark.parametrize("size", SIZES)
async def test_the_page_says_what_was_asked_and_what_came_of_it(bench: Workbench, size: tuple[int, int]) -> None:
    async with app_on(bench, size) as pilot:
        await opened(pilot, bench)
        seen = await whole(pilot)
        for words in ("escaltui / Requester / Roskomnadzor", "government", "2 cases since", "2 are open",
                      "Asked and granted", "Legal removal", "By month", "2026-05", "How it was checked",
                      "2 reports: 0 verified, 0 not genuine, 2 not verified.", "No contact of theirs",
                      "Nothing was decided yet.", "The same as?", "Rozkomnadzor", "92 % alike", "First order",
                      "No letter went to them"):  # fmt: skip
            assert words in seen, words
        assert "An enquiry" not in seen
        assert "Third order" not in seen


async def to_like(pilot: Pilot[str], size: tuple[int, int]) -> None:
    """Onto the suggested name."""
    await press(pilot, *(["tab"] if size[0] >= 100 else []), "home")
    screen = pilot.app.screen
    assert isinstance(screen, RequesterScreen)
    assert screen.key[0] == "like"


@pytest.mark.parametrize(("size", "key"), [(SIZES[0], "A"), (SIZES[1], "enter")])
async def test_a_suggested_name_is_confirmed_with_a_reason(bench: Workbench, size: tuple[int, int], key: str) -> None:
    async with app_on(bench, size) as pilot:
        await opened(pilot, bench)
        await to_like(pilot, size)
        assert "the same" in shown(pilot).splitlines()[-1]
        await press(pilot, key)
        assert "Rozkomnadzor is the same as Roskomnadzor" in shown(pilot)
        await press(pilot, "enter")  # without a reason nothing happens
        assert "Type something" in shown(pilot)
        await press(pilot, *"letterhead", "enter")
        assert "Rozkomnadzor goes on as Roskomnadzor" in shown(pilot)
        seen = await whole(pilot)
        assert "3 cases since" in seen
        assert "Third order" in seen
        assert "letterhead" in seen
        assert "The same as?" not in seen
        await press(pilot, "home", "u")
        assert "2 cases since" in shown(pilot)


async def test_escape_out_of_the_question_merges_nothing(bench: Workbench) -> None:
    async with app_on(bench, (120, 36)) as pilot:
        await opened(pilot, bench)
        await to_like(pilot, (120, 36))
        await press(pilot, "A", *"why", "escape")
        assert "2 cases since" in shown(pilot)


async def test_a_name_that_is_somebody_else_is_not_asked_again(bench: Workbench) -> None:
    async with app_on(bench, (80, 24)) as pilot:
        await opened(pilot, bench)
        await to_like(pilot, (80, 24))
        await press(pilot, "R")
        assert "Not the same" in shown(pilot)
        assert "The same as?" not in shown(pilot)
        await press(pilot, "escape")
        await opened(pilot, bench)
        assert "The same as?" not in shown(pilot)


async def test_a_name_that_was_taken_over_is_given_back(bench: Workbench) -> None:
    find = requesters.find
    requester_names.merge(bench, find(bench, "Rozkomnadzor"), find(bench, "Roskomnadzor"), "one letterhead")
    async with app_on(bench, (120, 36)) as pilot:
        screen = await opened(pilot, bench, "Rozkomnadzor")
        assert "goes on under this name" in shown(pilot)
        await press(pilot, "tab", "home")
        assert screen.key[0] == "held"
        await press(pilot, "R")
        assert "They are two again." in shown(pilot)
        # what was looked for is what is shown now
        assert "escaltui / Requester / Rozkomnadzor" in shown(pilot)
        assert "1 case since" in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_case_opens_and_escape_comes_back(bench: Workbench, size: tuple[int, int]) -> None:
    async with app_on(bench, size) as pilot:
        screen = await opened(pilot, bench)
        await press(pilot, *(["tab"] if size[0] >= 100 else []), "end", "enter")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert "order" in shown(pilot)
        await press(pilot, "escape")
        assert pilot.app.screen is screen
        await press(pilot, "escape")
        assert "escaltui / Queue" in shown(pilot)


async def test_a_type_lists_its_cases_in_the_queue(bench: Workbench) -> None:
    async with app_on(bench, (120, 36)) as pilot:
        screen = await opened(pilot, bench)
        assert screen.key == ("type", "legal_removal")
        await press(pilot, "enter")
        seen = shown(pilot)
        assert "escaltui / Queue" in seen
        assert "First order" in seen
        listed = pilot.app.listed.query  # type: ignore[attr-defined]
        assert listed.endswith(" type:legal_removal")
        assert bench.count(listed) == 2


async def command(pilot: Pilot[str], typed: str) -> None:
    await press(pilot, ":", *(each if each != " " else "space" for each in typed), "enter")


async def test_the_command_opens_the_page_of_the_case_or_of_a_name(bench: Workbench) -> None:
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, CaseScreen)
        await command(pilot, "requester")
        assert isinstance(pilot.app.screen, RequesterScreen)
        await press(pilot, "tab", "end", "enter")  # to another case, and all the way back
        await press(pilot, "escape", "escape")
        assert isinstance(pilot.app.screen, CaseScreen)
        await press(pilot, "escape")
        await command(pilot, "requester ofcom")
        assert "Requester / Ofcom" in shown(pilot)
        await press(pilot, "escape")
        await command(pilot, "requester roskomnadzr")
        assert "Near: Roskomnadzor" in shown(pilot)


async def test_what_changes_meanwhile_is_drawn(bench: Workbench) -> None:
    async with app_on(bench, (120, 36)) as pilot:
        await opened(pilot, bench, "Ofcom")
        assert "1 case since" in shown(pilot)
        open_case(bench, "Another enquiry", requester="Ofcom", kind="government")
        await pilot.pause(0.3)
        await settle(pilot)
        assert "2 cases since" in shown(pilot)


async def test_hostile_names_and_masks(bench: Workbench) -> None:
    open_case(bench, "An order", requester="Ro\x1b[31mskom\u202enadzor", kind="user")
    async with app_on(bench, (80, 24)) as pilot:
        found = next(each for each in requester_ids(bench) if each not in known(bench))
        pilot.app.open_requester(found)  # type: ignore[attr-defined]
        await settle(pilot)
        seen = shown(pilot)
        assert "\x1b" not in seen
        assert "\u202e" not in seen
        assert "1 case since" in seen


def requester_ids(bench: Workbench) -> list[str]:
    return bench.store.read(lambda c: [key for (key,) in c.execute("SELECT id FROM requester ORDER BY id")])


def known(bench: Workbench) -> set[str]:
    return {requesters.find(bench, name) for name in ("Roskomnadzor", "Rozkomnadzor", "Ofcom")}


async def test_one_that_is_gone_says_so(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        pilot.app.open_requester("nothing")  # type: ignore[attr-defined]
        await settle(pilot)
        assert "not here any more" in shown(pilot)
        await press(pilot, "escape")
        assert "escaltui / Queue" in shown(pilot)


async def test_nobody_has_no_page(bench: Workbench) -> None:
    op_id = bench.operation_id()
    do(bench, ops.OpenCase(opens=ids.entity_id(op_id, 0), title="Nobody asks", severity=0))
    async with app_on(bench) as pilot:
        await press(pilot, "home")
        await command(pilot, "requester")
        assert "names no requester" in shown(pilot)
