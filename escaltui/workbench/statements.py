"""Statements of reasons at the desk: drafted for a decision, shown with what is wrong in them, mended, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from escaltui import wording
from escaltui.domain import statements as drafting
from escaltui.domain.changes import Refused, refused
from escaltui.domain.decisions import Statement
from escaltui.domain.entities import Subject
from escaltui.domain.operations import DraftStatements, EditStatement, SendStatement
from escaltui.domain.statement_rules import Value, problems
from escaltui.domain.statements import Drafted, Matter
from escaltui.policy.library import PolicyError
from escaltui.policy.sor_schema import packaged_schema
from escaltui.safety.text import SafeText, block, line
from escaltui.store import policies
from escaltui.store.driver import Connection
from escaltui.store.rows import row
from escaltui.store.values import CaseRows, Done

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench


class PersonalLine(NamedTuple):
    """A piece of personal data in a statement; `kept` is why it stays, "" where it must be mended."""

    field: str
    kind: str
    words: SafeText
    kept: SafeText


class StatementFace(NamedTuple):
    """One statement, ready to show. `problems` are told in the reader's language, as they are now."""

    id: str
    number: int
    decision: str
    subject: str
    item: SafeText
    language: str
    state: str
    fields: tuple[tuple[str, SafeText], ...]
    problems: tuple[SafeText, ...]
    found: tuple[PersonalLine, ...]
    external_ref: SafeText


class LeftOut(NamedTuple):
    """An item that has no statement, and why."""

    item: SafeText
    why: str


def draft(bench: Workbench, case_id: str, decision: str = "", language: str = "en") -> Done | Refused:
    """Draft a statement for each item of a decision in force (by default the case's) that asks for one."""
    rows = bench.store.bundle(case_id)
    if rows is None:
        return bench.not_found(case_id)
    if language not in drafting.RESTS_ON:
        return refused("invalid", "There is no statement in the language {language}.", "Choose en or fr.",
                       language=language)  # fmt: skip
    matter = _matter(bench, rows, decision or rows.case.decision, language)
    if matter is None:
        return refused("not_found", "There is no such decision on this case.", "Decide first.")
    made = [each for each in drafting.draft(matter) if each.why is None]
    names = _colleagues(bench)
    if not made and matter.decision.state == "effective":
        return refused("incomplete", "This decision asks for no statement of reasons.",
                       "They are for what was restricted in the EU or the EEA.")  # fmt: skip
    return bench.do(
        DraftStatements(
            case=case_id, decision=matter.decision.id, statements=tuple(each.fields for each in made),
            subjects=tuple(each.subject for each in made), problems=tuple(_complaints(each.fields) for each in made),
            names=names, language=language,
        )
    )  # fmt: skip


def left_out(bench: Workbench, case_id: str, decision: str = "") -> tuple[LeftOut, ...]:
    """The items of a decision that have no statement, and why."""
    rows = bench.store.bundle(case_id)
    matter = _matter(bench, rows, decision or rows.case.decision, "en") if rows else None
    if matter is None:
        return ()
    items = {each.id: each for each in matter.subjects}
    made: tuple[Drafted, ...] = drafting.draft(matter)
    return tuple(
        LeftOut(_item(items.get(each.subject)), wording.told(each.why)) for each in made if each.why is not None
    )


def faces(bench: Workbench, case_id: str) -> tuple[StatementFace, ...]:
    """The statements of a case, the oldest first."""
    rows = bench.store.bundle(case_id)
    if rows is None:
        return ()
    names = (*drafting.names_of(rows.case, rows.reports, rows.subjects), *_colleagues(bench))
    items = {each.id: each for each in rows.subjects}
    return tuple(_face(each, items.get(each.subject), names) for each in rows.statements)


