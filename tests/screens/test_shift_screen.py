"""The shift page by keys: taking over, giving back, handing over in five keys, watches and risks."""

from __future__ import annotations

from typing import Any

import pytest
from casebench import app_on, burst, do, open_case, press, settle, shown

from escaltui.domain import operations as ops
from escaltui.domain.entities import Handover, Risk, Watch
from escaltui.screens.case import CaseScreen
from escaltui.screens.shift import ShiftScreen
from escaltui.store import standing
from escaltui.store.values import Done
from escaltui.workbench import Workbench, shift

from .deskwork import caught_up, later

SIZES = [(80, 24), (120, 36)]
HOUR = 3_600_000


def rows(bench: Workbench, kind: Any, *states: str) -> Any:
    return bench.store.read(lambda connection: standing.standing(connection, kind, states))


def held(bench: Workbench, person: str, *titles: str, severity: int = 1) -> list[str]:
    """Cases that a person holds; who was at the keyboard is there again."""
    me, found = bench.me, [open_case(bench, title, severity=severity) for title in titles]
    bench.act_as(person)
    for key in found:
        do(bench, ops.Claim(case=key))
    bench.act_as(me)
    return found


def offered(bench: Workbench, *titles: str) -> list[str]:
    """Akim offers Kosei these cases."""
    found = held(bench, "akim", *titles)
    bench.act_as("akim")
    shift.edit(bench, receiver="kosei", note="Quiet so far", asks={found[0]: "court file sent?"})
    assert isinstance(shift.offer(bench), Done)
    bench.act_as("kosei")
    return found


def owner(bench: Workbench, case_id: str) -> str:
    line = bench.line(case_id)
    assert line is not None
    return line.owner


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_page_says_so_in_each_part(bench: Workbench, size: tuple[int, int]) -> None:
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "s")
        assert isinstance(pilot.app.screen, ShiftScreen)
        seen = shown(pilot)
        if size[0] == 80:
            await press(pilot, "end")
            seen += shown(pilot)
        for words in ("Nothing is offered to you.", "You have nothing to hand over.", "Nothing is watched.",
                      "No risk is written down.", "No clock ends within two hours.", "No incident runs.",
                      "no shift of yours"):  # fmt: skip
            assert words in " ".join(seen.split()), words
        assert "say yes" not in seen


@pytest.mark.parametrize("size", SIZES)
async def test_a_handover_takes_five_keys(bench: Workbench, size: tuple[int, int]) -> None:
    held(bench, "kosei", "Praise of an attack", "Another")
    keys = ("g", "s", "at", "enter", "ctrl+s")
    assert len(keys) == 5
    async with app_on(bench, size) as pilot:
        await press(pilot, *keys)
        assert "Offered to akim." in shown(pilot)
    (found,) = rows(bench, Handover, "offered")
    assert (found.giver, found.receiver, len(found.items)) == ("kosei", "akim", 2)


async def test_the_same_in_one_burst(bench: Workbench) -> None:
    held(bench, "kosei", "Praise of an attack")
    async with app_on(bench) as pilot:
        await press(pilot, "g", "s")
        await burst(pilot, "@", "enter", "ctrl+s")
        assert "Offered to akim." in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_one_thing_is_taken_then_all(bench: Workbench, size: tuple[int, int]) -> None:
    cases = offered(bench, "First order", "Second order", "Third order")
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "s")
        seen = shown(pilot)
        assert "3 things from akim" in seen
        assert "Quiet so far" in seen
        assert "court file sent?" in seen
        await press(pilot, "down", "A")
        assert "1 thing taken over." in shown(pilot)
        assert sum(owner(bench, each) == "kosei" for each in cases) == 1
        await press(pilot, "home", "A")
        assert "2 things taken over." in shown(pilot)
        assert "Nothing is offered to you." in shown(pilot)
    assert {owner(bench, each) for each in cases} == {"kosei"}


async def test_a_thing_is_given_back_with_a_reason(bench: Workbench) -> None:
    (case,) = offered(bench, "First order")
    async with app_on(bench) as pilot:
        await press(pilot, "g", "s", "down", "R", *"on leave", "enter")
        assert "Given back." in shown(pilot)
    assert owner(bench, case) == "akim"
    (found,) = rows(bench, Handover, "done")
    assert found.items[case].reason == "on leave"
    bench.act_as("akim")
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s")
        assert "First order" in shown(pilot)


