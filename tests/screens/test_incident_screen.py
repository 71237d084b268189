"""Incidents by keys: declared over marked cases, the board, standing calls, updates, people, events; budgets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from casebench import HOUR, app_on, burst, do, press, settle, shown, workbench

from escaltui.domain import operations as ops
from escaltui.domain.decisions import Line
from escaltui.domain.entities import Stakeholder
from escaltui.domain.rule_rows import Event
from escaltui.screens.incident import IncidentScreen
from escaltui.widgets.passage import Passage
from escaltui.workbench import Workbench, rulings

from .deskwork import case_of, decision, later, status, team

SIZES = [(80, 24), (120, 36)]
WAVE = ("*", *"flood", "enter", ";", "I", "n", "ctrl+s", "S", "ctrl+s")
BUDGET = 8
"""Keys for eight cases to an incident, and an update; the words of the query are typed, not counted."""


@pytest.fixture
def bench(bench: Workbench) -> Workbench:
    team(bench)
    return bench


def wave(bench: Workbench, n: int = 8) -> list[str]:
    cases = [case_of(bench, f"flood {k}", items=1) for k in range(n)]
    do(bench, ops.SetStakeholders(case=cases[0], people={"Head": Stakeholder("head@example.org", "line")}))
    case_of(bench, "another", items=1)
    return cases


def declared(bench: Workbench, cases: list[str], **more: object) -> str:
    found = bench.declare(ops.DeclareIncident(**({"name": "Flood"} | more)), cases)  # type: ignore[arg-type]
    assert isinstance(found, tuple), found
    return found[0]


def called(bench: Workbench, incident: str) -> str:
    """An approved standing call; its id."""
    do(bench, ops.SaveRuling(incident=incident, name="The song", what_counts="Videos.", line=Line("answered"),
                             rationale="It is news."))  # fmt: skip
    face = bench.incident(incident)
    assert face is not None
    call = face.rulings[0]
    do(bench, ops.ProposeRuling(incident=incident, ruling=call.id))
    bench.act_as("counsel")
    do(bench, ops.ApproveRuling(incident=incident, ruling=call.id, content_sha256=call.content_sha256))
    bench.act_as("kosei")
    return call.id


@pytest.mark.parametrize("size", SIZES)
async def test_without_incidents_the_page_says_what_to_do(bench: Workbench, size: tuple[int, int]) -> None:
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "i")
        assert isinstance(pilot.app.screen, IncidentScreen)
        assert "No incident, and nothing planned." in shown(pilot)
        await press(pilot, "N", *"Storm", "ctrl+s")
        assert "Storm" in shown(pilot)
        assert "No case belongs to it yet." in shown(pilot)
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, IncidentScreen)
    assert [each.name.value for each in bench.incidents()] == ["Storm"]


def test_the_wave_is_within_its_keys() -> None:
    assert len([key for key in WAVE if key not in "flood"]) <= BUDGET


@pytest.mark.parametrize("by", [press, burst], ids=["typed", "one packet"])
async def test_eight_cases_to_an_incident_and_an_update(tmp_path: Path, by: Callable[..., object]) -> None:
    with workbench(tmp_path) as bench:
        team(bench)
        cases = wave(bench)
        async with app_on(bench) as pilot:
            await by(pilot, *WAVE)  # type: ignore[misc]
            assert isinstance(pilot.app.screen, IncidentScreen), shown(pilot)
            assert "The update is out; 1 letter is ready to be sent." in shown(pilot)
        (line,) = bench.incidents()
        assert (line.cases, line.lead) == (8, "kosei")
        assert sorted(bench.matching(f"incident:{line.ref}")) == sorted(cases)
        face = bench.incident(line.id)
        assert face is not None
        assert [each.state for each in face.updates] == ["published"]


@pytest.mark.parametrize("by", [press, burst], ids=["typed", "one packet"])
async def test_a_member_is_decided_by_the_call_in_three_keys(tmp_path: Path, by: Callable[..., object]) -> None:
    with workbench(tmp_path) as bench:
        team(bench)
        case = case_of(bench, items=1)
        call = called(bench, declared(bench, [case]))
        do(bench, ops.Triage(case=case, severity=2, reason="checked"))
        do(bench, ops.Claim(case=case))
        async with app_on(bench) as pilot:
            await press(pilot, "enter")
            await by(pilot, "d", "0", "ctrl+s")  # type: ignore[misc]
            assert status(bench, case) == "decided", shown(pilot)
        assert decision(bench, case).lines[0].outcome == "answered"
        row = bench.store.case(case)
        assert row is not None
        assert row.ruling == call


async def test_without_a_standing_call_nothing_is_applied(bench: Workbench) -> None:
    case = case_of(bench, items=1)
    do(bench, ops.Triage(case=case, severity=2, reason="checked"))
    do(bench, ops.Claim(case=case))
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "d")
        assert "applies it" not in shown(pilot)
        await press(pilot, "0", "ctrl+s")
    assert status(bench, case) == "in_review"


@pytest.mark.parametrize("size", SIZES)
async def test_the_board_shows_it_all(bench: Workbench, size: tuple[int, int]) -> None:
    one = declared(bench, wave(bench), severity=1, query="tag:flood")
    called(bench, one)
    do(bench, ops.TickStep(incident=one, step="Call the ministry", done=False))
    do(bench, ops.AddIncidentNote(incident=one, body="The press asks."))
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "i")
        text = shown(pilot)
        for words in ("Incidents", "declared", "8 cases, 8 open", "no update promised", "8 new this hour", "Conditions",
                      "cases: 8, new: 8, decided: 0."):  # fmt: skip
            assert words in text, words
        await press(pilot, "tab", "end")
        text = shown(pilot)
        assert "incident declared: Flood" in text or "The press asks." in text
        await press(pilot, "home", "enter")
        assert "incident:" in pilot.app.listed.query  # type: ignore[attr-defined]


async def test_a_task_is_written_done_and_done_again(bench: Workbench) -> None:
    one = declared(bench, [])
    async with app_on(bench) as pilot:
        await press(pilot, "g", "i", "t", *"Call Jo", "enter")
        assert "Written down." in shown(pilot)
        await press(pilot, "tab", "home", "enter")
        face = bench.incident(one)
        assert face is not None
        assert [(each.key, each.who) for each in face.steps] == [("Call Jo", "kosei")]
        await press(pilot, "c", *"He was there.", "enter")
        assert "Noted." in shown(pilot)


async def test_a_standing_call_is_written_proposed_and_approved_by_keys(bench: Workbench) -> None:
    one = declared(bench, [])
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "i", "N", *"Song", "tab", *"Videos", "tab", "7", *"News", "ctrl+s")
        assert "Standing call kept." in shown(pilot), shown(pilot)
        await press(pilot, "tab", "home", "enter", "p")
        assert "It waits for a yes." in shown(pilot)
        bench.act_as("counsel")
        await press(pilot, "A")
        assert "Videos" in shown(pilot)  # read before the yes
        await press(pilot, "y")
        assert "It holds for 24 hours." in shown(pilot)
        await press(pilot, "R", *"Over", "enter")
        assert "It holds no longer." in shown(pilot)
    face = bench.incident(one)
    assert face is not None
    assert face.rulings[0].state == "revoked"


async def test_state_severity_people_and_the_report(bench: Workbench) -> None:
    one = declared(bench, [])
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "i", "e", "1")
        await press(pilot, "e", "4", *"It fades", "enter")
        await press(pilot, "@", "s", *"akim", "enter")
        await press(pilot, "@", "n", *"Jo, jo@x.example, line", "enter")
        assert "Kept up to date now." in shown(pilot)
        await press(pilot, "e", "q", *"-tag:x", "enter")
        await press(pilot, "e", "r")
        assert "now resolved" in shown(pilot)
        await press(pilot, "e", "r", *"We learnt", "enter")
        await press(pilot, "e", "v")
        assert "Steps" in shown(pilot) or "Timeline" in shown(pilot)
        assert "We learnt" in shown(pilot) or "now resolved" in shown(pilot)
        await press(pilot, "escape")
        await press(pilot, "e", "w")
        assert "Written to" in shown(pilot)
    face = bench.incident(one)
    assert face is not None
    assert (face.line.state, face.line.severity, face.scribe, len(face.stakeholders)) == ("reviewed", 4, "akim", 1)
    assert face.review.value == "We learnt"
    report = bench.store.folder / "reports" / f"{face.line.ref}.md"
    assert "We learnt" in report.read_text()
    assert report.stat().st_mode & 0o077 == 0


async def test_cases_join_and_leave_by_keys(bench: Workbench) -> None:
    cases = wave(bench, 3)
    one = declared(bench, cases[:1])
    async with app_on(bench) as pilot:
        await press(pilot, "g", "i", "I", *"flood", "enter")
        assert bench.count(f"incident:{bench.incidents()[0].ref}") == 3
        pilot.app.open_case(cases[1])  # type: ignore[attr-defined]
        await settle(pilot)
        await press(pilot, "I", "x", *"Only rain", "enter")
        await settle(pilot)
    assert bench.incident(one).line.cases == 2  # type: ignore[union-attr]


async def test_an_incident_is_opened_for_a_planned_event(bench: Workbench) -> None:
    event = Event(id="vote", kind="election", countries=("DE",), first="2026-06-20", last="2026-06-21")
    bench.__dict__["rules"] = msgspec.structs.replace(bench.rules, events={"vote": event})
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "i")
        assert "in 23 days" in shown(pilot)
        assert "steps to be ready" in shown(pilot)
        await press(pilot, "enter", "ctrl+s")
        assert "Test the way to the platform's own tools" in shown(pilot)
    assert bench.incidents()[0].name.value.endswith("DE 2026-06-20")


async def test_an_update_that_was_promised_and_is_over_is_said(bench: Workbench) -> None:
    one = declared(bench, wave(bench, 2))
    op = bench.draft_incident_update(one, promised=bench.now() + HOUR)
    assert op is not None
    outcome = bench.do(op)
    update = outcome.changes[0].entity_id  # type: ignore[union-attr]
    assert bench.publish_incident_update(one, update) == 1
    later(bench, 2 * HOUR)
    async with app_on(bench) as pilot:
        await press(pilot, "g", "i")
        assert "update over" in shown(pilot)


async def test_a_promise_that_is_due_is_told_once_wherever_one_is(bench: Workbench) -> None:
    one = declared(bench, wave(bench, 2))
    op = bench.draft_incident_update(one, promised=bench.now() + HOUR)
    assert op is not None
    update = bench.do(op).changes[0].entity_id  # type: ignore[union-attr]
    bench.publish_incident_update(one, update)
    ref = bench.incidents()[0].ref
    async with app_on(bench) as pilot:
        later(bench, HOUR - 1)
        await settle(pilot)
        assert f"The update on {ref}" not in shown(pilot)
        later(bench, 1)
        await settle(pilot)
        assert f"The update on {ref} was promised for now." in shown(pilot)


async def test_what_should_change_is_recommended_from_the_incident(bench: Workbench) -> None:
    one = declared(bench, [])
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "i", "e", "p", *"Keep a list", "enter")
        assert "Recommended" in shown(pilot)
        assert "Keep a list" in shown(pilot)
    face = bench.incident(one)
    assert face is not None
    assert [claim.value for claim, *_more in face.recommendations] == ["Keep a list"]


def applied(bench: Workbench, case: str, call: str) -> None:
    """A case decided as the call says, once its window is over."""
    do(bench, ops.Triage(case=case, severity=2, reason="checked"))
    do(bench, ops.Claim(case=case))
    do(bench, rulings.applying(bench, case, call))


async def test_the_sample_of_a_standing_call_shows_and_is_listed(bench: Workbench) -> None:
    cases = [case_of(bench, f"song {n}", items=1) for n in range(200)]
    call = called(bench, declared(bench, cases))
    sampled: set[str] = set()
    for n, each in enumerate(cases, 1):  # one in ten, by the ids: as many as it takes
        applied(bench, each, call)
        sampled = set(bench.matching(f"ruling:{call} has:review"))
        if 0 < len(sampled) < n:
            break
    assert 0 < len(sampled) < n
    async with app_on(bench, (80, 24)) as pilot:
        await press(pilot, "g", "i", "tab")
        pilot.app.screen.query_one("#board", Passage).go_to(f"ruling {call}")
        await settle(pilot)
        assert f"{len(sampled)} to be looked at" in " ".join(shown(pilot).split())
        await press(pilot, "enter")
        assert f"{len(sampled)} to do, 0 agreed" in " ".join(shown(pilot).split())
        await press(pilot, "v")
        assert pilot.app.listed.query == f"ruling:{call} has:review"  # type: ignore[attr-defined]


async def test_an_ended_call_lists_what_is_to_be_looked_at_again(bench: Workbench) -> None:
    case = case_of(bench, items=1)
    one = declared(bench, [case])
    call = called(bench, one)
    applied(bench, case, call)
    later(bench, 25 * HOUR)
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "g", "i", "tab")
        board = pilot.app.screen.query_one("#board", Passage)
        board.go_to(f"step recheck:{call}")
        await settle(pilot)
        seen = " ".join(shown(pilot).split())
        assert "Look again at what this standing call decided: The song" in seen
        assert "1 case: enter lists it" in seen
        await press(pilot, "enter", "l")
        assert pilot.app.listed.query == f"ruling:{call}"  # type: ignore[attr-defined]
        await press(pilot, "g", "i")
        board.focus()
        board.go_to(f"step recheck:{call}")
        await press(pilot, "enter", "d")
        assert "Done." in shown(pilot)
    face = bench.incident(one)
    assert face is not None
    assert [each.who for each in face.steps] == ["kosei"]


async def test_the_wave_in_a_wide_window(tmp_path: Path) -> None:
    with workbench(tmp_path) as bench:
        team(bench)
        wave(bench)
        async with app_on(bench, (120, 36)) as pilot:
            await press(pilot, *WAVE)
            assert "The update is out; 1 letter is ready to be sent." in shown(pilot)
        assert [each.cases for each in bench.incidents()] == [8]


async def test_a_rule_that_every_case_meets_is_refused_in_the_sheet(bench: Workbench) -> None:
    typed = "-tag:x"
    wave(bench, 24)
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "i", "N", *"Storm", *["tab"] * 5, *typed, "ctrl+s")
        assert "Every case meets that query." in shown(pilot), shown(pilot)
    assert bench.incidents() == []


async def test_a_rule_says_how_many_it_brings(bench: Workbench) -> None:
    wave(bench, 3)
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "i", "N", *"Storm", *["tab"] * 5, *"flood", "ctrl+s")
        assert "3 open cases meet its rule and join." in " ".join(shown(pilot).split())


async def test_what_was_typed_in_a_standing_call_is_kept(bench: Workbench) -> None:
    declared(bench, [])
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "i", "N", *"Song", "tab", *"Videos", "escape")
        assert "Kept as a draft." in shown(pilot)
        await press(pilot, "N")
        assert "Your draft is back." in shown(pilot) or "Videos" in shown(pilot)
