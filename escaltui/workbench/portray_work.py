"""Decisions and what goes with them made into faces: every text from outside safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from escaltui import wording
from escaltui.domain import checklists, consults, statutory
from escaltui.domain.decisions import Action, Cite, Decision, Line, Statement
from escaltui.domain.elsewhere import acted
from escaltui.domain.exchange import Consult, Message, Task, Update
from escaltui.safety.text import SafeText, block, line
from escaltui.wording_elsewhere import told
from escaltui.work_faces import (
    ActionFace,
    CiteFace,
    ConsultFace,
    DecisionFace,
    LetterFace,
    LineFace,
    StatementFace,
    TaskFace,
    UpdateFace,
    WorkFace,
)

if TYPE_CHECKING:
    from escaltui.domain.entities import Elsewhere, Subject
    from escaltui.domain.ruleset import RuleSet
    from escaltui.store.values import CaseRows

STANDING = ("proposed", "effective")
Acted = Mapping[str, Sequence["Elsewhere"]]
NOBODY: Acted = {}


def work_face(rows: CaseRows, *, me: str, now: int, rules: RuleSet, current: Mapping[str, str]) -> WorkFace:
    """All of it for one case. `current`: the hash in force of each section that its decisions cite."""
    case, items = rows.case, {subject.id: subject for subject in rows.subjects}
    there = acted(rows.notes)
    decisions = [decision_face(each, case.ref, items, current, me) for each in reversed(rows.decisions)]
    standing = next((each for each in decisions if each.id == case.decision and each.state in STANDING), None)
    notice = case.user_notice
    appeal = case.appeal
    unread = statutory.unread(case, rules)
    return WorkFace(
        decision=standing,
        earlier=tuple(each for each in decisions if each is not standing),
        actions=tuple(action_face(each, case.ref, items.get(each.subject), rules, there) for each in rows.actions),
        consults=tuple(consult_face(each, case.ref, now) for each in reversed(rows.consults)),
        letters=tuple(letter_face(each, case.ref) for each in reversed(rows.messages)),
        tasks=tuple(task_face(each, case.ref, rows.tasks) for each in rows.tasks),
        statements=tuple(statement_face(each, items.get(each.subject)) for each in rows.statements),
        updates=tuple(update_face(each) for each in reversed(rows.updates)),
        notice=notice.rule,
        notice_until=notice.until,
        notice_source=line(notice.source) if notice.source else None,
        stakeholders=tuple(
            (line(name), line(who.address), who.length) for name, who in sorted(case.stakeholders.items())
        ),
        legal_unread=(line(wording.told(unread)),) if unread is not None else (),
        appeal=(appeal.decision, appeal.level, block(appeal.grounds)) if appeal else None,
        hold_until=case.hold_until,
    )


def item_name(subject: Subject | None) -> SafeText:
    """How an item is called in a list: its id, else its link."""
    return line("" if subject is None else subject.item_id or subject.url)


def decision_face(
    decision: Decision, ref: str, items: Mapping[str, Subject], current: Mapping[str, str], me: str
) -> DecisionFace:
    """One decision."""
    given = {each.role for each in decision.approvals}
    return DecisionFace(
        id=decision.id, case_id=decision.case, ref=ref, state=decision.state, approval=decision.approval,
        lines=tuple(line_face(n, each, items, current) for n, each in enumerate(decision.lines, 1)),
        facts=block(decision.facts), rationale=block(decision.rationale), spirit=decision.spirit,
        departs=decision.departs, departure_reason=block(decision.departure_reason),
        appeal_outcome=decision.appeal_outcome, reach=decision.reach, rules_matched=decision.rules_matched,
        needs=decision.needs, lacks=tuple(role for role in decision.needs if role not in given),
        approvals=tuple((each.role, each.person, each.at) for each in decision.approvals),
        returned=block(decision.returned), review_by=decision.review_by, proposed_by=decision.proposed_by,
        proposed_at=decision.proposed_at, effective_at=decision.effective_at, hold_until=decision.hold_until,
        content_sha256=decision.content_sha256, reverses=decision.reverses, supersedes=decision.supersedes,
        mine=decision.proposed_by == me,
    )  # fmt: skip


def line_face(number: int, each: Line, items: Mapping[str, Subject], current: Mapping[str, str]) -> LineFace:
    """One line of a decision."""
    return LineFace(
        number=number, outcome=each.outcome, own_policy=each.own_policy, ground=each.ground,
        cites=tuple(cite_face(cite, current) for cite in each.cites), territory=each.territory,
        exception=each.exception, actions=tuple((action.name, action.until) for action in each.actions),
        covers=each.covers, items=tuple(item_name(items.get(key)) for key in each.covers),
    )  # fmt: skip


def cite_face(cite: Cite, current: Mapping[str, str]) -> CiteFace:
    """One cited section."""
    now = current.get(cite.section, cite.text_sha256)
    return CiteFace(
        cite.section, line(cite.heading), cite.version, cite.text_sha256, now == cite.text_sha256, cite.machine
    )


def action_face(
    action: Action, ref: str, subject: Subject | None, rules: RuleSet, there: Acted = NOBODY
) -> ActionFace:  # fmt: skip
    """One deed, with the address of the platform's own tool. `there`: what others did at its place, by item."""
    deeds = there.get(subject.item_id, ()) if subject else ()
    return ActionFace(
        id=action.id, case_id=action.case, ref=ref, decision=action.decision, name=action.name, kind=action.kind,
        item_type=subject.item_type if subject else "", item=item_name(subject), territory=action.territory,
        until=action.until, by_hand=action.by_hand, state=action.state, external_ref=line(action.external_ref),
        reason=line(action.reason), compensates=action.compensates, link=line(tool_link(subject, rules)),
        at=action.created_at, platform=subject.platform if subject else "",
        acted=line(told(deeds[-1]) if deeds else ""),
    )  # fmt: skip


