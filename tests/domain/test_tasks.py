"""Tasks and checklists: what waits for what, steps that become tasks once, elements that intake filled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk import DAY, NOW, RULES, Desk, in_status

from escaltui.domain import checklists
from escaltui.domain import operations as ops
from escaltui.domain.entities import Case, Report, Task
from escaltui.intake.files import read
from escaltui.intake.notices import parse_notice


def added(desk: Desk, case: str, title: str = "Call them", **more: Any) -> str:
    desk.do(ops.AddTask(case=case, title=title, **more))
    return next(each.entity_id for each in reversed(desk.log) if each.entity == "task")


def the(desk: Desk, task: str) -> Task:
    found = desk.rows["task", task]
    assert isinstance(found, Task)
    return found


def test_a_task_is_kept_and_counted_while_it_is_open() -> None:
    desk = Desk()
    case = desk.open()
    task = added(desk, case, " Call them ", assignee="grace", due=NOW + DAY)
    assert (the(desk, task).title, the(desk, task).assignee, the(desk, task).due) == ("Call them", "grace", NOW + DAY)
    other = added(desk, case)
    assert desk.case(case).open_work == {"task": 2}
    counts = []
    for state in ("doing", "done", "open", "doing"):
        desk.do(ops.SetTask(case=case, task=task, state=state))  # type: ignore[arg-type]
        counts.append(desk.case(case).open_work.get("task", 0))
    assert counts == [2, 1, 2, 2]
    desk.do(ops.SetTask(case=case, task=other, state="cancelled", reason="moot"))
    assert (desk.case(case).open_work, the(desk, other).reason) == ({"task": 1}, "moot")
    desk.do(ops.SetTask(case=case, task=task, state="done"))
    assert desk.case(case).open_work == {}
    added(desk, in_status(desk, "closed"))  # a closed case that a report reaches gets a task


def test_what_is_no_task() -> None:
    desk = Desk()
    case = desk.open()
    assert desk.no("incomplete", ops.AddTask(case=case, title=" ")).mend.fields == ("title",)
    desk.no("invalid", ops.AddTask(case=case, title="t" * 201))
    desk.no("invalid", ops.AddTask(case=case, title="t", due=-1))
    desk.no("not_found", ops.AddTask(case=case, title="t", blocked_by=("nowhere",)))
    desk.no("not_found", ops.SetTask(case=case, task="nowhere", state="done"))
    desk.no("not_found", ops.SetTask(case=case, task=added(desk, desk.open()), state="done"))
    task = added(desk, case)
    assert desk.no("incomplete", ops.SetTask(case=case, task=task, state="cancelled")).mend.fields == ("reason",)
    desk.no("invalid", ops.SetTask(case=case, task=task, state="lost"))  # type: ignore[arg-type]
    desk.no("incomplete", ops.SetTask(case=case, task=task, title=""))


def test_a_task_that_waits_for_another_is_not_begun_before_it() -> None:
    desk = Desk()
    case = desk.open()
    first = added(desk, case, "First")
    second = added(desk, case, "Second", blocked_by=(first,))
    third = added(desk, case, "Third", blocked_by=(second, second))
    assert the(desk, third).blocked_by == (second,)
    for state in ("doing", "done"):
        refused = desk.no("blocked", ops.SetTask(case=case, task=second, state=state))  # type: ignore[arg-type]
        assert "First" in refused.reason
    desk.no("invalid", ops.SetTask(case=case, task=first, blocked_by=(third,)))  # round in a circle
    desk.no("invalid", ops.SetTask(case=case, task=first, blocked_by=(first,)))
    desk.do(ops.SetTask(case=case, task=second, state="cancelled", reason="r"))
    desk.do(ops.SetTask(case=case, task=third, state="doing"))
    desk.do(ops.SetTask(case=case, task=second, state="open", blocked_by=()))
    desk.do(ops.SetTask(case=case, task=second, state="done"))


def test_fields_of_a_task_change_alone() -> None:
    desk = Desk()
    case = desk.open()
    task = added(desk, case, assignee="grace", due=NOW + DAY)
    desk.do(ops.SetTask(case=case, task=task, assignee="", due=NOW + 2 * DAY))
    assert (the(desk, task).assignee, the(desk, task).due, the(desk, task).title) == ("", NOW + 2 * DAY, "Call them")
    assert (the(desk, task).state, desk.case(case).open_work) == ("open", {"task": 1})


# --- checklists


def test_steps_become_tasks_once() -> None:
    desk = Desk()
    case = desk.open(case_type="press")
    steps = checklists.steps(desk.case(case), RULES, ())
    assert [step.checklist.partition("/")[0] for step in steps] == ["press", "press"]
    wanted = checklists.tasks(desk.case(case), RULES, ())
    assert len(wanted) == 2
    desk.do(wanted[0])
    refused = desk.no("stale", wanted[0])
    assert refused.rule == "checklists.toml:press"
    assert checklists.tasks(desk.case(case), RULES, desk.of(Task)) == wanted[1:]
    (task,) = desk.of(Task)
    desk.do(ops.SetTask(case=case, task=task.id, state="cancelled", reason="r"))
    desk.no("stale", wanted[0])
    found = checklists.steps(desk.case(case), RULES, desk.of(Task))
    assert [(step.task, step.state) for step in found] == [(task.id, "cancelled"), ("", "")]
    desk.no("invalid", ops.AddTask(case=case, title="t", checklist="press/Nothing of the kind"))
    desk.do(ops.AddTask(case=case, title="", checklist=wanted[1].checklist))
    assert {row.title for row in desk.of(Task)} == {step.title for step in steps}


def test_a_checklist_of_reports_asks_for_a_report_of_that_kind() -> None:
    desk = Desk()
    order, notice = desk.report(kind="order"), desk.report(kind="notice")
    case = desk.case(desk.open(case_type="court_order"))
    rows = lambda *reports: [row.id for row in checklists.rows_for(case, RULES, reports)]  # noqa: E731
    assert rows() == []
    assert rows(*desk.of(Report, id=notice)) == []
    assert rows(*desk.of(Report, id=order), *desk.of(Report, id=notice)) == ["authority-order"]


NOTICE = """Dear sirs, I am the copyright owner of the original work "Blue". It is copied at
https://github.com/some/thing without leave. I have a good faith belief that this use is not authorized.
I swear under penalty of perjury that I am authorized to act. You reach me at jo@blue.example.

