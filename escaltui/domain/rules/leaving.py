"""How a letter leaves the house, and what may not: the guards of sending and relaying, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from escaltui.domain import letters
from escaltui.domain.entities import Case, Consult, Message
from escaltui.domain.exchange import Relayed
from escaltui.domain.operations import RecordSent, RelayMessage, SendMessage
from escaltui.domain.rules.guards import filled, instant, one_of
from escaltui.domain.rules.open_work import counted
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

Way = Literal["", "mail", "exported", "relayed", "webhook"]
UNSENT = frozenset({"draft", "awaiting_signoff", "failed"})
WAYS = ("mail", "exported", "webhook")
OUTCOMES = ("sent", "failed", "unknown", "exported")
FAILURE_LIMIT = 300
ID_LIMIT = 250


def letter_of(op: Any, work: Work) -> Message:
    """The letter that an operation names; it must be one of ours on this case."""
    letter = work.row(Message, op.message)
    need(letter.case == op.case, "not_found", "There is no such letter on this case.", "Look at its letters.")
    need(letter.direction == "out", "wrong_state", "That letter came in.", "Write an answer to it.")
    return letter


def undecided(letter: Message) -> bool:
    """Whether nobody knows if it arrived."""
    return letter.state == "failed" and letter.failure == letters.MAY_HAVE


def same_words(letter: Message, content_sha256: str) -> bool:
    """Whether a hash is that of the letter's words as they stand."""
    return content_sha256 == letters.content_hash(letter)


def whole(letter: Message, content_sha256: str) -> None:
    """Refuse words that are not the ones somebody read, and a text that is not finished."""
    need(same_words(letter, content_sha256), "stale", "The letter was changed since you read it.",
         "Read it again.", fields=("content_sha256",))  # fmt: skip
    filled("A letter", subject=letter.subject, body=letter.body)
    marks = letters.unfinished(letter.subject, letter.body, letter.address)
    need(not marks, "incomplete", "The letter is not finished: {marks}.", "Fill these in, or take them out.",
         fields=("body",), marks=", ".join(marks))  # fmt: skip


def may_leave(op: SendMessage | RelayMessage, letter: Message, case: Case, work: Work) -> None:
    """Everything that keeps a letter in the house, whichever way it would leave."""
    need(letter.state != "sending", "wrong_state", "This letter is being sent.", "Wait for what becomes of it.")
    need(letter.state in UNSENT, "wrong_state", "This letter is {state}.", "Write a new one.",
         state=words(letter.state))  # fmt: skip
    user_may_be_told(letter, case, work)
    whole(letter, op.content_sha256 if isinstance(op, SendMessage) else letters.content_hash(letter))
    refs = letters.pending_refs(f"{letter.subject}\n{letter.body}", case.id, case.ref)
    need(not refs, "blocked", "{refs} is not this case's settled reference.", "Write {ref} instead.",
         fields=("body",), refs=", ".join(refs), ref=case.ref)  # fmt: skip
    lacking = letters.lacking(letter)
    need(not lacking, "blocked", "The letter lacks a sign-off: {roles}.", "Ask somebody who has that role.",
         roles=words(*lacking))  # fmt: skip
    _quotes_nothing_privileged(letter, work)


def user_may_be_told(letter: Message, case: Case, work: Work) -> None:
    """Refuse while an order or a law keeps the affected user from being told. The letter stays a draft.

    The appellant of an appeal is that user; and an address that the user is written to is theirs, whoever is named.
    """
    notice, now = case.user_notice, work.ctx.now
    if not notice.forbids(now) or not _reaches_user(letter, case, work):
        return
    if notice.rule == "delayed" and notice.until is not None:
        day = f"{datetime.fromtimestamp(notice.until / 1000, UTC):%Y-%m-%d %H:%M} UTC"
        need(False, "blocked", "The affected user may not be told before {day} ({source}).",
             "The letter is kept as a draft until then.", day=day, source=notice.source or "?")  # fmt: skip
    need(False, "blocked", "The affected user may not be told ({source}).", "The letter is kept as a draft.",
         source=notice.source or "?")  # fmt: skip


