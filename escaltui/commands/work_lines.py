"""What is decided, asked, written and still to do, as values by name: for `show` and for the lists across cases."""

from __future__ import annotations

from collections.abc import Iterator

from escaltui.commands.output import At, Column, Value
from escaltui.i18n import _
from escaltui.safety.text import SafeText
from escaltui.work_faces import (
    ActionFace,
    ConsultFace,
    DecisionFace,
    LetterFace,
    LineFace,
    StatementFace,
    TaskFace,
    UpdateFace,
    WorkFace,
)

Record = dict[str, Value]
REF = Column("ref", "REF", 8)
ACTIONS = (REF, Column("action", "ACTION", 16), Column("state", "STATE", 9), Column("item", "ITEM", 20),
           Column("where", "WHERE", 8, least=100), Column("id", "ID", 26, least=120),
           Column("tool", "IN THE TOOL", 0, least=90))  # fmt: skip
CONSULTS = (REF, Column("team", "TEAM", 14), Column("state", "STATE", 12), Column("due", "DUE", 21),
            Column("id", "ID", 26, least=110), Column("question", "QUESTION", 0))  # fmt: skip
LETTERS = (REF, Column("party", "PARTY", 13), Column("state", "STATE", 17), Column("signs", "SIGNS", 8),
           Column("letter", "ID", 26, least=100), Column("subject", "SUBJECT", 0))  # fmt: skip
TASKS = (REF, Column("state", "STATE", 9), Column("for", "FOR", 10), Column("due", "DUE", 21),
         Column("task", "ID", 26, least=100), Column("title", "TASK", 0))  # fmt: skip
STATEMENTS = (REF, Column("number", "N", 4), Column("state", "STATE", 9), Column("item", "ITEM", 20),
              Column("statement", "ID", 26, least=100), Column("problems", "TO MEND", 0))  # fmt: skip


def work(face: WorkFace) -> Iterator[Record]:
    """All of it for one case, in the order of the work."""
    for decision in (*((face.decision,) if face.decision else ()), *face.earlier):
        yield from decided(decision)
    yield from map(action, face.actions)
    yield from map(consult, face.consults)
    yield from (letter(each) | {"text": each.body} for each in face.letters)
    yield from map(task, face.tasks)
    yield from map(statement, face.statements)
    yield from map(update, face.updates)


def head(face: WorkFace) -> Record:
    """What goes with the case itself: whether the user may be told, whose appeal it is, who is kept up to date."""
    appeal = face.appeal
    told = face.notice if face.notice != "allowed" or face.notice_source else None
    return {
        "user_notice": told, "user_notice_until": At(face.notice_until), "user_notice_source": face.notice_source,
        "appeals": appeal[0] if appeal else None, "appeal_level": appeal[1] if appeal else None,
        "appeal_grounds": appeal[2] if appeal else None, "takes_effect": At(face.hold_until),
        "kept_up_to_date": [f"{name.value} ({length}, {where.value})" for name, where, length in face.stakeholders],
        "laws_to_check": face.legal_unread,
    }  # fmt: skip


def decided(face: DecisionFace) -> Iterator[Record]:
    """A decision, then each of its lines."""
    yield {
        "decision": face.id, "state": face.state, "approval": face.approval, "by": face.proposed_by,
        "at": At(face.proposed_at), "awaits": face.lacks,
        "approved_by": [f"{person} as {role}" for role, person, _at in face.approvals],
        "rules": face.rules_matched, "reach": face.reach or None, "facts": face.facts, "why": face.rationale,
        "rests_on_the_spirit": face.spirit or None, "departs": face.departure_reason if face.departs else None,
        "appeal_outcome": face.appeal_outcome, "reverses": face.reverses, "supersedes": face.supersedes,
        "returned": face.returned, "review_by": At(face.review_by), "takes_effect": At(face.hold_until),
        "in_effect_since": At(face.effective_at), "content_sha256": face.content_sha256,
    }  # fmt: skip
    yield from map(line, face.lines)


def line(face: LineFace) -> Record:
    """One line of a decision; the default line holds for all items that no other names."""
    until = next((end for _name, end in face.actions if end), None)
    return {
        "line": face.number, "outcome": face.outcome, "own_policy": face.own_policy, "ground": face.ground,
        "sections": [f"{each.section}@{each.version}{'' if each.current else ' (a newer text is in force)'}"
                     for each in face.cites],
        "where": face.territory, "exception": face.exception, "actions": [name for name, _end in face.actions],
        "until": At(until), "items": face.items or _("all others"),
    }  # fmt: skip


def action(face: ActionFace) -> Record:
    """One deed."""
    return {
        "action": face.name, "ref": face.ref, "state": face.state, "item": face.item, "item_type": face.item_type,
        "where": face.territory, "until": At(face.until), "by_hand": face.by_hand or None,
        "reference": face.external_ref, "reason": face.reason, "takes_back": face.compensates, "tool": face.link,
        "id": face.id,
    }  # fmt: skip


def consult(face: ConsultFace) -> Record:
    """One question to a team."""
    return {
        "consult": face.id, "ref": face.ref, "team": face.team, "state": face.state, "question": face.question,
        "background": face.background, "options": face.options, "due": At(face.due), "late": face.late or None,
        "binding": face.binding, "who_may_see_it": face.sensitivity, "answer": face.answer, "source": face.source,
        "offered": face.offered, "offered_by": face.offered_by, "asked_by": face.asked_by,
        "asked_at": At(face.asked_at), "id": face.id,
    }  # fmt: skip


def letter(face: LetterFace) -> Record:
    """One letter without its text."""
    signs = f"{face.signoff_role}: {face.signoff}" if face.signoff == "needed" else face.signed_by
    return {
        "letter": face.id, "ref": face.ref, "direction": face.direction, "party": face.party, "state": face.state,
        "signs": signs, "address": face.address, "subject": face.subject, "template": face.template,
        "language": face.language, "at": At(face.at), "by": face.written_by, "relayed_by": face.relayed_by,
        "failure": face.failure, "purpose": face.purpose, "content_sha256": face.content_sha256,
    }  # fmt: skip


def task(face: TaskFace) -> Record:
    """One thing to do."""
    return {"task": face.id, "ref": face.ref, "title": face.title, "state": face.state, "for": face.assignee,
            "due": At(face.due), "blocked": face.blocked or None, "checklist": face.checklist}  # fmt: skip


def statement(face: StatementFace, ref: str = "") -> Record:
    """One statement of reasons with what is wrong in it, without its fields."""
    return {"statement": face.id, "ref": ref, "number": face.number, "item": face.item, "state": face.state,
            "language": face.language, "decision": face.decision, "problems": face.problems}  # fmt: skip


def update(face: UpdateFace) -> Record:
    """One update to the stakeholders."""
    texts: dict[str, SafeText] = dict(face.texts)
    return {"update": face.id, "audience": face.audience, "state": face.state, "by": face.by, "at": At(face.at),
            "next_promised": At(face.promised), "text": texts.get("line")}  # fmt: skip