Sincerely,
Jo Blue
"""


def test_the_elements_that_intake_found_are_on_the_checklist_from_the_start() -> None:
    desk = Desk()
    found = parse_notice(NOTICE)
    report = desk.report(NOTICE, kind=found.kind, elements=dict(found.elements))
    case = desk.open(case_type="ip_copyright", report=report)
    (row,) = desk.of(Report)
    elements = checklists.elements(desk.case(case), row, RULES)
    assert [each.name for each in elements] == [
        "signature", "work", "material", "contact", "good_faith", "accuracy_authority",
    ]  # fmt: skip
    assert {each.state for each in elements} == {"present"}
    assert {each.row for each in elements} == {"copyright-notice"}
    desk.do(ops.SetElements(case=case, report=report, elements={"signature": "absent", "stamp": "redacted"}))
    (row,) = desk.of(Report)
    elements = checklists.elements(desk.case(case), row, RULES)
    assert (elements[0].state, elements[1].state, elements[-1]) == ("absent", "present", ("", "stamp", "redacted"))
    assert checklists.missing(desk.case(case), row, RULES) == ("signature",)


def test_every_type_of_element_that_intake_fills_is_on_a_checklist() -> None:
    from escaltui.intake import government, notice_elements

    filled = {
        "copyright-notice": notice_elements.notice_elements("", {}, True, False),
        "counter-notice": notice_elements.counter_elements("", {}, True, False),
        "authority-order": government.parse_government("The Court of Rome orders you to remove it.").elements,
    }
    for row, elements in filled.items():
        assert set(elements) <= set(RULES.checklists[row].elements)


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({}, "incomplete"),
        ({"a": "perhaps"}, "invalid"),
        ({"": "present"}, "invalid"),
        ({"x" * 65: "absent"}, "invalid"),
    ],
)
def test_elements_are_one_of_four_states(elements: dict[str, str], code: str) -> None:
    desk = Desk()
    report = desk.report()
    case = desk.open(report=report)
    desk.no(code, ops.SetElements(case=case, report=report, elements=elements))
    desk.no("not_found", ops.SetElements(case=desk.open(), report=report, elements={"a": "present"}))


def test_a_translation_stands_beside_the_text_and_a_machines_is_known_as_such() -> None:
    desk = Desk()
    report = desk.report("Bonjour")
    case = desk.open(report=report)
    desk.do(ops.AddTranslation(case=case, report=report, text="Hello", source="fr", target="en", by="machine"))
    desk.do(ops.AddTranslation(case=case, report=report, text="Good day", source="fr", target="en"), "grace")
    (row,) = desk.of(Report)
    assert row.body == "Bonjour"
    assert [(each.by, each.text, each.who) for each in row.translations] == [
        ("machine", "Hello", "ada"), ("person", "Good day", "grace"),
    ]  # fmt: skip
    desk.no("incomplete", ops.AddTranslation(case=case, report=report, text=" ", source="fr", target=""))
    desk.no("invalid", ops.AddTranslation(case=case, report=report, text="x", source="fr", target="fr"))
    desk.no("not_found", ops.AddTranslation(case=desk.open(), report=report, text="x", source="fr", target="en"))


@pytest.mark.real_data
def test_the_checklist_of_each_real_notice_is_filled(real_data: Path) -> None:
    kinds = {"notice": "copyright-notice", "counter_notice": "counter-notice"}
    case = Case(id="c", ref="E-1", type="ip_copyright")
    checked = 0
    for found in read(real_data / "notices.jsonl.gz"):
        row = RULES.checklists.get(kinds.get(found.kind, ""))
        if row is None:
            continue
        report = Report(id="r", kind=found.kind, elements=dict(found.elements))
        elements = {each.name: each.state for each in checklists.elements(case, report, RULES) if each.row == row.id}
        assert tuple(elements) == row.elements
        assert elements == found.elements
        checked += 1
    assert checked > 2500
