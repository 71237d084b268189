"""Macros and updates on a real store: all or nothing, previewed, undone as one; drafts redrawn; lists across cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from escaltui import macro_files
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Action, Line
from escaltui.domain.entities import Consult, Stakeholder, Update
from escaltui.domain.macros import Macro
from escaltui.store import Done
from escaltui.workbench import Workbench, consults, macros, updates
from escaltui.workbench.desk import NotKnown
from escaltui.workbench.worklists import family, of_family

if TYPE_CHECKING:
    from conftest import Hands

HOUR = 3_600_000
TEXT = """
title = "Three steps"
ask = { words = "Which words?" }
[[steps]]
do = "Tag"
tags = ["one"]
[[steps]]
do = "AddNote"
body = "{words}"
[[steps]]
do = "SetSeverity"
severity = 2
"""


@pytest.fixture
def bench(hands: Hands) -> Workbench:
    made = Workbench(hands.bench.store, hands.bench.config, hands.bench.me, lambda: hands.now)
    heard: list[frozenset[str]] = []
    made.subscribe(heard.append)
    made.heard = heard  # type: ignore[attr-defined]
    return made


def macro(text: str = TEXT) -> Macro:
    return macro_files.parse("three", text)


def seq(bench: Workbench, case: str) -> int:
    return bench.store.last_seq(case)


def test_a_macro_runs_whole(hands: Hands, bench: Workbench) -> None:
    case = hands.case()
    ran = macros.run(bench, macro(), case, {"words": "Some {words}"})
    assert isinstance(ran, macros.Ran)
    assert (ran.ok, [step.verb for step in ran.steps]) == (True, ["Tag", "AddNote", "SetSeverity"])
    assert {"tags.one", "severity", "note.body"} <= set(ran.changed)
    rows = bench.store.bundle(case)
    assert rows is not None
    assert (rows.case.tags, rows.case.severity, rows.notes[0].body) == (("one",), 2, "Some {words}")
    assert bench.heard == [frozenset({case})]  # type: ignore[attr-defined]
    assert bench.store.verify().sound


def test_a_macro_of_which_one_step_is_refused_does_nothing(hands: Hands, bench: Workbench) -> None:
    case = hands.case()
    before = seq(bench, case)
    lowering = macro(TEXT.replace("severity = 2", "severity = 4"))
    ran = macros.run(bench, lowering, case, {"words": "w"})
    assert isinstance(ran, macros.Ran)
    assert (ran.ok, [step.refused.code if step.refused else "" for step in ran.steps]) == (
        False, ["", "", "incomplete"],
    )  # fmt: skip
    assert (seq(bench, case), ran.op_ids, bench.heard) == (before, (), [])  # type: ignore[attr-defined]
    found = bench.store.case(case)
    assert found is not None
    assert found.tags == ()
    assert bench.store.verify().sound


def test_a_preview_sees_each_step_after_those_before_it_and_keeps_nothing(hands: Hands, bench: Workbench) -> None:
    case = hands.case()
    before = seq(bench, case)
    after = '[[steps]]\ndo = "Claim"\n[[steps]]\ndo = "Release"\n'  # only a claimed case can be given back
    ran = macros.run(bench, macro('title = "T"\n' + after), case, {}, dry_run=True)
    assert isinstance(ran, macros.Ran)
    assert (ran.ok, ran.op_ids, seq(bench, case), bench.heard) == (True, (), before, [])  # type: ignore[attr-defined]
    assert "status" in ran.changed
    assert not [each for each in bench.store.own_operations(bench.me, 9) if each.type == "Claim"]


def test_one_undo_takes_the_whole_macro_back(hands: Hands, bench: Workbench) -> None:
    case = hands.case()
    hands.done(ops.Tag(case=case, tags=("before",)))
    hands.now += 1000
    macros.run(bench, macro(), case, {"words": "w"})
    newest = bench.store.own_operations(bench.me, 1)[0]
    undone = macros.undo(bench, newest)
    assert undone is not None
    assert not isinstance(undone, Refused)
    assert (undone.verb, undone.case_id) == ("Macro", case)
    rows = bench.store.bundle(case)
    assert rows is not None
    assert (rows.case.tags, rows.case.severity) == (("before",), 3)
    assert [note.withdrawn for note in rows.notes] == [True]
    assert macros.undo(bench, newest) is None  # all of it is taken back
    alone = next(each for each in bench.store.own_operations(bench.me, 99) if each.type == "OpenCase")
    assert macros.undo(bench, alone) is None


def test_undo_takes_back_what_a_macro_asked_and_set_up(hands: Hands, bench: Workbench) -> None:
    case = hands.case()
    hands.done(ops.AddTask(case=case, title="before"))
    ran = macros.run(bench, macros.named(bench, "press"), case, {"outlet": "The Echo, at 16:00"})
    assert isinstance(ran, macros.Ran)
    assert ran.ok
    found = bench.store.case(case)
    assert found is not None
    assert (found.open_work, found.flags) == ({"task": 2, "consult": 1}, ("media_interest",))
    hands.now += 1000
    assert not isinstance(macros.undo(bench, bench.store.own_operations(bench.me, 1)[0]), Refused)
    rows = bench.store.bundle(case)
    assert rows is not None
    assert (rows.case.open_work, rows.case.flags) == ({"task": 1}, ())
    assert [consult.state for consult in rows.consults] == ["withdrawn"]
    assert [task.state for task in rows.tasks] == ["open", "cancelled"]


def test_an_undo_of_which_one_step_moved_since_does_nothing(hands: Hands, bench: Workbench) -> None:
    case = hands.case()
    macros.run(bench, macro(), case, {"words": "w"})
    newest = bench.store.own_operations(bench.me, 1)[0]
    hands.done(ops.SetSeverity(case=case, severity=1))
    undone = macros.undo(bench, newest)
    assert isinstance(undone, Refused)
    assert undone.code == "stale"
    found = bench.store.case(case)
    assert found is not None
    assert (found.tags, found.severity) == (("one",), 1)


def test_macros_are_found_by_name_or_key_and_those_of_another_kind_are_not_run(hands: Hands, bench: Workbench) -> None:
    case = hands.case()
    assert macros.named(bench, "l") == macros.named(bench, "legal")
    for name in ("", "nothing"):
        with pytest.raises(NotKnown, match="legal"):
            macros.named(bench, name)
    fitting, faults = macros.macros(bench, case)
    assert faults == ()
    assert "forged" not in {each.id for each in fitting}
    refused = macros.run(bench, macros.named(bench, "forged"), case, {"signs": "s"})
    assert isinstance(refused, Refused)
    assert refused.code == "blocked"
    nowhere = macros.run(bench, macro(), "nowhere", {"words": "w"})
    assert isinstance(nowhere, Refused)
    assert nowhere.code == "not_found"


def test_ids_of_a_family_sort_and_differ() -> None:
    ids = family(1_790_000_000_000, 200)
    assert (len(set(ids)), list(ids)) == (200, sorted(ids))
    assert all(of_family(ids[0], each) for each in ids)
    assert not of_family(ids[0], family(1_790_000_000_000, 1)[0])


# --- consults, who, updates, lists


def test_consults_from_the_keyboard(hands: Hands, bench: Workbench) -> None:
    case = hands.case(case_type="court_order")
    (ask,) = consults.usual(bench, case)
    assert ask.team == "legal"
    hands.done(ask)
    assert consults.usual(bench, case) == consults.usual(bench, "nowhere") == ()
    (face,) = bench.open_consults("legal")
    assert (face.team, face.late, bench.open_consults("comms")) == ("legal", False, [])
    told = consults.summary(bench, face.id)
    assert told is not None
    assert (told.ref, told.team, consults.summary(bench, "nowhere")) == (face.ref, "legal", None)
    refused = consults.answer(bench, case, face.id, "Yes.")
    assert isinstance(refused, Refused)
    hands.done(ops.OfferAnswer(case=case, consult=face.id, body="Yes.", sender="K. Osei", message_id="m"))
    assert isinstance(consults.answer(bench, case, face.id), Done)
    (row,) = bench.store.bundle(case).consults  # type: ignore[union-attr]
    assert (row.answer, row.source, bench.open_consults()) == ("Yes.", "K. Osei", [])
    assert isinstance(bench.store.row(Consult.NAME, face.id), Consult)


def test_who_is_on_call_now(hands: Hands, bench: Workbench) -> None:
    folder: Path = bench.config.folder
    folder.mkdir(parents=True, exist_ok=True)
    alone = consults.reach(bench, "legal", "DE")
    assert (alone.on_call, alone.following, alone.problems) == (None, None, ())
    (folder / "rota.toml").write_text('[[shift]]\nteam = "legal"\nperson = "K"\nhours = "00:00-24:00"\n', "utf-8")
    found = consults.reach(bench, "legal", "DE")
    assert found.on_call is not None
    assert (found.on_call.person, found.following) == ("K", None)
    assert consults.role_on_call(bench, "counsel", "DE") == found.on_call
    assert consults.role_on_call(bench, "comms") is None
    assert consults.role_on_call(bench, "lead") is None
    (folder / "rota.toml").write_text('[[shift]]\nteam = "x"\n', "utf-8")
    assert len(consults.reach(bench, "legal").problems) == 1
    with pytest.raises(NotKnown, match="legal"):
        consults.reach(bench, "lawyers")


def test_an_update_is_drafted_published_and_drawn_again(hands: Hands, bench: Workbench) -> None:
    case = hands.case(severity=2)
    hands.done(ops.SetStakeholders(case=case, people={"Jo": Stakeholder("jo@house.example")}))
    op = updates.draft(bench, case, promised=hands.now + 9 * HOUR)
    assert op is not None
    hands.done(op)
    (row,) = bench.store.bundle(case).updates  # type: ignore[union-attr]
    hands.done(ops.PublishUpdate(case=case, update=row.id))
    hands.done(ops.AddTask(case=case, title="t"))
    hands.done(ops.SetSeverity(case=case, severity=1))
    again = updates.redraw(bench, row)
    assert again is not None
    assert (again.numbers, again.upto) == (row.numbers, row.upto)
    following = updates.draft(bench, case)
    assert following is not None
    assert following.numbers["since"] == row.upto
    assert "The severity was S2." in following.conditions
    assert updates.draft(bench, "nowhere") is None
    kept = bench.store.row(Update.NAME, row.id)
    assert isinstance(kept, Update)
    assert kept.state == "published"


def test_tasks_across_cases_in_the_order_of_their_time(hands: Hands, bench: Workbench) -> None:
    one, two = hands.case("One"), hands.case("Two")
    hands.done(ops.AddTask(case=one, title="later", assignee=bench.me, due=hands.now + 9 * HOUR))
    hands.done(ops.AddTask(case=two, title="sooner", assignee=bench.me, due=hands.now + HOUR))
    hands.done(ops.AddTask(case=two, title="another's", assignee="grace"))
    first = bench.store.bundle(two).tasks[0]  # type: ignore[union-attr]
    hands.done(ops.AddTask(case=two, title="whenever", assignee=bench.me, blocked_by=(first.id,)))
    mine = bench.my_tasks()
    assert [task.title.value for task in mine] == ["sooner", "later", "whenever"]
    assert [task.blocked for task in mine] == [False, False, True]
    assert len(bench.my_tasks(None)) == 4
    assert [task.title.value for task in bench.my_tasks("grace")] == ["another's"]
    hands.done(ops.SetTask(case=two, task=first.id, state="done"))
    assert [task.blocked for task in bench.my_tasks()] == [False, False]


def test_what_waits_for_a_yes_for_a_hand_or_to_be_sent(hands: Hands, bench: Workbench) -> None:
    case = hands.case(case_type="court_order", subjects=(hands.item(1),))
    assert (bench.by_hand(), bench.letters(), bench.awaiting_approval()) == ([], [], [])
    hands.done(ops.DraftMessage(case=case, party="requester", body="Dear court,", address="c@court.example"))
    hands.done(ops.Claim(case=case))
    hands.done(ops.ProposeDecision(case=case, lines=(Line(outcome="answered"),), rationale="It was answered."))
    (letter,) = bench.letters()
    assert (letter.party, letter.case_id, bench.letters("sent")) == ("requester", case, [])
    (waiting,) = bench.awaiting_approval()
    assert (waiting.id, bench.awaiting_approval(["comms"]), len(bench.awaiting_approval(["approver"]))) == (case, [], 1)
    rows = bench.store.bundle(case)
    assert rows is not None
    deed = Action(id="a1", case=case, decision="d", subject=rows.subjects[0].id, name="remove", state="queued")
    body, into = msgspec.json.encode(deed).decode(), "id, stream, rev, case_id, state, who, key, field_rev, body"
    values = (deed.id, deed.stream, 1, case, "queued", "remove", "d", "{}", body)
    bench.store.write(
        lambda c: c.execute(f"INSERT INTO action ({into}) VALUES ({', '.join('?' * 9)})", values) and None
    )
    (found,) = bench.by_hand()
    assert (found.name, found.item.value, found.ref, bench.by_hand(["failed"])) == ("remove", "p1", rows.case.ref, [])


def test_the_demo_desk_still_comes_up(open_demo: Callable[..., Workbench]) -> None:
    assert open_demo(cases=40).count("verified:yes") > 0
