"""What the server would not apply: the list, both sides of it, and what is done with it."""

from __future__ import annotations

import json

import pytest
from casebench import app_on, burst, do, press, settle, shown

from escaltui.domain import operations as ops
from escaltui.domain.decisions import Line
from escaltui.screens.set_aside_edit import MendedDecision, MendedFacts, MendedNote, MendedQuestion, drafted
from escaltui.screens.sheets.resolver import Resolver
from escaltui.widgets.say import plain

from .deskwork import caught_up, remove_line
from .gallery_sync import Server
from .syncwork import NO, SIZES, case_named, conflict, resolver, server, set_aside

__all__ = ["server"]


async def test_the_list_is_there_only_while_there_is_something_in_it(server: Server) -> None:
    async with app_on(server.bench) as pilot:
        await press(pilot, "g", "o")
        assert "Set aside" not in shown(pilot)
        assert "1 To approve" in shown(pilot)
        conflict(server)
        await caught_up(pilot)
        assert "1 Set aside 1" in shown(pilot)
        assert "2 To approve" in shown(pilot)
        await press(pilot, "1")
        assert "a change of facts" in shown(pilot)
        await press(pilot, "enter", "1")
        assert "What stands is kept." in shown(pilot)
        assert "Set aside" not in shown(pilot)
        assert "Nothing waits for your approval." in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_both_sides_are_shown_field_by_field(server: Server, size: tuple[int, int]) -> None:
    conflict(server)
    async with app_on(server.bench, size) as pilot:
        await resolver(pilot)
        rows = [" ".join(row.split()) for row in shown(pilot).splitlines()]
        for said in ("you saw Removal order", "lpark Theirs", "yours"):
            assert any(said in row for row in rows), said
        assert any("stands" in row and "lpark" in row for row in rows)
        assert any(row.split()[1:2] == ["yours"] and row.split()[-2] == "Mine" for row in rows)


async def test_1_keeps_what_stands_and_the_words_stay_in_the_store(server: Server) -> None:
    case_id = conflict(server)
    async with app_on(server.bench) as pilot:
        await resolver(pilot)
        await press(pilot, "1")
    assert server.bench.parked() == []
    assert plain(server.bench.line(case_id).title) == "Theirs"  # type: ignore[union-attr]
    (kept,) = server.bench.store.outbox(state="parked")
    assert "Mine" in kept.body


async def test_2_proposes_mine_on_what_stands_now(server: Server) -> None:
    case_id = conflict(server)
    async with app_on(server.bench) as pilot:
        await resolver(pilot)
        await press(pilot, "2")
        assert "Proposed again, on what stands now." in shown(pilot)
        assert "Set aside" not in shown(pilot)
    assert server.bench.parked() == []
    (result,) = server.push()
    assert result.status == "applied"
    server.pull()
    assert plain(server.bench.line(case_id).title) == "Mine"  # type: ignore[union-attr]


async def test_2_that_is_refused_here_says_why_and_loses_nothing(server: Server) -> None:
    conflict(server)
    server.bench.resend = lambda op_id: NO  # type: ignore[method-assign]
    async with app_on(server.bench) as pilot:
        await resolver(pilot)
        await press(pilot, "2")
        assert "Not done: You may not." in shown(pilot)
        assert "Set aside 1" in shown(pilot)
    assert len(server.bench.parked()) == 1


async def test_3_opens_the_facts_with_the_words_on_todays_base(server: Server) -> None:
    case_id = conflict(server)
    async with app_on(server.bench) as pilot:
        await resolver(pilot)
        await press(pilot, "3")
        assert isinstance(pilot.app.screen, MendedFacts)
        await press(pilot, *" too", "ctrl+s")
        assert "Changed." in shown(pilot)
        assert "Set aside" not in shown(pilot)
    assert server.bench.parked() == []
    assert {result.status for result in server.push()} == {"applied"}
    assert plain(server.bench.line(case_id).title) == "Mine too"  # type: ignore[union-attr]


async def test_3_opens_a_note_whole_and_leaving_it_closes_nothing(server: Server) -> None:
    body = "Called the registry.\nThey will call back."
    set_aside(server, ops.AddNote(case=case_named(server.bench), body=body))
    async with app_on(server.bench) as pilot:
        await resolver(pilot)
        await press(pilot, "3")
        assert isinstance(pilot.app.screen, MendedNote)
        assert pilot.app.screen.text() == body
        await press(pilot, "escape")
        assert len(server.bench.parked()) == 1
        await press(pilot, "enter", "3", *" Today", "ctrl+s")
        assert "Noted." in shown(pilot)
    assert server.bench.parked() == []
    found = server.bench.store.bundle(case_named(server.bench))
    assert [note.body for note in found.notes] == [f"{body} Today"]  # type: ignore[union-attr]


