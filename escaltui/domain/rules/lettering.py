"""Letters: written, signed off, given up, and what comes in. How one leaves is in `leaving`.

States: draft (or awaiting_signoff, once its text is whole and a role has yet to say yes) -> sending -> sent or failed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from escaltui.domain import letters
from escaltui.domain.entities import BODY_LIMIT, TITLE_LIMIT, Case, Message, Task
from escaltui.domain.operations import DraftMessage, RecordInbound, SignOff, WithdrawMessage
from escaltui.domain.rules import leaving
from escaltui.domain.rules.guards import body_fits, filled, instant, one_of, replaced
from escaltui.domain.rules.leaving import UNSENT, arrived, letter_of, same_words, undecided, whole
from escaltui.domain.rules.moving import own_stream
from escaltui.domain.rules.open_work import counted
from escaltui.domain.rules.status import target
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

ANSWERS = {
    "requester": ("requester",), "affected_user": ("requester",), "authority": ("requester", "law_enforcement"),
    "press": ("requester",), "partner": ("requester",),
}  # fmt: skip
"""Whom a case waits for when a letter of this party ends the wait."""
CAME_LATE = "A letter came in after the case was settled: read it, and answer it or reopen the case."

CAME_BACK = "A letter came back undelivered: read why, and reach its reader another way."


def draft(op: DraftMessage, work: Work) -> None:
    """A new letter, or new words for one that has not left. An edit voids its sign-off."""
    case = work.case(op.case)
    _fits(op)
    if op.message:
        _rewrite(op, letter_of(op, work), work)
        return
    letter = Message(
        id=work.new_id(), stream=case.stream, created_at=work.ctx.now, created_by=work.ctx.actor, case=case.id,
        authors=(work.ctx.actor,), signoff_roles=_roles(op), purpose=op.purpose, about=op.about, **_content(op),
    )  # fmt: skip
    letter = msgspec.structs.replace(letter, stream=own_stream(letter, case.stream, work))
    work.put(standing(letter))
    work.put(counted(case, "letter", 1))


def _fits(op: DraftMessage) -> None:
    one_of(op.party, letters.PARTIES, "party")
    if op.signoff_role:
        one_of(op.signoff_role, letters.SIGNERS, "signoff_role")
    body_fits(op.body, BODY_LIMIT, "body", "Attach the rest as a file.")
    need(len(op.subject) <= TITLE_LIMIT and op.subject.isprintable(), "invalid",
         "A subject is one line of at most {most} characters.", "Shorten it.", fields=("subject",),
         most=TITLE_LIMIT)  # fmt: skip
    need(not op.address or letters.is_address(op.address), "invalid", "That is not one mail address.",
         "Write it as name@example.org; one letter a reader.", fields=("address",))  # fmt: skip


def _content(op: DraftMessage) -> dict[str, Any]:
    names = ("party", "address", "subject", "template", "language", "body", "reply_to")
    return {name: getattr(op, name) for name in names}


def _roles(op: DraftMessage, *before: str) -> tuple[str, ...]:
    return letters.roles_asked(op.party, op.signoff_role, *before)


def _rewrite(op: DraftMessage, letter: Message, work: Work) -> None:
    need(letter.state in UNSENT, "wrong_state", "This letter is {state}.", "Write a new one.",
         state=words(letter.state))  # fmt: skip
    need(not undecided(letter), "wrong_state", "This letter may have been sent: its words stay.",
         "Write a new one, or say what became of it.")  # fmt: skip
    template = op.template or letter.template
    # what a template asked for stays asked while its words are in use, to whomever the letter goes
    before = letter.signoff_roles if template and template == letter.template else ()
    after = msgspec.structs.replace(
        letter, **_content(op) | {"template": template}, signoff_roles=_roles(op, *before), failure="",
        edition=letter.edition + 1,
    )  # fmt: skip
    if not same_words(letter, letters.content_hash(after)):
        authors = tuple(sorted({*letter.authors, work.ctx.actor}))
        after = msgspec.structs.replace(after, signed={}, signed_by="", signed_sha256="", authors=authors)
    work.put(standing(after))


def standing(letter: Message) -> Message:
    """A letter with what follows from its words and its signatures: hash, whose yes is lacking, state."""
    lacking = letters.lacking(letter)
    signoff: Literal["none", "needed", "given"] = (
        "needed" if lacking else "given" if letter.signoff_roles else "none"
    )  # fmt: skip
    ready = bool(letter.body.strip()) and not letters.unfinished(letter.subject, letter.body)
    return msgspec.structs.replace(
        letter, content_sha256=letters.content_hash(letter), signoff=signoff,
        signoff_role=lacking[0] if lacking else "", state="awaiting_signoff" if lacking and ready else "draft",
    )  # fmt: skip


def may_sign(op: SignOff, work: Work) -> None:
    """Refuse whoever lacks the role that is asked for, and whoever wrote the letter."""
    letter, ctx = letter_of(op, work), work.ctx
    lacking = letters.lacking(letter)
    held = [role for role in lacking if role in ctx.roles]
    need(held or not lacking, "not_allowed", "Signing this letter needs {roles}.", "Ask somebody who has that role.",
         roles=words(*lacking))  # fmt: skip
    need(ctx.actor not in letter.authors, "recused", "You wrote this letter.", "Ask somebody else to sign it.")
    held_now = letter.signed.values() if len(lacking) < len(letter.signoff_roles) else ()
    need(ctx.actor not in held_now, "recused", "You have said yes to this letter.",
         "Another person signs as {roles}.", roles=words(*lacking))  # fmt: skip


def sign_off(op: SignOff, work: Work) -> None:
    """One yes, as one role that is lacking, to the very words that were read."""
    letter, actor = letter_of(op, work), work.ctx.actor
    need(letter.state in UNSENT, "wrong_state", "This letter is {state}.", "Look at its thread.",
         state=words(letter.state))  # fmt: skip
    lacking = letters.lacking(letter)
    need(lacking, "wrong_state", "This letter waits for nobody's sign-off.", "Send it.")
    whole(letter, op.content_sha256)
    role = next(role for role in lacking if role in work.ctx.roles)
    earlier = letter.signed if letter.signed_sha256 == op.content_sha256 else {}
    signed = msgspec.structs.replace(
        letter, signed=earlier | {role: actor}, signed_by=actor, signed_sha256=op.content_sha256,
        edition=letter.edition + 1,
    )  # fmt: skip
    work.put(standing(signed))


def withdraw(op: WithdrawMessage, work: Work) -> None:
    """Give a letter up that has not left. One that may have been sent keeps that mark."""
    letter = letter_of(op, work)
    need(letter.state in UNSENT, "wrong_state", "This letter is {state}.",
         "What has left cannot be withdrawn: write a correction.", state=words(letter.state))  # fmt: skip
    work.put(msgspec.structs.replace(letter, state="withdrawn"))
    work.put(counted(work.case(op.case), "letter", -1))


def taken_back(letter: Message) -> Message:
    """What undo makes of a letter just written; its count goes back with the case."""
    need(letter.state in UNSENT and not undecided(letter), "stale", "This letter is {state}.",
         "What has left cannot be withdrawn: write a correction.", state=words(letter.state))  # fmt: skip
    return msgspec.structs.replace(letter, state="withdrawn")


def inbound(op: RecordInbound, work: Work) -> None:
    """A letter that came in, once by its Message-ID. It wakes a case that waits for its writer.

    An answer shows that the letter it answers arrived. On a finished case a task asks for somebody's eyes.
    """
    case, ctx = work.case(op.case), work.ctx
    one_of(op.party, letters.PARTIES, "party")
    known = work.state.list("message_with", op.message_id) if op.message_id else ()
    if any(isinstance(each, Message) and each.direction == "in" for each in known):
        return
    filled("A letter that came in", body=op.body)
    body_fits(op.body, BODY_LIMIT, "body", "Attach the rest as a file.")
    instant(op.received_at, "received_at")
    need(op.received_at <= ctx.now, "invalid", "A letter cannot have come in the future.", "Correct received_at.",
         fields=("received_at",))  # fmt: skip
    letter = Message(
        id=work.new_id(), stream=case.stream, created_at=ctx.now, created_by=ctx.actor, case=case.id,
        party=op.party, direction="in", address=op.address, subject=op.subject, body=op.body,
        message_id=op.message_id, reply_to=op.reply_to, sent_at=op.received_at or ctx.now, state="received",
        automatic=op.automatic, original=op.original, files=op.files,
    )  # fmt: skip
    work.put(msgspec.structs.replace(letter, content_sha256=letters.content_hash(letter)))
    if _answers_nothing(op):
        if op.bounced:
            _came_back(case, op.reply_to, work)
        return
    work.put(_awake(case, op.party, work), "inbound")
    for ours in work.state.list("message_with", op.reply_to) if op.reply_to else ():
        if isinstance(ours, Message) and ours.case == case.id and (undecided(ours) or ours.state == "sending"):
            arrived(ours, ctx.now, work)


def _came_back(case: Case, message_id: str, work: Work) -> None:
    """A letter of ours did not arrive: it stands as not sent, once, and a task asks for somebody's eyes."""
    found = work.state.list("message_with", message_id) if message_id else ()
    ours = [each for each in found if isinstance(each, Message) and each.case == case.id and each.direction == "out"]
    if any(each.failure == letters.CAME_BACK for each in ours):
        return
    case = _with_task(case, CAME_BACK, work)
    for letter in ours:
        if letter.state in ("sent", "sending") or undecided(letter):
            case = counted(case, "letter", 1) if letter.state == "sent" else case
            work.put(msgspec.structs.replace(letter, state="failed", failure=letters.CAME_BACK,
                                             edition=letter.edition + 1))  # fmt: skip
    work.put(case)


def _answers_nothing(op: RecordInbound) -> bool:
    """Whether a program wrote it: an absence note, a bounce."""
    return op.automatic


def _awake(case: Case, party: str, work: Work) -> Case:
    waiting = case.waiting
    if case.status == "waiting" and waiting is not None and waiting.on in ANSWERS.get(party, ()):
        return replaced(case, status=target(case, "wake"), waiting=None)
    if case.status not in ("resolved", "closed"):
        return case
    return _with_task(case, CAME_LATE, work)


def _with_task(case: Case, title: str, work: Work) -> Case:
    task = Task(id=work.new_id(), stream=case.stream, created_at=work.ctx.now, created_by=work.ctx.actor,
                case=case.id, title=title, assignee=case.owner)  # fmt: skip
    work.put(task)
    return counted(case, "task", 1)


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    DraftMessage: draft, SignOff: sign_off, WithdrawMessage: withdraw, RecordInbound: inbound, **leaving.HANDLERS,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {SignOff: may_sign}