def _reaches_user(letter: Message, case: Case, work: Work) -> bool:
    if letter.party == "affected_user" or (letter.party == "requester" and case.type == "appeal"):
        return True
    others = (each for each in work.state.list("messages", case.id) if isinstance(each, Message))
    theirs = {each.address.casefold() for each in others if each.party == "affected_user" and each.address}
    return letter.address.casefold() in theirs


def _quotes_nothing_privileged(letter: Message, work: Work) -> None:
    consults = [each for each in work.state.list("consults", letter.case) if isinstance(each, Consult)]
    for consult in consults:
        if consult.sensitivity == "privileged":
            secrets = (consult.answer, consult.offered, consult.question, consult.background)
            need(not letters.quoted(f"{letter.subject}\n\n{letter.body}", secrets), "blocked",
                 "The letter quotes a privileged consult ({team}).", "Say it in other words, or leave it out.",
                 fields=("body",), team=words(consult.team))  # fmt: skip


def send(op: SendMessage, work: Work) -> None:
    """Mark a letter as being sent, under a Message-ID that stays. Whoever asked sends it now, and says what became."""
    case, letter, ctx = work.case(op.case), letter_of(op, work), work.ctx
    one_of(op.way, WAYS, "way")
    need(op.again or not undecided(letter), "blocked", "This letter may have been sent already.",
         "Ask its reader; if it did not arrive, send it again expressly.")  # fmt: skip
    may_leave(op, letter, case, work)
    if op.way == "mail":
        filled("Sending a letter", address=letter.address)
    own = letters.bare_id(op.message_id)
    need(len(own) <= ID_LIMIT and own.isascii() and own.isprintable() and " " not in own, "invalid",
         "That is no Message-ID.", "Leave it out.", fields=("message_id",))  # fmt: skip
    work.put(
        msgspec.structs.replace(
            letter, state="sending", way=op.way, sending_at=ctx.now, sending_on=ctx.device, failure="",
            message_id=letter.message_id or own, edition=letter.edition + 1,
        )
    )  # fmt: skip


def relay(op: RelayMessage, work: Work) -> None:
    """Somebody else brought the letter over: it is sent, by them, then."""
    case, letter = work.case(op.case), letter_of(op, work)
    filled("A relayed letter", by=op.by, at=op.at)
    instant(op.at, "at")
    need(op.at <= work.ctx.now, "invalid", "That time has not come.", "Say when it was brought over.", fields=("at",))
    may_leave(op, letter, case, work)
    arrived(msgspec.structs.replace(letter, relayed=Relayed(op.by, op.at)), op.at, work, "relayed")


def arrived(letter: Message, at: int, work: Work, way: Way = "") -> None:
    """Put a letter as sent, off its case's list of open ones; tell the clocks."""
    events = [f"letter:{letter.party}"]
    if letter.party in ("requester", "authority"):
        events.append("answered")
    after = msgspec.structs.replace(
        letter, state="sent", sent_at=at, failure="", way=way or letter.way, edition=letter.edition + 1
    )  # fmt: skip
    work.put(after)
    work.put(counted(work.case(letter.case), "letter", -1), *events)


def record_sent(op: RecordSent, work: Work) -> None:
    """What became of a letter: of one being sent, or of one that may have been sent, once somebody knows."""
    letter = letter_of(op, work)
    one_of(op.outcome, OUTCOMES, "outcome")
    need(letter.state == "sending" or undecided(letter), "wrong_state", "This letter is not being sent: it is {state}.",
         "Send it first.", state=words(letter.state))  # fmt: skip
    work.reason = op.failure[:FAILURE_LIMIT]
    own = msgspec.structs.replace(letter, message_id=letter.message_id or letters.bare_id(op.message_id)[:ID_LIMIT])
    if op.outcome in ("sent", "exported"):
        arrived(own, work.ctx.now, work, "exported" if op.outcome == "exported" else "")
        return
    failure = op.failure[:FAILURE_LIMIT].strip() or "not sent"
    work.put(msgspec.structs.replace(own, state="failed",
                                     failure=letters.MAY_HAVE if op.outcome == "unknown" else failure))  # fmt: skip


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    SendMessage: send, RelayMessage: relay, RecordSent: record_sent,
}  # fmt: skip
