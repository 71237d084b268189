"""The brief: who, what, by when, what is known and what is not, from facts alone."""

from __future__ import annotations

from desk import HOUR, Desk

from escaltui.domain import brief
from escaltui.domain import operations as ops
from escaltui.domain.entities import Case, Consult, Note, Pin, Report, Subject, Task
from escaltui.domain.operations import NewSubject


def drafted(desk: Desk, case: str) -> dict[str, dict[str, list[str]]]:
    """The parts of a brief by name: what -> values."""
    notes = sorted(desk.of(Note, case=case), key=lambda note: note.created_at)
    subjects = [desk.rows["subject", key] for key in desk.case(case).subjects]
    parts = brief.draft(
        desk.case(case), desk.of(Report, case=case), [s for s in subjects if isinstance(s, Subject)], notes
    )
    found: dict[str, dict[str, list[str]]] = {}
    for part in parts:
        lines: dict[str, list[str]] = {}
        for what, value in part.lines:
            lines.setdefault(what, []).append(value)
        found[part.name] = lines
    return found


def test_an_empty_case_says_what_is_not_known() -> None:
    desk = Desk()
    found = drafted(desk, desk.open("T"))
    assert list(found) == ["who", "ask", "by_when", "known", "unknown", "cited"]
    assert found["ask"] == {"": ["T"]}
    assert set(found["unknown"]) == {
        "requester", "verification", "country", "language", "harm", "items", "policy",
    }  # fmt: skip
    assert found["known"] == found["cited"] == {}


def test_a_worked_case_says_what_is_known() -> None:
    desk = Desk()
    report = desk.report("Please\n  remove   it. " + "x" * 900, requester_name="The Court", requester_kind="court",
                         laws=("A", "B"), elements={"signature": "absent", "date": "present"}, problems=("no date",),
                         on_behalf_of="Ms X")  # fmt: skip
    items = tuple(NewSubject(platform="web", item_id=f"p{n}") for n in range(5))
    case = desk.open("T", report=report, subjects=items, flags=("ncii",), countries=("DE",), languages=("de",))
    desk.do(ops.VerifyReport(case=case, method="portal"))
    desk.do(ops.PinSection(case=case, section="cs/1", pin=Pin("v1", "0" * 64, "Hate")))
    desk.do(ops.RecordAsked(case=case, words="w", instant=desk.now + HOUR))
    found = drafted(desk, case)
    assert found["who"] == {
        "": ["The Court"], "kind": ["court"], "report": ["verified"], "on_behalf_of": ["Ms X"], "laws": ["A, B"],
    }  # fmt: skip
    title, ask = found["ask"][""]
    assert (title, len(ask), ask[:17], ask[-1]) == ("T", 600, "Please remove it.", "…")
    assert found["by_when"]["asked asked:1"] == [str(desk.now + HOUR)]
    assert (len(found["known"]["item"]), found["known"]["items"], found["known"]["flags"]) == (3, ["+2"], ["ncii"])
    assert found["cited"] == {"cs/1": ["Hate"]}
    assert found["unknown"] == {"harm": [""], "element": ["signature"], "problem": ["no date"]}


def test_only_running_clocks_have_a_time() -> None:
    desk = Desk()
    case = desk.held()
    assert not any("ack" in what for what in drafted(desk, case)["by_when"])
    assert any("decision" in what for what in drafted(desk, case)["by_when"])


def test_of_the_notes_the_last_three_that_stand() -> None:
    desk = Desk()
    case = desk.open()
    notes = []
    for n in range(6):
        desk.now += 1
        notes.append((desk.note(case, f"note  {n}"), desk.last))
    desk.undo(notes[5][1])
    desk.now += 1
    desk.do(ops.CorrectNote(case=case, note=notes[4][0], body="better 4"))
    assert drafted(desk, case)["known"]["ada"] == ["note 2", "note 3", "better 4"]


def test_what_teams_said_is_awaited_and_is_still_to_do() -> None:
    desk = Desk()
    case = desk.open()
    asked = (
        Consult(id="1", case=case, team="legal", state="answered", answer="Yes,\n in FR."),
        Consult(id="2", case=case, team="legal", state="answered", answer="SECRET", sensitivity="privileged"),
        Consult(id="3", case=case, team="comms", due=9),
        Consult(id="4", case=case, team="ip", due=7, state="acknowledged"),
        Consult(id="5", case=case, team="ops", state="withdrawn"),
    )
    tasks = (Task(id="1", case=case, title="Call", assignee="ada"), Task(id="2", case=case, title="x", state="done"))
    found = {part.name: part.lines for part in brief.draft(desk.case(case), (), (), (), asked, tasks)}
    assert found["answered"] == (("legal", "Yes, in FR."), ("legal", ""))
    assert found["awaited"] == (("ip", "7"), ("comms", "9"))
    assert found["to_do"] == (("ada", "Call"),)


def test_a_brief_is_pure() -> None:
    case = Case(id="1", ref="E-1")
    assert brief.draft(case, (), (), ()) == brief.draft(case, (), (), ())