async def test_things_are_left_out_and_asked_for(bench: Workbench) -> None:
    first, second = held(bench, "kosei", "First order", "Second order")
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s", "tab", "down", "x")
        assert "left out" in shown(pilot)
        assert "1 thing" in shown(pilot)
        await press(pilot, "e", *"call the court", "enter")
        assert '"call the court"' in shown(pilot)
        await press(pilot, "home", "e", *"A quiet night", "ctrl+s")
        assert "A quiet night" in shown(pilot)
        await press(pilot, "at", "enter", "ctrl+s")
    (found,) = rows(bench, Handover, "offered")
    assert len(found.items) == 1
    assert {item.ask for item in found.items.values()} == {"call the court"}
    assert set(found.items) < {first, second}
    assert found.note == "A quiet night"


async def test_what_nobody_took_is_taken_back(bench: Workbench) -> None:
    cases = held(bench, "kosei", "First order", "Second order")
    shift.edit(bench, receiver="akim")
    assert isinstance(shift.offer(bench), Done)
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s", "tab", "end")
        assert "akim: 0 of 2 taken" in shown(pilot)
        await press(pilot, "R", *"I stay", "enter")
        assert "Taken back." in shown(pilot)
    assert rows(bench, Handover, "offered") == ()
    assert {owner(bench, each) for each in cases} == {"kosei"}


async def test_enter_opens_the_case_of_an_offer_before_it_is_taken(bench: Workbench) -> None:
    (case,) = offered(bench, "First order")
    async with app_on(bench) as pilot:
        await press(pilot, "g", "s", "down", "enter")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert "First order" in shown(pilot)
    assert owner(bench, case) == "akim"


async def test_what_is_offered_shows_in_the_status_line(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        assert "offered to you" not in shown(pilot)
        offered(bench, "First order", "Second order")
        await caught_up(pilot)
        assert "2 offered to you" in shown(pilot)
        await press(pilot, "g", "s", "A")
        await caught_up(pilot)
        assert "offered to you" not in shown(pilot).splitlines()[-2]


@pytest.mark.parametrize("size", SIZES)
async def test_a_watch_is_kept_and_rings_once(bench: Workbench, size: tuple[int, int], monkeypatch: Any) -> None:
    rung = []
    async with app_on(bench, size) as pilot:
        monkeypatch.setattr(pilot.app, "bell", lambda: rung.append(1))
        await press(pilot, "g", "s", "N", "w", *"Orders", "tab", *["backspace"] * 20, *"type:legal_removal", "tab",
                    "backspace", "1", "ctrl+s")  # fmt: skip
        assert "Watched." in shown(pilot)
        (kept,) = rows(bench, Watch, "on")
        assert (kept.name, kept.query, kept.threshold, kept.minutes) == ("Orders", "type:legal_removal", 1, 60)
        open_case(bench, "First order")
        await caught_up(pilot)
        assert rung == []
        open_case(bench, "Second order")
        await caught_up(pilot)
        assert rung == [1]
        assert "The watch Orders tripped." in shown(pilot)
        open_case(bench, "Third order")
        await caught_up(pilot)
        assert rung == [1], "once a crossing"
        assert len(rows(bench, Watch, "tripped")) == 1


async def test_a_watch_that_every_case_meets_is_refused_in_the_sheet(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "g", "s", "N", "w", *"All", "tab", *["backspace"] * 20, "ctrl+s")
        assert "Not done" in shown(pilot)
    assert rows(bench, Watch, "on") == ()


async def test_a_tripped_watch_is_seen_then_becomes_a_risk_and_an_incident(bench: Workbench) -> None:
    do(bench, ops.SetWatch(name="Wave", query="type:legal_removal", threshold=0))
    open_case(bench)
    bench.tick()
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s", "tab", "end")
        assert "tripped" in shown(pilot)
        assert "1 in 1 h, over 0" in shown(pilot)
        await press(pilot, "A")
        assert "Seen." in shown(pilot)
        assert "seen by kosei" in shown(pilot)
        await press(pilot, "N", "r", "ctrl+s")
        (risk,) = rows(bench, Risk, "open")
        assert (risk.title, risk.owner, bool(risk.source)) == ("Wave", "kosei", True)
        await press(pilot, "I")
        assert "An incident now." in shown(pilot)
        await press(pilot, "end", "I")
    (risk,) = rows(bench, Risk, "incident")
    assert risk.incident


async def test_a_risk_is_changed_and_closed_with_a_reason(bench: Workbench) -> None:
    do(bench, ops.SetRisk(title="Election", review_on=bench.now() - HOUR))
    async with app_on(bench) as pilot:
        await press(pilot, "g", "s", "end")
        assert "review overdue" in shown(pilot)
        await press(pilot, "e", *["tab"] * 6, *"over now", "ctrl+s")
        assert "Risk closed." in shown(pilot)
    (risk,) = rows(bench, Risk, "closed")
    assert risk.reason == "over now"


async def test_the_page_tells_what_a_watched_case_did(bench: Workbench) -> None:
    case = open_case(bench, "Watched order")
    do(bench, ops.Follow(case=case))
    bench.act_as("akim")
    do(bench, ops.AddNote(case=case, body="News"))
    bench.act_as("kosei")
    later(bench, 1000)
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s")
        await settle(pilot)
        part = shown(pilot).partition("What your cases did")[2]
        assert "E-" in part
        assert "note" in part


async def test_the_list_on_the_queue_is_watched_by_a_command(bench: Workbench) -> None:
    open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "/", *"type:legal_removal", "enter", ":", *"watch", "enter")
        assert "type:legal_removal" in shown(pilot)
        await press(pilot, *"Orders", "tab", "tab", "tab", "backspace", "backspace", *"2d", "ctrl+s")
        assert "Watched." in shown(pilot)
    (kept,) = rows(bench, Watch, "on")
    assert (kept.name, "type:legal_removal" in kept.query, kept.minutes) == ("Orders", True, 2880)


