"""Decisions in force with their actions, made behind the rules' back, and the statements drafted for them."""

from __future__ import annotations

import functools
from typing import Any

import msgspec
from desk import NOW, Desk

from escaltui.domain import statement_rules, statements
from escaltui.domain.decisions import Action, Cite, Decision, Line, Statement
from escaltui.domain.entities import Report, Subject
from escaltui.domain.operations import DraftStatements, EditStatement, NewSubject
from escaltui.domain.statement_rules import Schema
from escaltui.domain.statements import Matter
from escaltui.policy.sor_schema import packaged_schema

REMOVED = "DECISION_VISIBILITY_CONTENT_REMOVED"


@functools.cache
def schema() -> Schema:
    return packaged_schema()


def line(**fields: Any) -> Line:
    return Line(**({"outcome": "violation_action", "own_policy": "breaks", "ground": "incompatible_content",
                    "cites": (Cite("cs/1", "v1", "0" * 64, "Praise of attacks"),)} | fields))  # fmt: skip


def decided(
    desk: Desk, *lines: Line, items: int = 2, kinds: tuple[str, ...] = ("visibility_content_removed",),
    item_type: str = "post", report: dict[str, Any] | None = None, until: int | None = None, **decision: Any,
) -> Decision:  # fmt: skip
    """A case with items, a decision in force on it, and one action of each kind on every item."""
    about = tuple(
        NewSubject(platform="p", item_type=item_type, item_id=f"i{n}", author=f"mara.b{n}") for n in range(items)
    )
    told = {"requester_name": "Jo Bloggs", "kind": "notice"} | (report or {})
    case_id = desk.open(report=desk.report(**told), subjects=about)
    case = desk.put(case_id, harm="violence", languages=("de",))
    made = Decision(**({
        "id": desk.new_id(), "case": case_id, "stream": case.stream, "lines": lines or (line(),),
        "subjects": tuple(case.subjects), "facts": "The post praises an attack.", "rationale": "It calls it a feat.",
        "state": "effective", "effective_at": NOW, "proposed_by": "ada",
    } | decision))  # fmt: skip
    desk.rows["decision", made.id] = made
    for subject in case.subjects:
        for kind in kinds:
            action = Action(id=desk.new_id(), case=case_id, decision=made.id, subject=subject, name="remove",
                            kind=kind, until=until)  # fmt: skip
            desk.rows["action", action.id] = action
    desk.put(case_id, status="decided", decision=made.id)
    return made


def matter(desk: Desk, decision: Decision, language: str = "en") -> Matter:
    case = desk.case(decision.case)
    subjects = [each for each in desk.of(Subject) if each.id in case.subjects]
    return Matter(
        case, decision, subjects, desk.of(Action, decision=decision.id), desk.of(Report, case=case.id), schema(),
        language, {"cs/1": "Praise of attacks"}, {"cs/1": "https://commonlea.example/rules#praise"},
    )  # fmt: skip


def drafted(desk: Desk, decision: Decision, language: str = "en", **changed: Any) -> DraftStatements:
    """The operation that keeps what is drafted; `changed` fields go into every statement."""
    made = [each for each in statements.draft(matter(desk, decision, language)) if each.why is None]
    fields = tuple(each.fields | changed for each in made)
    return DraftStatements(
        case=decision.case, decision=decision.id, statements=fields, subjects=tuple(each.subject for each in made),
        problems=tuple(complaints(each) for each in fields), language=language,
    )  # fmt: skip


def complaints(fields: dict[str, Any]) -> tuple[str, ...]:
    """What the schema says of fields; their number is the rules' to give."""
    numbered = {name: value for name, value in fields.items() if value} | {"puid": "X-1"}
    return tuple(map(str, statement_rules.problems(numbered, schema())))


def stated(desk: Desk, decision: Decision, **changed: Any) -> list[Statement]:
    """The statements of a decision, drafted and kept."""
    desk.do(drafted(desk, decision, **changed))
    return sorted(desk.of(Statement, decision=decision.id), key=lambda row: row.number)


def mend(desk: Desk, row: Statement, fields: dict[str, Any] | None = None, **waived: Any) -> Statement:
    """A statement after an edit, checked as the workbench does."""
    put = row.fields | (fields or {})
    desk.do(EditStatement(case=row.case, statement=row.id, fields=fields or {}, problems=complaints(put), **waived))
    found = desk.rows["statement", row.id]
    assert isinstance(found, Statement)
    return found


def with_notice(desk: Desk, case_id: str, **notice: Any) -> None:
    """Say that the user may not be told."""
    case = desk.case(case_id)
    desk.put(case_id, user_notice=msgspec.structs.replace(case.user_notice, **notice))