async def test_3_opens_a_decision_and_a_question_in_their_sheets(server: Server) -> None:
    bench, case_id = server.bench, case_named(server.bench)
    set_aside(server, ops.AskConsult(case=case_id, team="legal", question="Does it bind us?", background="An order."))
    do(bench, ops.Triage(case=case_id, severity=2, reason="checked"))
    do(bench, ops.Claim(case=case_id))
    server.push()
    server.pull()
    bench.now.now += 1000  # type: ignore[attr-defined]
    op = ops.ProposeDecision(case=case_id, lines=(remove_line(bench),), rationale="It praises it")
    assert drafted(op).operation(case_id, bench.rules.actions) == op
    set_aside(server, op)
    async with app_on(bench) as pilot:
        await resolver(pilot)
        assert "It praises it" in shown(pilot)
        await press(pilot, "3")
        assert isinstance(pilot.app.screen, MendedDecision)
        assert pilot.app.screen.draft == drafted(op)
        await press(pilot, "escape", "down", "enter", "3")
        assert isinstance(pilot.app.screen, MendedQuestion)
        assert "Does it bind us?" in shown(pilot)
        assert "An order." in shown(pilot)


async def test_3_says_so_where_there_is_no_sheet(server: Server) -> None:
    set_aside(server, ops.Tag(case=case_named(server.bench), tags=("urgent",)))
    async with app_on(server.bench) as pilot:
        await resolver(pilot)
        assert "No words were written with it." in shown(pilot)
        await press(pilot, "3")
        assert isinstance(pilot.app.screen, Resolver)
        assert "no sheet to edit it in" in shown(pilot)


async def test_words_are_copied_whole_and_all_of_it_as_ascii(server: Server) -> None:
    body = "Frühstück: " + "a long line " * 60 + "\nand a last one"
    set_aside(server, ops.AddNote(case=case_named(server.bench), body=body))
    async with app_on(server.bench) as pilot:
        await resolver(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard == body
        assert "Copied your words." in shown(pilot)
        await press(pilot, "e")
        assert pilot.app.clipboard.isascii()
        assert json.loads(pilot.app.clipboard)["operation"]["body"] == body
        await press(pilot, "escape")
        assert "Later: it stays set aside" in shown(pilot)
        assert "Set aside 1" in shown(pilot)
    assert len(server.bench.parked()) == 1


async def test_hostile_words_and_masked_ones_are_as_harmless_as_elsewhere(server: Server) -> None:
    hostile = "\x1b[2Jgone \u202egnp.exe\u200b fuck this"
    set_aside(server, ops.AddNote(case=case_named(server.bench), body=hostile))
    async with app_on(server.bench) as pilot:
        await press(pilot, "g", "o", "1")
        for keys in ((), ("enter",)):
            await press(pilot, *keys)
            assert "fuck" not in shown(pilot), "masked"
            assert not {"\x1b", "\u202e", "\u200b"} & set(shown(pilot))
        await press(pilot, "enter")
        assert "fuck" in shown(pilot), "enter shows what is masked"
        await press(pilot, "y")
        assert not {"\x1b", "\u202e"} & set(pilot.app.clipboard)


async def test_the_list_moves_on_in_one_burst(server: Server) -> None:
    for title in ("Mine", "Mine again"):
        set_aside(server, ops.AddNote(case=case_named(server.bench), body=title))
    async with app_on(server.bench) as pilot:
        await burst(pilot, "g", "o", "1", "enter", "1", "enter", "1")
        assert "Set aside" not in shown(pilot)
    assert server.bench.parked() == []


async def test_what_belongs_to_no_case_here_comes_by_the_slow_tick(server: Server) -> None:
    async with app_on(server.bench) as pilot:
        await press(pilot, "g", "o")
        heard, server.bench._tell = server.bench._tell, lambda touched: None  # type: ignore[method-assign]
        set_aside(server, ops.AddNote(case=case_named(server.bench), body="Mine"))
        assert heard
        pilot.app._tick()  # type: ignore[attr-defined]
        await settle(pilot)
        assert "Set aside 1" in shown(pilot)


async def test_what_has_no_words_says_what_was_asked_for(server: Server) -> None:
    set_aside(server, ops.Tag(case=case_named(server.bench), tags=("urgent", "press")))
    async with app_on(server.bench) as pilot:
        await resolver(pilot)
        assert "urgent, press" in shown(pilot)


async def test_a_decision_shows_the_one_that_stands_and_by_whom(server: Server) -> None:
    bench, case_id = server.bench, case_named(server.bench)
    for op in (ops.Triage(case=case_id, severity=2, reason="checked"), ops.Claim(case=case_id)):
        server.do(op)
    server.do(ops.ProposeDecision(case=case_id, lines=(remove_line(bench),), rationale="Parody label absent"))
    decide_too_late(server, case_id)
    server.pull()
    async with app_on(bench) as pilot:
        await resolver(pilot)
        rows = [" ".join(row.split()) for row in shown(pilot).splitlines()]
        assert any("stands" in row and "lpark" in row and "violation, action: praise, remove" in row for row in rows)
        assert "Parody label absent" in shown(pilot)
        assert "no violation" in shown(pilot)
        assert "It quotes it" in shown(pilot)


def decide_too_late(server: Server, case_id: str) -> None:
    """A decision of mine that came too late: made before the colleague's was here."""
    for op in (ops.Triage(case=case_id, severity=2, reason="checked"), ops.Claim(case=case_id)):
        do(server.bench, op)
    cites = remove_line(server.bench).cites
    line = Line(outcome="no_violation", own_policy="clear", ground="none", cites=cites)
    do(server.bench, ops.ProposeDecision(case=case_id, lines=(line,), rationale="It quotes it"))
    assert {result.status for result in server.push()} >= {"refused"}
    for face in server.bench.parked():
        if face.verb != "ProposeDecision":
            server.bench.close_parked(face.op_id)
