"""Statements of reasons: drafted, mended, exported, sent. None while the affected user may not be told.

What the EU's schema says of the fields comes with the operation; personal data is looked for here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from escaltui.domain import statements
from escaltui.domain.decisions import Decision, Statement
from escaltui.domain.entities import Case, Report, Subject
from escaltui.domain.operations import DraftStatements, EditStatement, SendStatement
from escaltui.domain.rules.guards import filled, one_of
from escaltui.domain.rules.open_work import counted
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words
from escaltui.domain.statement_rules import Value

LANGUAGES = tuple(statements.RESTS_ON)
HERE = frozenset({"draft", "valid", "refused"})
"""The states in which a statement has not left, or has come back."""
OWED = frozenset({"draft", "refused"})
"""Those in which somebody must mend it; counted as the case's open work."""
FROM = {
    "exported": frozenset({"valid", "exported"}), "sent": frozenset({"exported"}), "refused": frozenset({"exported"}),
    "withdrawn": frozenset({"draft", "valid", "exported", "sent", "refused"}),
}  # fmt: skip
REFERENCE_LIMIT = 300
TEXT_LIMIT = 20_000
"""The longest text kept in a field: far above what the database takes, so that nothing typed is lost."""


def may_be_told(case: Case, work: Work) -> None:
    """Refuse while an order or a law keeps the affected user from being told."""
    notice = case.user_notice
    if not notice.forbids(work.ctx.now):
        return
    source = notice.source or "?"
    if notice.rule == "delayed" and notice.until is not None:
        day = f"{datetime.fromtimestamp(notice.until / 1000, UTC):%Y-%m-%d %H:%M} UTC"
        need(False, "blocked", "The user may not be told before {day} ({source}): no statement of reasons.",
             "Draft it and export it after that.", rule="user_notice", day=day, source=source)  # fmt: skip
    need(False, "blocked", "The user may not be told ({source}): no statement of reasons.",
         "Ask a lead, once that is lifted.", rule="user_notice", source=source)  # fmt: skip


def _in_force(decision: Decision | None) -> None:
    need(decision is not None and decision.state == "effective", "wrong_state",
         "Statements of reasons are for a decision in force; this one is {state}.", "Look at the case's decisions.",
         state=words(decision.state if decision else "withdrawn"))  # fmt: skip


def _decision_of(statement: Statement, work: Work) -> Decision | None:
    return work.find(Decision, statement.decision)


def draft(op: DraftStatements, work: Work) -> None:
    """Keep drafted statements; those of the same decision and subject that have not left are drafted anew."""
    case, decision = work.case(op.case), work.row(Decision, op.decision)
    need(decision.case == case.id, "not_found", "There is no such decision on this case.", "Look at the timeline.")
    _in_force(decision)
    may_be_told(case, work)
    one_of(op.language, LANGUAGES, "language")
    filled("Statements of reasons", statements=op.statements)
    need(len(op.subjects) == len(op.statements) == len(op.problems) and len(set(op.subjects)) == len(op.subjects),
         "invalid", "Each statement is for one item.", "Draft them again.", fields=("subjects",))  # fmt: skip
    strange = set(op.subjects) - set(decision.subjects or case.subjects)
    need(not strange, "invalid", "{n} items were not decided here.", "Draft them again.", n=len(strange))
    for fields in op.statements:
        _fit(fields)
    _keep(op, decision, _names(case, work, op.names), work)
    _count(case, work)


def _keep(op: DraftStatements, decision: Decision, names: tuple[str, ...], work: Work) -> None:
    """Put each statement: a new one under the next number, or what is drafted anew under its old one."""
    rows: tuple[Statement, ...] = work.state.list("statements", op.case)
    ours = [row for row in rows if row.decision == decision.id]
    known = {row.subject: row for row in ours if row.state != "withdrawn"}
    number = max((row.number for row in ours), default=0)
    for subject, fields, problems in zip(op.subjects, op.statements, op.problems, strict=True):
        row = known.get(subject)
        if row is None:
            number += 1
            row = Statement(
                id=work.new_id(), stream=decision.stream, created_at=work.ctx.now, created_by=work.ctx.actor,
                case=op.case, decision=decision.id, subject=subject, number=number,
            )  # fmt: skip
        if row.state in HERE:
            anew = msgspec.structs.replace(row, language=op.language)
            work.put(_checked(anew, fields | {"puid": puid(row)}, problems, names))


def puid(row: Statement) -> str:
    """The number under which the database knows a statement of ours."""
    return f"{row.decision}-{row.number}"


