"""Rows that a great many operations only look at: who rests on one is judged again where it comes to be another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_rebase import Office

from escaltui import rules_loader
from escaltui.domain import ids
from escaltui.domain.changes import refused
from escaltui.domain.entities import Report, Requester
from escaltui.domain.operations import AddNote, ReceiveReport
from escaltui.domain.wire import Result
from escaltui.store import pending, rebase


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path, rules_loader.load())
    yield made
    made.close()


def received(office: Office, name: str = "Police") -> str:
    """A report of somebody; the id of its operation."""
    return office.do(0, ReceiveReport(requester_name=name, requester_kind="law_enforcement", body="Remove this")).op_id


def requester(office: Office, op_id: str) -> Requester | None:
    store = office.copies[0]
    report = store.row(Report.NAME, ids.entity_id(op_id, 0))
    assert isinstance(report, Report)
    found = store.row(Requester.NAME, report.requester)
    assert found is None or isinstance(found, Requester)
    return found


def part(office: Office, op_id: str) -> None:
    """The server refuses one."""
    remote = office.copies[0].remote
    assert remote is not None
    why = refused("invalid", "No.", "No.")
    remote.answered([Result(op_id, "refused", refused=why)], office.now, office.rules)


def test_who_found_a_requester_makes_one_once_that_is_gone(office: Office) -> None:
    first, second, third = (received(office, name) for name in ("Police", "police", "Police"))
    kept = requester(office, first)
    assert kept is not None
    assert requester(office, second) == requester(office, third) == kept
    part(office, first)
    made = requester(office, second)
    assert made is not None
    assert made.id != kept.id
    assert requester(office, third) == made


def test_the_control_without_it_a_report_is_nobodys(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebase, "_differ", lambda one, other: set())
    first, second = received(office), received(office)
    part(office, first)
    assert requester(office, second) is None


def test_one_page_judges_only_what_it_concerns(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred reports of one requester, and a note somewhere: the note's page judges none of them again."""
    case_id = office.open(0)
    for _ in range(100):
        received(office)
    note = office.do(0, AddNote(case=case_id, body="here")).op_id
    judged: list[str] = []
    real = pending.Pending.judge

    def counted(self: Any, op: Any, op_id: str) -> Any:
        judged.append(op_id)
        return real(self, op, op_id)

    monkeypatch.setattr(pending.Pending, "judge", counted)
    part(office, note)
    assert len(judged) <= 1