def tool_link(subject: Subject | None, rules: RuleSet) -> str:
    """Where the platform's own tool shows an item, "" where no address is known. An id cannot leave its place."""
    from urllib.parse import quote

    platform = rules.platforms.get(subject.platform) if subject else None
    if subject is None or platform is None:
        return ""
    address = platform.links.get(subject.item_type) or platform.links.get("*", "")
    named = {"{item_id}": subject.item_id, "{url}": subject.url}
    if any(sign in address and not value for sign, value in named.items()):
        return ""
    for sign, value in named.items():
        address = address.replace(sign, quote(value, safe=""))
    return address


def consult_face(consult: Consult, ref: str, now: int) -> ConsultFace:
    """One question."""
    return ConsultFace(
        id=consult.id, case_id=consult.case, ref=ref, team=consult.team, question=block(consult.question),
        background=block(consult.background), options=tuple(line(each) for each in consult.options), due=consult.due,
        binding=consult.binding, sensitivity=consult.sensitivity, state=consult.state, answer=block(consult.answer),
        source=line(consult.source), offered=block(consult.offered), offered_by=line(consult.offered_by),
        asked_by=consult.created_by, asked_at=consult.created_at, late=consults.is_late(consult, now),
    )  # fmt: skip


def letter_face(message: Message, ref: str) -> LetterFace:
    """One letter."""
    return LetterFace(
        id=message.id, case_id=message.case, ref=ref, party=message.party, direction=message.direction,
        address=line(message.address), subject=line(message.subject), body=block(message.body),
        template=message.template, language=message.language, state=message.state, signoff=message.signoff,
        signoff_role=message.signoff_role, signed_by=message.signed_by,
        relayed_by=line(message.relayed.by if message.relayed else ""), failure=line(message.failure),
        purpose=message.purpose, written_by=message.created_by, at=message.sent_at or message.created_at,
        content_sha256=message.content_sha256,
    )  # fmt: skip


def task_face(task: Task, ref: str, others: tuple[Task, ...] = ()) -> TaskFace:
    """One task; `others` of its case say whether it is blocked."""
    unfinished = {each.id for each in others if checklists.is_open(each)}
    return TaskFace(
        task.id, task.case, ref, line(task.title), task.assignee, task.due, task.state,
        not unfinished.isdisjoint(task.blocked_by), task.checklist,
    )  # fmt: skip


def statement_face(statement: Statement, subject: Subject | None) -> StatementFace:
    """One statement of reasons."""
    fields = tuple(
        (name, block(value if isinstance(value, str) else ", ".join(value)))
        for name, value in sorted(statement.fields.items())
    )
    return StatementFace(
        statement.id, statement.decision, statement.number, item_name(subject), statement.state, statement.language,
        fields, tuple(line(each) for each in statement.problems),
    )  # fmt: skip


def update_face(update: Update) -> UpdateFace:
    """One update."""
    return UpdateFace(
        update.id, update.audience, update.state, tuple((k, block(v)) for k, v in sorted(update.texts.items())),
        update.promised, update.created_by, update.created_at,
    )  # fmt: skip