def edit(
    bench: Workbench, statement: str, fields: Mapping[str, Value] | None = None, waived: Mapping[str, str] | None = None
) -> Done | Refused:
    """Mend fields of a statement ("" takes one away), or keep personal data in it: {its words: why}."""
    found = bench.store.row(Statement.NAME, statement)
    if not isinstance(found, Statement):
        return refused("not_found", "There is no such statement on this case.", "Look at its decision.")
    new = dict(fields or {})
    return bench.do(
        EditStatement(
            case=found.case, statement=statement, fields=new, waived=dict(waived or {}),
            problems=_complaints(found.fields | new), names=_colleagues(bench),
        )
    )  # fmt: skip


def withdraw(bench: Workbench, statement: str) -> Done | Refused:
    """Take a statement back; if it left already, that it is void is recorded here alone."""
    found = bench.store.row(Statement.NAME, statement)
    case = found.case if isinstance(found, Statement) else ""
    return bench.do(SendStatement(case=case, statement=statement, state="withdrawn"))


def choices(field: str) -> tuple[str, ...]:
    """The values that a field may have; none where it is text."""
    return packaged_schema().values(field)


def limit(field: str) -> int | None:
    """How many characters a field takes; None where that is not limited."""
    return packaged_schema().field[field].limit


def _complaints(fields: Mapping[str, Value]) -> tuple[str, ...]:
    """What the schema says of fields, in English; their number is given by the rules, whatever stands there now."""
    there = {name: value for name, value in fields.items() if value}
    return tuple(map(str, problems(there | {"puid": "x"}, packaged_schema())))


def _colleagues(bench: Workbench) -> tuple[str, ...]:
    """The full names of colleagues: they stand in no statement either."""
    return tuple(name for each in bench.people() if len((name := each.name).split()) > 1)


def _matter(bench: Workbench, rows: CaseRows, decision_id: str, language: str) -> Matter | None:
    decision = next((each for each in rows.decisions if each.id == decision_id), None)
    if decision is None:
        return None
    cites = {(cite.section, cite.version): cite for each in decision.lines for cite in each.cites}

    def gather(connection: Connection) -> tuple[list[Subject], dict[str, str], dict[str, str]]:
        known = {each.id: each for each in rows.subjects}
        found = (known.get(key) or row(connection, Subject.NAME, key) for key in decision.subjects or known)
        sections = {key[0]: _cited(connection, *key) for key in cites}
        headings = {key: heading for key, (heading, _) in sections.items()}
        return [each for each in found if isinstance(each, Subject)], headings, {k: u for k, (_, u) in sections.items()}

    subjects, headings, urls = bench.store.read(gather)
    return Matter(
        rows.case, decision, subjects, rows.actions, rows.reports, packaged_schema(), language, headings, urls
    )


def _cited(connection: Connection, section: str, version: str) -> tuple[str, str]:
    """A cited section's heading and address; empty where the library has it no more."""
    try:
        found = policies.section(connection, section, version=version or None)
    except PolicyError:
        return "", ""
    return found.heading, found.page_url if found.page_url.startswith(("http://", "https://")) else ""


def _item(subject: Subject | None) -> SafeText:
    return line((subject.url or subject.item_id) if subject else "?")


def _face(each: Statement, subject: Subject | None, names: Sequence[str]) -> StatementFace:
    found = list(drafting.personal(each.fields, names, each.waived))
    # fresh from the schema while it is here; once it left, what the database said
    told = [*problems(each.fields, packaged_schema()), *drafting.left(each.fields, names, each.waived)]
    here = each.state in ("draft", "valid")
    return StatementFace(
        id=each.id, number=each.number, decision=each.decision, subject=each.subject, item=_item(subject),
        language=each.language, state=each.state,
        fields=tuple((n, block(v if isinstance(v, str) else ", ".join(v))) for n, v in each.fields.items()),
        problems=tuple(line(wording.told(said)) for said in told) if here else tuple(map(line, each.problems)),
        found=tuple(PersonalLine(field, what.kind, line(what.words), line(why)) for field, what, why in found),
        external_ref=line(each.external_ref),
    )  # fmt: skip
