"""The shift page by keys: taking over, giving back, handing over in five keys, watches and risks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from casebench import app_on, burst, do, open_case, press, settle, shown
from textual.pilot import Pilot

from escaltui.domain import operations as ops
from escaltui.domain.entities import Handover, Risk, Watch
from escaltui.screens.case import CaseScreen
from escaltui.screens.incident import IncidentScreen
from escaltui.screens.policy_diff import DiffScreen
from escaltui.screens.shift import ShiftScreen
from escaltui.store import standing
from escaltui.store.values import Done
from escaltui.widgets.passage import Passage
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


def left(pilot: Pilot[str]) -> str:
    """The left column, or all where there is one, as one line."""
    width = pilot.app.size.width
    return " ".join(
        " ".join(row[: width // 2 - 1 if width > 100 else width] for row in shown(pilot).splitlines()).split()
    )


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


HANDOVER = ("g", "s", "@", "enter", "ctrl+s")
TAKE_ALL = ("g", "s", "A")


def test_the_jobs_are_within_their_keys() -> None:
    assert len(HANDOVER) <= 5
    assert len(TAKE_ALL) <= 3


@pytest.mark.parametrize(("size", "by"), [((80, 24), press), ((120, 36), press), ((80, 24), burst)])
async def test_a_handover_takes_five_keys(bench: Workbench, size: tuple[int, int], by: Any) -> None:
    held(bench, "kosei", "Praise of an attack", "Another")
    async with app_on(bench, size) as pilot:
        await by(pilot, *HANDOVER)
        assert "Offered to akim." in shown(pilot)
    (found,) = rows(bench, Handover, "offered")
    assert (found.giver, found.receiver, len(found.items)) == ("kosei", "akim", 2)


@pytest.mark.parametrize("by", [press, burst], ids=["typed", "one packet"])
async def test_all_of_it_is_taken_in_three_keys(bench: Workbench, by: Any) -> None:
    cases = offered(bench, "First order", "Second order")
    async with app_on(bench) as pilot:
        await by(pilot, *TAKE_ALL)
        assert "2 things taken over." in shown(pilot)
    assert {owner(bench, each) for each in cases} == {"kosei"}


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


@pytest.mark.parametrize("size", SIZES)
async def test_what_came_back_is_told_to_its_giver_until_it_is_seen(bench: Workbench, size: tuple[int, int]) -> None:
    (case,) = offered(bench, "First order")
    (found,) = rows(bench, Handover, "offered")
    assert isinstance(shift.give_back(bench, found.id, case, "on leave"), Done)
    bench.act_as("akim")
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "s")
        part = shown(pilot).partition("Came back to you")[2]
        assert "kosei gave it back:" in part
        assert "on leave" in part
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, CaseScreen)
        await press(pilot, "g", "s", "A")
        assert "Seen." in shown(pilot)
        assert "Came back to you" not in shown(pilot)


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


async def test_a_case_that_is_not_mine_is_added_to_the_draft(bench: Workbench) -> None:
    held(bench, "kosei", "First order")
    ref = bench.line(open_case(bench, "Nobody's order")).ref  # type: ignore[union-attr]
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s", "N", "h", *ref, "enter")
        assert "In your draft." in shown(pilot)
        assert "added by hand" in shown(pilot)
        await press(pilot, "N", "h", *"E-NOPE", "enter")
        assert "No case E-NOPE here." in shown(pilot)
        await press(pilot, "@", "enter", "ctrl+s")
    (found,) = rows(bench, Handover, "offered")
    assert [item.why for item in found.items.values()][-1] == "added"
    assert len(found.items) == 2


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


@pytest.mark.parametrize("size", SIZES)
async def test_a_tripped_watch_is_seen_then_becomes_a_risk_and_an_incident(
    bench: Workbench, size: tuple[int, int]
) -> None:  # fmt: skip
    do(bench, ops.SetWatch(name="Wave", query="type:legal_removal", threshold=0))
    open_case(bench)
    bench.tick()
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "s")
        part = shown(pilot).partition("Came up")[2]
        assert "tripped" in part
        assert "1 in 1 h, over 0" in part
        assert "I incident, N risk" in left(pilot)
        await press(pilot, "A")
        assert "Seen." in shown(pilot)
        assert "seen by kosei" in shown(pilot)
        await press(pilot, "N", "ctrl+s")
        (risk,) = rows(bench, Risk, "open")
        assert (risk.title, risk.owner, bool(risk.source)) == ("Wave", "kosei", True)
        await press(pilot, "I")
        assert isinstance(pilot.app.screen, IncidentScreen)
        assert "Declared over 1 case." in shown(pilot)
        (declared,) = bench.incidents()
        assert (declared.name.value, declared.query, declared.cases) == ("Wave", "type:legal_removal", 1)
        await press(pilot, "g", "s", *(("tab", "end") if size[0] == 120 else ("end",)), "I")
        assert "Declared over 0 cases." in shown(pilot)
    (risk,) = rows(bench, Risk, "incident")
    assert risk.incident


async def test_an_incident_of_a_watch_that_meets_everything_has_no_rule_and_says_so(bench: Workbench) -> None:
    do(bench, ops.SetWatch(name="Wave", query="type:legal_removal", threshold=20))
    for n in range(22):
        open_case(bench, f"Order {n}")
    bench.tick()
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s", "I")
        assert "Every open case meets the query of that watch" in " ".join(shown(pilot).split())
    (declared,) = bench.incidents()
    assert (declared.query, declared.cases) == ("", 22)


async def test_a_new_watch_is_asked_for_where_none_tripped(bench: Workbench) -> None:
    do(bench, ops.SetWatch(name="Wave", query="type:legal_removal", threshold=9))
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s", "tab", "end", "N")
        assert "a watch: a view with a threshold" in shown(pilot)


async def test_a_risk_is_changed_and_closed_with_a_reason(bench: Workbench) -> None:
    do(bench, ops.SetRisk(title="Election", review_on=bench.now() - HOUR))
    async with app_on(bench) as pilot:
        await press(pilot, "g", "s")
        assert "review overdue" in shown(pilot).partition("Came up")[2], "at the top, without scrolling"
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


TWICE = """
[[shift]]
team = "{team}"
person = "Kim O."
hours = "08:00-16:00"
[[shift]]
team = "{team}"
person = "Alex K."
hours = "15:00-23:00"
"""
NOWHERE = TWICE.replace("15:00", "16:00").replace('hours = "08', 'zone = "Mars/Base"\nhours = "08')


@pytest.mark.parametrize(("size", "text", "words"), [
    ((80, 24), TWICE, "this shift of {team} overlaps the one of line 2; end one where the other begins"),
    ((120, 36), NOWHERE, 'zone "Mars/Base" is not known on this machine; write it like Europe/Paris'),
], ids=["overlapping", "unknown zone"])  # fmt: skip
async def test_a_rota_with_a_fault_is_told_in_words_and_the_page_stands(
    bench: Workbench, size: tuple[int, int], text: str, words: str
) -> None:  # fmt: skip
    team = next(iter(bench.rules.teams))
    bench.config.folder.mkdir(exist_ok=True)
    (bench.config.folder / "rota.toml").write_text(text.format(team=team))
    held(bench, "kosei", "Praise of an attack")
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "s")
        assert words.format(team=team) in left(pilot)
        assert "the rota cannot be read" in shown(pilot)
        await press(pilot, "@", "enter", "ctrl+s")
        assert "Offered to akim." in shown(pilot), "a handover needs no rota"


# --- policies


TEXT = "# Conduct\n\n## At court {#co}\n\nWe follow a court order at once.\n"
OWED = "+++\nmust_ack = true\nack_by = 2026-05-01\n+++\n" + TEXT.replace("at once", "once it has been checked")
BULLETIN = '+++\ntitle = "Desk bulletin"\nfamily = "workflow"\n+++\n\n## Read this {#bu}\n\nAsk the lead.\n'


def shelve(bench: Workbench, folder: Path) -> None:
    """A version that everybody is late with, and a bulletin; the first visit lies before both."""
    for document, version, text in (
        ("conduct", "2024-01-10", TEXT), ("conduct", "2026-04-01", OWED), ("bulletin", "2026-05-20", BULLETIN),
    ):  # fmt: skip
        (folder / document).mkdir(parents=True, exist_ok=True)
        (folder / document / f"{version}.md").write_text(text)
        if version == "2024-01-10":
            bench.import_policies(folder)
            bench.policy_changes()
    bench.import_policies(folder)


@pytest.mark.parametrize("size", SIZES)
async def test_late_acknowledgements_and_bulletins_stand_on_the_page(
    bench: Workbench, tmp_path: Path, size: tuple[int, int]
) -> None:  # fmt: skip
    shelve(bench, tmp_path / "texts")
    bench.roles = bench.roles | {"lead"}
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "s")
        part = left(pilot).partition("Policies that changed")[2].partition("Incidents")[0]
        late, bulletin = part.index("to be acknowledged, late since 2026-05-01"), part.index("bulletin; to be read")
        assert late < bulletin
        assert "akim" in part[late:bulletin], "a lead is told who is late"
        await press(pilot, "A")
        assert "Acknowledged." in shown(pilot)
        assert "to be acknowledged, late since" not in shown(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, DiffScreen)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, ShiftScreen)


async def test_a_bulletin_that_was_opened_is_told_no_more(bench: Workbench, tmp_path: Path) -> None:
    shelve(bench, tmp_path / "texts")
    do(bench, ops.AcknowledgeVersion(person="kosei", document="conduct", version="2026-04-01"))
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s")
        assert "bulletin; to be read" in shown(pilot)
        pilot.app.screen.query_one("#left", Passage).go_to("policy bulletin 2026-05-20")
        await settle(pilot)
        await press(pilot, "enter", "enter")
        assert "Ask the lead." in shown(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, ShiftScreen)
        assert "bulletin; to be read" not in shown(pilot)


async def test_what_changed_is_in_the_draft_and_can_be_handed_over(bench: Workbench, tmp_path: Path) -> None:
    shelve(bench, tmp_path / "texts")
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s")
        assert "to be acknowledged, late since 2026-05-01" in shown(pilot).partition("Your draft")[2]
        await press(pilot, "@", "enter", "ctrl+s")
    (found,) = rows(bench, Handover, "offered")
    assert {item.kind for item in found.items.values()} == {"policy"}


# --- what waits for me shows everywhere


async def test_what_is_offered_shows_in_every_place(bench: Workbench) -> None:
    (case,) = offered(bench, "First order")
    places = (("g", "q"), ("g", "p"), ("g", "i"), ("g", "s"), ("g", "t"), ("g", "o"), ("g", "q", "enter"))
    async with app_on(bench) as pilot:
        pilot.app._tick()  # type: ignore[attr-defined]
        await settle(pilot)
        for keys in places:
            await press(pilot, *keys)
            assert "1 offered to you" in shown(pilot).splitlines()[-2], keys
        (found,) = rows(bench, Handover, "offered")
        shift.accept(bench, found.id, (case,))
        pilot.app._tick()  # type: ignore[attr-defined]
        await settle(pilot)
        for keys in places:
            await press(pilot, *keys)
            assert "offered to you" not in shown(pilot).splitlines()[-2], keys


async def test_an_incident_of_the_page_opens_its_board(bench: Workbench) -> None:
    found = bench.declare(ops.DeclareIncident(name="Flood"))
    assert isinstance(found, tuple)
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "s", "enter")
        assert isinstance(pilot.app.screen, IncidentScreen)
        assert "Flood" in shown(pilot)


async def test_a_rota_that_cannot_be_read_is_told_with_its_line(bench: Workbench) -> None:
    bench.config.folder.mkdir(exist_ok=True)
    (bench.config.folder / "rota.ics").write_text("BEGIN:VCALENDAR\nnonsense\nEND:VCALENDAR\n")
    async with app_on(bench) as pilot:
        await press(pilot, "g", "s")
        assert "rota.ics:2: this line is no NAME:VALUE of a calendar" in shown(pilot)
        assert "the rota cannot be read" in shown(pilot)