def edit(op: EditStatement, work: Work) -> None:
    """Mend a statement, or keep a piece of personal data with a reason. It is valid once nothing is left to mend."""
    case, row = work.case(op.case), _statement(op.statement, op.case, work)
    _in_force(_decision_of(row, work))
    need(row.state in HERE, "wrong_state", "This statement is {state}.",
         "Record what became of it first; a refused one can be mended.", state=words(row.state))  # fmt: skip
    need(op.fields or op.waived, "incomplete", "Nothing was changed.", "Name a field, or what is kept and why.")
    need("puid" not in op.fields, "invalid", "A statement's own number is not changed.", "Leave it out.",
         fields=("puid",))  # fmt: skip
    _fit(op.fields)
    for found, why in op.waived.items():
        need(found.strip() and why.strip(), "incomplete", "Keeping {found} needs a reason.", "Say why.",
             fields=("waived",), found=found)  # fmt: skip
    kept = msgspec.structs.replace(row, waived=row.waived | op.waived)
    work.put(_checked(kept, row.fields | op.fields, op.problems, _names(case, work, op.names)))
    _count(case, work)


def _fit(fields: dict[str, Value]) -> None:
    """Refuse what is no text, and what is too long to be kept at all; the database's own limits are only told."""
    for name, value in fields.items():
        need(name.isidentifier(), "invalid", "A statement has no field {field}.", "Leave it out.", fields=("fields",),
             field=name[:60])  # fmt: skip
        parts = (value,) if isinstance(value, str) else value
        need(isinstance(parts, tuple | list) and all(isinstance(part, str) for part in parts), "invalid",
             "{field} holds a text, or a list of texts.", "Write it so.", fields=(name,), field=name)  # fmt: skip
        size = sum(map(len, parts))
        need(size <= TEXT_LIMIT, "invalid", "{field} has {size:,} characters; {limit:,} can be kept.", "Shorten it.",
             fields=(name,), field=name, size=size, limit=TEXT_LIMIT)  # fmt: skip


def _checked(
    row: Statement, fields: dict[str, Value], problems: Iterable[str], names: tuple[str, ...]
) -> Statement:  # fmt: skip
    """A statement with fields, what is still to be mended in it, and the state that follows from that."""
    there = {name: value for name, value in fields.items() if value}
    found = (*problems, *map(str, statements.left(there, names, row.waived)))
    return msgspec.structs.replace(row, fields=there, problems=found, state="draft" if found else "valid")


def send(op: SendStatement, work: Work) -> None:
    """What became of a statement. Neither exported nor sent while the user may not be told, or once it is reversed."""
    case, row = work.case(op.case), _statement(op.statement, op.case, work)
    need(row.state in FROM[op.state], "wrong_state", "This statement is {state}; it cannot become {target}.",
         "Look at what is left to mend in it.", state=words(row.state), target=words(op.state))  # fmt: skip
    need(len(op.external_ref) <= REFERENCE_LIMIT, "invalid", "The reference is too long.", "Shorten it.",
         fields=("external_ref",))  # fmt: skip
    if op.state in ("exported", "sent"):
        may_be_told(case, work)
    if op.state == "exported":
        _in_force(_decision_of(row, work))
        filled("An export", external_ref=op.external_ref)
    state = "valid" if op.state == "refused" and not op.problems else op.state
    reference = "" if state == "valid" else op.external_ref or row.external_ref
    work.put(msgspec.structs.replace(row, state=state, external_ref=reference, problems=op.problems))
    _count(case, work)


def _statement(statement: str, case: str, work: Work) -> Statement:
    row = work.row(Statement, statement)
    need(row.case == case, "not_found", "There is no such statement on this case.", "Look at its decision.")
    return row


def _names(case: Case, work: Work, more: tuple[str, ...]) -> tuple[str, ...]:
    reports: tuple[Report, ...] = work.state.list("reports", case.id)
    subjects: tuple[Subject, ...] = work.state.list("subjects", case.id)
    return tuple(dict.fromkeys((*statements.names_of(case, reports, subjects), *more)))


def _count(case: Case, work: Work) -> None:
    """Keep the number of statements that somebody must mend: as it was, moved by what was put here."""
    moved = 0
    for (kind, key), after in work.after.items():
        if kind == Statement.NAME and isinstance(after, Statement):
            before = work.state.rows.get((kind, key))
            was = isinstance(before, Statement) and before.state in OWED
            moved += (after.state in OWED) - was
    work.put(counted(case, "statement", moved))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    DraftStatements: draft, EditStatement: edit, SendStatement: send,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {}