@pytest.mark.parametrize(("typed", "words"), [("x", "Type a number"), ("", "Type a number")])
async def test_a_watch_without_a_number_stays_open_with_a_sentence(bench: Workbench, typed: str, words: str) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "g", "s", "N", "w", *"A", "tab", "tab", "backspace", *typed, "ctrl+s")
        assert words in shown(pilot)
    assert rows(bench, Watch, "on") == ()


async def test_a_risk_with_an_unreadable_day_stays_open_with_a_sentence(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "g", "s", "N", "r", *"A", *["tab"] * 5, *"some day", "ctrl+s")
        assert "Risk" in shown(pilot)
    assert rows(bench, Risk, "open") == ()


async def test_with_nobody_else_here_the_page_says_how_to_make_one_known(desk: Workbench) -> None:
    line = desk.next_case()
    assert line is not None
    do(desk, ops.Claim(case=line.id))
    async with app_on(desk) as pilot:
        await press(pilot, "g", "s", "at")
        assert "escaltui people add" in shown(pilot)


ROTA = """
[[shift]]
team = "{team}"
person = "Kim O."
login = "kosei"
call = "+33 1 00"
hours = "00:00-22:00"
[[shift]]
team = "{team}"
person = "Alex K."
login = "akim"
hours = "22:00-24:00"
"""


async def test_the_rota_says_until_when_and_who_comes_next_and_who_is_on_call(bench: Workbench) -> None:
    bench.config.folder.mkdir(exist_ok=True)
    (bench.config.folder / "rota.toml").write_text(ROTA.format(team=next(iter(bench.rules.teams))))
    held(bench, "kosei", "Praise of an attack")
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s")
        seen = shown(pilot)
        assert "to 22:00, then Alex K." in seen
        assert "to akim until" in " ".join(seen.split()), "who comes next is the receiver unasked"
        assert "Kim O. until 22:00  +33 1 00" in seen
        await press(pilot, "ctrl+s")
        assert "Offered to akim." in shown(pilot)


async def test_a_rota_that_cannot_be_read_is_told_with_its_line(bench: Workbench) -> None:
    bench.config.folder.mkdir(exist_ok=True)
    (bench.config.folder / "rota.ics").write_text("BEGIN:VCALENDAR\nnonsense\nEND:VCALENDAR\n")
    async with app_on(bench) as pilot:
        await press(pilot, "g", "s")
        assert "rota.ics:2: this line is no NAME:VALUE of a calendar" in shown(pilot)
        assert "the rota cannot be read" in shown(pilot)
